/** Builds updates as the edge sends them. */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type LiveUpdate, LiveUpdateSchema } from "../src/gen/spotter/edge/v1/edge_pb";
import type { EventSchema } from "../src/gen/spotter/events/v1/events_pb";
import { applyUpdate } from "../src/live/reducer";
import { EMPTY_STATE, type LiveState } from "../src/live/state";

export const NOW_MS = 1_800_000_000_000;

type Body = NonNullable<MessageInitShape<typeof EventSchema>["body"]>;

let made = 0;

/** An event; each call makes a new id unless one is given. */
export function event(body: Body, options: { id?: string; publishMs?: number; resumeToken?: string } = {}): LiveUpdate {
  const { id = `event-${++made}`, publishMs = NOW_MS, resumeToken = "" } = options;
  const meta = { eventId: id, gymId: "gym", publishTime: timestampFromMs(publishMs) };
  return create(LiveUpdateSchema, { update: { case: "event", value: { meta, body } }, resumeToken });
}

export function opened(setId: string, exercise = "squat", setNumber = 1): LiveUpdate {
  return event({ case: "setOpened", value: { setId, personId: "p", cameraId: "c", exercise, setNumber } });
}

export function repetition(setId: string, number: number, exercise = "squat", id?: string): LiveUpdate {
  const value = { setId, personId: "p", cameraId: "c", exercise, number, score: 80, rangeOfMotionDeg: 90 };
  return event({ case: "repetitionCounted", value }, id === undefined ? {} : { id });
}

export function closed(setId: string, repetitions: number, exercise = "squat"): LiveUpdate {
  return event({ case: "setClosed", value: { setId, personId: "p", exercise, repetitions, score: 77 } });
}

/** The state after all of `updates`. */
export function after(...updates: LiveUpdate[]): LiveState {
  return updates.reduce((state, update) => applyUpdate(state, update, NOW_MS), EMPTY_STATE);
}
