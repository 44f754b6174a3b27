import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { AlertKind } from "../src/gen/spotter/common/v1/safety_pb";
import { AlertSchema } from "../src/gen/spotter/motion/v1/safety_pb";
import { mergeAlerts, openAlerts, placeWords } from "../src/live/alerts";
import { EMPTY_STATE } from "../src/live/state";
import { after, event, NOW_MS } from "./build";

const body = (alertId: string, toldCount: number, beginMs = NOW_MS) => ({
  alertId,
  kind: AlertKind.FALL,
  personId: "p",
  cameraId: "c",
  beginTime: timestampFromMs(beginMs),
  placeXRatio: 0.2,
  placeYRatio: 0.8,
  clipId: `clip-${alertId}`,
  toldCount,
});
const raised = (alertId: string, beginMs = NOW_MS) => event({ case: "safetyAlertRaised", value: body(alertId, 1, beginMs) });
const repeated = (alertId: string, toldCount: number) =>
  event({ case: "safetyAlertRepeated", value: body(alertId, toldCount) });
const acknowledged = (alertId: string) =>
  event({ case: "safetyAlertAcknowledged", value: { alertId, personId: "p", cameraId: "c", acknowledgedBy: "staff" } });
const listed = (alertId: string) => create(AlertSchema, { ...body(alertId, 3), gymId: "gym" });

describe("alerts", () => {
  it("stand until they are acknowledged, newest first", () => {
    const state = after(raised("a", NOW_MS - 5_000), raised("b"));
    expect(openAlerts(state).map((alert) => alert.alertId)).toEqual(["b", "a"]);
    expect(openAlerts(after(raised("a"), acknowledged("a")))).toEqual([]);
  });

  it("count how often they were told, and never backwards", () => {
    const state = after(raised("a"), repeated("a", 3), repeated("a", 2));
    expect(state.alerts["a"]?.toldCount).toBe(3);
  });

  it("don't come back by a reminder that arrives after the acknowledgement", () => {
    expect(openAlerts(after(raised("a"), acknowledged("a"), repeated("a", 2)))).toEqual([]);
  });

  it("are found again when the page is loaded anew", () => {
    const state = mergeAlerts(EMPTY_STATE, EMPTY_STATE, [listed("a")]);
    expect(openAlerts(state)).toMatchObject([{ alertId: "a", toldCount: 3, clipId: "clip-a" }]);
  });

  it("go when the list no longer has them, and stay when they came while it was under way", () => {
    const before = after(raised("old"));
    const now = after(raised("old"), raised("new"));
    expect(openAlerts(mergeAlerts(now, before, [])).map((alert) => alert.alertId)).toEqual(["new"]);
  });

  it("say where in the picture", () => {
    const state = after(raised("a"));
    expect(placeWords(openAlerts(state)[0]!)).toBe("left of the picture, in front");
  });
});
