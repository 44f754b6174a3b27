import { describe, expect, it } from "vitest";
import { parseEntry, randomUuid } from "../src/api/credentials";
import { Role } from "../src/gen/spotter/edge/v1/edge_pb";
import { parseRoute, routeHash } from "../src/routes";

describe("the address", () => {
  it.each([
    ["#token=a.b.c", { kind: "token", token: "a.b.c" }],
    ["#claim=XY_z-1", { kind: "claim", code: "XY_z-1" }],
    ["#/gym", { kind: "none" }],
    ["#token=", { kind: "none" }],
    ["", { kind: "none" }],
  ])("%s brings %o", (fragment, entry) => {
    expect(parseEntry(fragment)).toEqual(entry);
  });

  it.each([
    ["", Role.STAFF, { page: "gym" }],
    ["#/person/p-1", Role.STAFF, { page: "person", personId: "p-1", tab: "live" }],
    ["#/person/p-1/replay", Role.STAFF, { page: "person", personId: "p-1", tab: "replay" }],
    ["", Role.MEMBER, { page: "person", personId: "", tab: "live" }],
    ["#/me/statistics", Role.MEMBER, { page: "person", personId: "", tab: "statistics" }],
    ["#/person/somebody-else/replay", Role.MEMBER, { page: "person", personId: "", tab: "replay" }],
    ["#/gym", Role.MEMBER, { page: "person", personId: "", tab: "live" }],
    ["#/person/%E0%A4%A", Role.STAFF, { page: "person", personId: "%E0%A4%A", tab: "live" }],
  ] as const)("%s leads role %i to %o", (hash, role, route) => {
    expect(parseRoute(hash, role)).toEqual(route);
  });

  it("is written so that it reads back the same", () => {
    const route = { page: "person", personId: "a/b c", tab: "statistics" } as const;
    expect(parseRoute(routeHash(route), Role.STAFF)).toEqual(route);
  });
});

it("makes UUIDs of version 4 without a secure context", () => {
  expect(randomUuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
