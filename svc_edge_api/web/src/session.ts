/** Who sits before the screen: from the address and the browser's memory to a role. */
import { Code, ConnectError } from "@connectrpc/connect";
import { signal } from "@preact/signals";
import { edge, explain } from "./api/client";
import { deviceId, forgetToken, loadToken, parseEntry, saveToken } from "./api/credentials";
import type { GetMeResponse } from "./gen/spotter/edge/v1/edge_pb";

export type Session =
  | { readonly kind: "checking"; readonly note: string }
  | { readonly kind: "signed-out"; readonly reason: string }
  | { readonly kind: "signed-in"; readonly me: GetMeResponse };

/** How the visitor stands now. */
export const session = signal<Session>({ kind: "checking", note: "" });

const RETRY_MS = 3_000;
const RETRIABLE: readonly Code[] = [Code.Unavailable, Code.DeadlineExceeded, Code.Unknown, Code.Internal];

/** Takes a token or a claim code out of the address, if one is there, and asks the edge what it allows. */
export async function enter(): Promise<void> {
  const entry = parseEntry(location.hash);
  if (entry.kind !== "none") history.replaceState(null, "", location.pathname + location.search);
  if (entry.kind === "token") saveToken(entry.token);
  if (entry.kind === "claim" && !(await redeem(entry.code))) return;
  await checkToken();
}

/** Forgets the token; `reason` tells the visitor why. */
export function signOut(reason = ""): void {
  forgetToken();
  session.value = { kind: "signed-out", reason };
}

/** Signs in with a token that was typed or pasted. */
export async function signIn(token: string): Promise<void> {
  saveToken(token.trim());
  await checkToken();
}

async function redeem(code: string): Promise<boolean> {
  session.value = { kind: "checking", note: "Linking this phone…" };
  try {
    saveToken((await edge.redeemClaimCode({ code, deviceId: deviceId() })).token);
    return true;
  } catch (cause) {
    const gone = ConnectError.from(cause).code === Code.NotFound;
    const reason = gone ? "That code was used already or has run out. Scan a new one at the screen." : explain(cause);
    session.value = { kind: "signed-out", reason };
    return false;
  }
}

async function checkToken(): Promise<void> {
  if (loadToken() === "") {
    session.value = { kind: "signed-out", reason: "" };
    return;
  }
  session.value = { kind: "checking", note: "" };
  for (;;) {
    try {
      session.value = { kind: "signed-in", me: await edge.getMe({}) };
      return;
    } catch (cause) {
      const { code } = ConnectError.from(cause);
      if (!RETRIABLE.includes(code)) return signOut(explain(cause));
      session.value = { kind: "checking", note: "The gym can't be reached. Trying again…" };
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
