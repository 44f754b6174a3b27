/** How alerts come and go. An acknowledged one stays acknowledged, in whatever order it is told. */
import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { SafetyAlert } from "../gen/spotter/events/v1/events_pb";
import type { Alert } from "../gen/spotter/motion/v1/safety_pb";
import type { LiveAlert, LiveState } from "./state";

/** Acknowledged alerts remembered. */
const ACKNOWLEDGED_LIMIT = 100;

function liveAlert(told: SafetyAlert | Alert): LiveAlert {
  const { alertId, kind, personId, cameraId, clipId, toldCount } = told;
  return {
    alertId,
    kind,
    personId,
    cameraId,
    clipId,
    toldCount,
    beginMs: told.beginTime === undefined ? 0 : timestampMs(told.beginTime),
    placeX: told.placeXRatio,
    placeY: told.placeYRatio,
  };
}

/** An alert was told, for the first time or again. */
export function withAlert(state: LiveState, told: SafetyAlert | Alert): LiveState {
  if (state.acknowledgedIds.includes(told.alertId)) return state;
  const before = state.alerts[told.alertId];
  if (before !== undefined && before.toldCount >= told.toldCount) return state;
  return { ...state, alerts: { ...state.alerts, [told.alertId]: liveAlert(told) } };
}

/** Somebody looks after an alert. */
export function withoutAlert(state: LiveState, alertId: string): LiveState {
  const { [alertId]: _, ...alerts } = state.alerts;
  return { ...state, alerts, acknowledgedIds: [...state.acknowledgedIds, alertId].slice(-ACKNOWLEDGED_LIMIT) };
}

/** The open alerts, as ListAlerts told them; `before` is what was known when it was asked. */
export function mergeAlerts(state: LiveState, before: LiveState, open: readonly Alert[]): LiveState {
  const listed = new Set(open.map((alert) => alert.alertId));
  // What came in while the list was under way isn't in it.
  const gone = Object.keys(before.alerts).filter((id) => !listed.has(id));
  const rest = gone.reduce((s, id) => (s.alerts[id] === undefined ? s : withoutAlert(s, id)), state);
  return open.reduce(withAlert, rest);
}

/** Open alerts, newest first. */
export function openAlerts(state: LiveState): LiveAlert[] {
  return Object.values(state.alerts).sort((a, b) => b.beginMs - a.beginMs);
}

/** Where in the picture, in words. */
export function placeWords(alert: LiveAlert): string {
  const across = alert.placeX < 1 / 3 ? "left" : alert.placeX > 2 / 3 ? "right" : "middle";
  const depth = alert.placeY < 0.5 ? "at the back" : "in front";
  return `${across} of the picture, ${depth}`;
}
