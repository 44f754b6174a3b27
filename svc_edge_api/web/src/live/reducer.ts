/** How an update of the stream changes what a screen knows. Pure: the same updates give the same state. */
import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { LiveUpdate } from "../gen/spotter/edge/v1/edge_pb";
import type { Event } from "../gen/spotter/events/v1/events_pb";
import type { Person } from "../gen/spotter/identity/v1/identity_pb";
import type { Camera } from "../gen/spotter/ingest/v1/ingest_pb";
import type { Set as SetMessage } from "../gen/spotter/motion/v1/motion_pb";
import { withAlert, withoutAlert } from "./alerts";
import { cameraStateFromName } from "./cameras";
import { type LivePerson, type LiveState, unknownPerson } from "./state";
import * as person from "./person";
import { fromSnapshot, liveCamera } from "./snapshot";

/** Event ids remembered; a resumed stream repeats seconds, not hours. */
const SEEN_LIMIT = 2000;
/** People who left and are kept all the same. */
const ABSENT_LIMIT = 32;

/**
 * The state after `update`, which this device received at `receivedAtMs`.
 * An event that was applied before changes nothing.
 */
export function applyUpdate(state: LiveState, update: LiveUpdate, receivedAtMs: number): LiveState {
  const next = applyBody(state, update.update, receivedAtMs);
  if (update.resumeToken === "" || update.resumeToken === next.resumeToken) return next;
  return { ...next, resumeToken: update.resumeToken };
}

function applyBody(state: LiveState, body: LiveUpdate["update"], receivedAtMs: number): LiveState {
  switch (body.case) {
    case "snapshot":
      return fromSnapshot(state, body.value);
    case "event":
      return applyNewEvent(state, body.value, receivedAtMs);
    default:
      return state;
  }
}

function applyNewEvent(state: LiveState, event: Event, receivedAtMs: number): LiveState {
  const id = event.meta?.eventId ?? "";
  const transient = event.body.case === "personActivity";
  if (!transient && id !== "" && state.seenEventIds.includes(id)) return state;
  const next = applyEvent(withClock(state, event, receivedAtMs), event, receivedAtMs);
  if (transient || id === "") return next;
  return { ...next, seenEventIds: [...next.seenEventIds, id].slice(-SEEN_LIMIT) };
}

function withClock(state: LiveState, event: Event, receivedAtMs: number): LiveState {
  if (event.meta?.publishTime === undefined) return state;
  const offset = receivedAtMs - timestampMs(event.meta.publishTime);
  if (state.clockOffsetMs !== null && state.clockOffsetMs <= offset) return state;
  return { ...state, clockOffsetMs: offset };
}

function applyEvent(state: LiveState, event: Event, receivedAtMs: number): LiveState {
  const { body } = event;
  const publishMs = event.meta?.publishTime === undefined ? receivedAtMs : timestampMs(event.meta.publishTime);
  switch (body.case) {
    case "personActivity":
      return change(state, body.value.personId, (p) => person.withActivity(p, body.value, publishMs, receivedAtMs));
    case "setOpened":
      return change(state, body.value.personId, (p) => person.withSetOpened(p, body.value));
    case "repetitionCounted":
      return change(state, body.value.personId, (p) => person.withRepetition(p, body.value));
    case "setRelabelled":
      return change(state, body.value.personId, (p) => person.withRelabel(p, body.value));
    case "setClosed": {
      const closed = change(state, body.value.personId, (p) => person.withSetClosed(p, body.value));
      return { ...closed, setsVersion: closed.setsVersion + 1 };
    }
    case "setCorrected":
      return { ...state, setsVersion: state.setsVersion + 1 };
    case "guidanceGiven":
      return change(state, body.value.personId, (p) =>
        person.withGuidance(p, body.value, event.meta?.eventId ?? "", publishMs),
      );
    case "personAppeared":
      return change(state, body.value.personId, (p) => ({ ...p, present: true }));
    case "personLeft":
      return forgetLongGone(change(state, body.value.personId, (p) => ({ ...p, present: false, activity: null })));
    case "personClaimed":
      return change(state, body.value.personId, (p) => ({ ...p, claimed: true }));
    case "cameraStateChanged":
      return withCameraState(state, body.value.cameraId, body.value.state, body.value.detail);
    case "safetyAlertRaised":
    case "safetyAlertRepeated":
      return withAlert(state, body.value);
    case "safetyAlertAcknowledged":
      return withoutAlert(state, body.value.alertId);
    case "clipReady":
      return { ...state, clipsVersion: state.clipsVersion + 1 };
    default:
      return state;
  }
}

function change(state: LiveState, personId: string, how: (before: LivePerson) => LivePerson): LiveState {
  const before = state.people[personId] ?? unknownPerson(personId);
  const after = how(before);
  return after === state.people[personId] ? state : { ...state, people: { ...state.people, [personId]: after } };
}

function withCameraState(state: LiveState, cameraId: string, name: string, detail: string): LiveState {
  const before = state.cameras[cameraId] ?? { cameraId, displayName: "" };
  const camera = { ...before, state: cameraStateFromName(name), detail };
  return { ...state, cameras: { ...state.cameras, [cameraId]: camera } };
}

function forgetLongGone(state: LiveState): LiveState {
  const absent = Object.values(state.people).filter((p) => !p.present);
  const doomed = new Set(absent.slice(0, Math.max(0, absent.length - ABSENT_LIMIT)).map((p) => p.personId));
  if (doomed.size === 0) return state;
  return { ...state, people: Object.fromEntries(Object.entries(state.people).filter(([id]) => !doomed.has(id))) };
}

/** Labels, presence and claims as ListPeople told them; events don't carry labels. */
export function mergePeople(state: LiveState, people: readonly Person[]): LiveState {
  return people.reduce(
    (s, p) => change(s, p.personId, (before) => ({ ...before, label: p.label, claimed: p.claimed, present: p.present })),
    state,
  );
}

/** Repetitions of a shown set that were counted before this page watched, as GetSet told them. */
export function mergeRepetitions(state: LiveState, set: SetMessage): LiveState {
  return change(state, set.personId, (before) => person.withRepetitions(before, set));
}

/** The cameras that exist now, as ListCameras told them. */
export function replaceCameras(state: LiveState, cameras: readonly Camera[]): LiveState {
  return { ...state, cameras: Object.fromEntries(cameras.map((c) => [c.cameraId, liveCamera(c)])) };
}
