/**
 * Token and device id of this browser.
 *
 * A tab keeps its own token (so that a staff screen and a phone view can stand side by side); a new tab starts with
 * the last one that this browser got.
 */
const TOKEN = "spotter.token";
const DEVICE = "spotter.device";

/** What the address brings along: a token, a claim code, or nothing. */
export type Entry =
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "claim"; readonly code: string }
  | { readonly kind: "none" };

/** Reads "#token=…" or "#claim=…". */
export function parseEntry(fragment: string): Entry {
  const fields = new URLSearchParams(fragment.replace(/^#/, ""));
  const token = fields.get("token")?.trim() ?? "";
  const code = fields.get("claim")?.trim() ?? "";
  if (token !== "") return { kind: "token", token };
  if (code !== "") return { kind: "claim", code };
  return { kind: "none" };
}

/** The token; empty where there is none. */
export function loadToken(): string {
  return sessionStorage.getItem(TOKEN) ?? localStorage.getItem(TOKEN) ?? "";
}

export function saveToken(token: string): void {
  sessionStorage.setItem(TOKEN, token);
  localStorage.setItem(TOKEN, token);
}

/** Forgets the token, and what other tabs started with where it is the same one. */
export function forgetToken(): void {
  if (localStorage.getItem(TOKEN) === loadToken()) localStorage.removeItem(TOKEN);
  sessionStorage.removeItem(TOKEN);
}

/** The id this browser made for itself (UUID). */
export function deviceId(): string {
  const known = localStorage.getItem(DEVICE);
  if (known !== null) return known;
  const made = randomUuid();
  localStorage.setItem(DEVICE, made);
  return made;
}

/** `crypto.randomUUID` is missing on plain http, which is how a phone reaches a gym's own network. */
export function randomUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
