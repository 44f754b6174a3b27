/** Where in the app: "#/gym", "#/me/<tab>", "#/person/<id>/<tab>". */
import { signal } from "@preact/signals";
import { Role } from "./gen/spotter/edge/v1/edge_pb";

export const TABS = ["live", "replay", "statistics", "history"] as const;
export type Tab = (typeof TABS)[number];

export type Route =
  | { readonly page: "gym" }
  /** An empty id is the member's own person. */
  | { readonly page: "person"; readonly personId: string; readonly tab: Tab };

/** The address's fragment. */
export const fragment = signal(globalThis.location?.hash ?? "");

/** Reads a fragment; a member always lands on the own person, others on the gym unless they ask for a person. */
export function parseRoute(hash: string, role: Role): Route {
  const [page = "", first = "", second = ""] = hash.replace(/^#\/?/, "").split("/").map(decodeSegment);
  if (role === Role.MEMBER) return { page: "person", personId: "", tab: asTab(page === "person" ? second : first) };
  if (page === "person" && first !== "") return { page: "person", personId: first, tab: asTab(second) };
  return { page: "gym" };
}

/** The fragment that leads to `route`. */
export function routeHash(route: Route): string {
  if (route.page === "gym") return "#/gym";
  return route.personId === "" ? `#/me/${route.tab}` : `#/person/${encodeURIComponent(route.personId)}/${route.tab}`;
}

function asTab(word: string): Tab {
  return TABS.find((tab) => tab === word) ?? "live";
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
