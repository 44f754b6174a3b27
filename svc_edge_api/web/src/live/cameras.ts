/** Words and order for camera states. */
import { Camera_State } from "../gen/spotter/ingest/v1/ingest_pb";

const WORDS: Readonly<Record<Camera_State, string>> = {
  [Camera_State.UNSPECIFIED]: "Unknown",
  [Camera_State.CONNECTING]: "Connecting",
  [Camera_State.LIVE]: "Live",
  [Camera_State.STALLED]: "Stalled",
  [Camera_State.FAILED]: "Failed",
  [Camera_State.ENDED]: "Ended",
};

const BY_NAME: Readonly<Record<string, Camera_State>> = {
  CONNECTING: Camera_State.CONNECTING,
  LIVE: Camera_State.LIVE,
  STALLED: Camera_State.STALLED,
  FAILED: Camera_State.FAILED,
  ENDED: Camera_State.ENDED,
};

/** What a screen calls a state. */
export function cameraStateWord(state: Camera_State): string {
  return WORDS[state];
}

/** The state that an event names, "STATE_LIVE" or "LIVE". */
export function cameraStateFromName(name: string): Camera_State {
  return BY_NAME[name.replace(/^STATE_/, "").toUpperCase()] ?? Camera_State.UNSPECIFIED;
}
