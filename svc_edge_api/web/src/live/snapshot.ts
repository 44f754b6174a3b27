/** The state that a snapshot describes. */
import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { Guidance } from "../gen/spotter/coach/v1/coach_pb";
import type { Snapshot } from "../gen/spotter/edge/v1/edge_pb";
import type { Camera } from "../gen/spotter/ingest/v1/ingest_pb";
import type { Set as SetMessage } from "../gen/spotter/motion/v1/motion_pb";
import { type GuidanceLine, type LiveCamera, type LivePerson, type LiveSet, type LiveState, unknownPerson } from "./state";

/** A camera as a screen needs it. */
export function liveCamera(camera: Camera): LiveCamera {
  const { cameraId, displayName, state, stateDetail } = camera;
  return { cameraId, displayName: displayName || cameraId, state, detail: stateDetail };
}

function guidanceLine(guidance: Guidance): GuidanceLine {
  const { guidanceId, text, kind, severity, createTime } = guidance;
  return { id: guidanceId, text, kind, severity, sinceMs: createTime ? timestampMs(createTime) : 0, live: false };
}

function liveSet(set: SetMessage, before: LiveSet | null): LiveSet {
  const { setId, number, exercise, open, repetitionCount, holdS, score } = set;
  const counted = before?.setId === setId ? before.counted : [];
  return { setId, number, exercise, open, repetitions: repetitionCount, holdS, score, counted };
}

/** The newest set of a person: the one that runs, else the last. */
function newest(sets: readonly SetMessage[]): SetMessage | undefined {
  return [...sets].sort((a, b) => Number(b.open) - Number(a.open) || b.number - a.number)[0];
}

/** `snapshot` replaces what was known of people and cameras; of people known before, it keeps what it doesn't tell. */
export function fromSnapshot(state: LiveState, snapshot: Snapshot): LiveState {
  const people: Record<string, LivePerson> = {};
  for (const { personId, label, claimed, present } of snapshot.people) {
    const before = state.people[personId] ?? unknownPerson(personId);
    const set = newest(snapshot.sets.filter((s) => s.personId === personId));
    const said = snapshot.guidance.find((g) => g.personId === personId);
    people[personId] = {
      ...before,
      label,
      claimed,
      present,
      set: set === undefined ? null : liveSet(set, before.set),
      guidance: said === undefined || (before.guidance?.text === said.text) ? before.guidance : guidanceLine(said),
    };
  }
  const cameras = Object.fromEntries(snapshot.cameras.map((c) => [c.cameraId, liveCamera(c)]));
  return { ...state, people, cameras };
}
