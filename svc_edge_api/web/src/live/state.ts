/**
 * What a screen knows about the gym, as plain values: no protobuf, no browser, no clock.
 *
 * Times named `…Ms` are milliseconds since the epoch; `…AtMs` on this device's clock, others on the server's.
 */
import type { ActivityState, Fault, Severity } from "../gen/spotter/common/v1/exercise_pb";
import type { AlertKind } from "../gen/spotter/common/v1/safety_pb";
import type { GuidanceKind } from "../gen/spotter/events/v1/events_pb";
import type { Camera_State } from "../gen/spotter/ingest/v1/ingest_pb";

/** What a person does this moment; stale about a second after `receivedAtMs`. */
export interface Activity {
  readonly state: ActivityState;
  readonly exercise: string;
  readonly setId: string;
  readonly repetitions: number;
  /** 0 at the start of the stroke, 1 at its end. */
  readonly rangeOfMotionRatio: number;
  readonly holdS: number;
  readonly faults: readonly Fault[];
  readonly publishMs: number;
  readonly receivedAtMs: number;
}

/** One counted repetition. */
export interface LiveRepetition {
  readonly number: number;
  /** 0..100. */
  readonly score: number;
  readonly rangeOfMotionDeg: number;
  readonly faults: readonly Fault[];
}

/** A set that runs, or the last one that ran. */
export interface LiveSet {
  readonly setId: string;
  /** Number in the person's session, from 1; 0 while unknown. */
  readonly number: number;
  readonly exercise: string;
  readonly open: boolean;
  readonly repetitions: number;
  readonly holdS: number;
  /** 0..100; 0 while unknown. */
  readonly score: number;
  /** The repetitions that were announced, by number; those before the page was opened are missing. */
  readonly counted: readonly LiveRepetition[];
}

/** Something the coach said. */
export interface GuidanceLine {
  readonly id: string;
  readonly text: string;
  readonly kind: GuidanceKind;
  readonly severity: Severity;
  readonly sinceMs: number;
  /** True where it was said while this page watched; false where it was found in the snapshot. */
  readonly live: boolean;
}

/** One person. */
export interface LivePerson {
  readonly personId: string;
  /** "Person 3"; empty until it is known. */
  readonly label: string;
  readonly present: boolean;
  readonly claimed: boolean;
  readonly activity: Activity | null;
  readonly set: LiveSet | null;
  readonly guidance: GuidanceLine | null;
}

/** One camera. */
export interface LiveCamera {
  readonly cameraId: string;
  readonly displayName: string;
  readonly state: Camera_State;
  /** Sentence for staff; empty where all is well. */
  readonly detail: string;
}

/** Somebody may need help, and nobody has said that they look after it. */
export interface LiveAlert {
  readonly alertId: string;
  readonly kind: AlertKind;
  readonly personId: string;
  readonly cameraId: string;
  /** When it began, on the camera's clock. */
  readonly beginMs: number;
  /** Where the hips were, shares of the picture's width and height. */
  readonly placeX: number;
  readonly placeY: number;
  readonly clipId: string;
  /** How often it has been told. */
  readonly toldCount: number;
}

/** Everything. */
export interface LiveState {
  readonly people: Readonly<Record<string, LivePerson>>;
  readonly cameras: Readonly<Record<string, LiveCamera>>;
  /** Open alerts by id; empty for everybody but staff. */
  readonly alerts: Readonly<Record<string, LiveAlert>>;
  /** Ids of alerts that were acknowledged, oldest first, bounded: an event that comes late opens none of them again. */
  readonly acknowledgedIds: readonly string[];
  /** Ids of events already applied, oldest first, bounded. */
  readonly seenEventIds: readonly string[];
  /** resume_token of the last update that had one. */
  readonly resumeToken: string;
  /** Counts clips announced and sets closed: lists read on demand are read again when these change. */
  readonly clipsVersion: number;
  readonly setsVersion: number;
  /** Smallest (device clock - server clock) seen, ms: skew plus the shortest delivery. Null before the first event. */
  readonly clockOffsetMs: number | null;
}

export const EMPTY_STATE: LiveState = {
  people: {},
  cameras: {},
  alerts: {},
  acknowledgedIds: [],
  seenEventIds: [],
  resumeToken: "",
  clipsVersion: 0,
  setsVersion: 0,
  clockOffsetMs: null,
};

/** A person of whom nothing but the id is known. */
export function unknownPerson(personId: string): LivePerson {
  return { personId, label: "", present: true, claimed: false, activity: null, set: null, guidance: null };
}
