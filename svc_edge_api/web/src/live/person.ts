/** How each kind of event changes one person. A set that is closed stays closed, and a count never runs backwards. */
import type * as events from "../gen/spotter/events/v1/events_pb";
import type { Set as SetMessage } from "../gen/spotter/motion/v1/motion_pb";
import type { LivePerson, LiveRepetition, LiveSet } from "./state";

function newSet(setId: string, exercise: string): LiveSet {
  return { setId, number: 0, exercise, open: true, repetitions: 0, holdS: 0, score: 0, counted: [] };
}

/** The person's set of that id; null where the event is about an older set than the one shown. */
function findSet(person: LivePerson, setId: string, exercise: string, number = 0): LiveSet | null {
  const { set } = person;
  if (set?.setId === setId) return set;
  if (set === null || number > set.number || (number === 0 && !set.open)) return newSet(setId, exercise);
  return null;
}

export function withActivity(
  person: LivePerson,
  activity: events.PersonActivity,
  publishMs: number,
  receivedAtMs: number,
): LivePerson {
  if (person.activity !== null && person.activity.publishMs > publishMs) return person;
  const { state, exercise, setId, repetitions, rangeOfMotionRatio, holdS, faults } = activity;
  const live = { state, exercise, setId, repetitions, rangeOfMotionRatio, holdS, faults, publishMs, receivedAtMs };
  return { ...person, present: true, activity: live, set: countedUpTo(person.set, activity) };
}

function countedUpTo(set: LiveSet | null, activity: events.PersonActivity): LiveSet | null {
  if (set === null || !set.open || set.setId !== activity.setId) return set;
  const repetitions = Math.max(set.repetitions, activity.repetitions);
  return { ...set, repetitions, holdS: Math.max(set.holdS, activity.holdS) };
}

export function withSetOpened(person: LivePerson, opened: events.SetOpened): LivePerson {
  const set = findSet(person, opened.setId, opened.exercise, opened.setNumber);
  return set === null ? person : { ...person, set: { ...set, number: opened.setNumber } };
}

export function withRepetition(person: LivePerson, counted: events.RepetitionCounted): LivePerson {
  const set = findSet(person, counted.setId, counted.exercise);
  if (set === null || set.counted.some((r) => r.number === counted.number)) return person;
  const { number, score, rangeOfMotionDeg, faults } = counted;
  const repetitions = set.open ? Math.max(set.repetitions, number) : set.repetitions;
  return { ...person, set: { ...set, repetitions, counted: inOrder(set.counted, { number, score, rangeOfMotionDeg, faults }) } };
}

/** Adds the full repetitions of a stored set that weren't heard of. */
export function withRepetitions(person: LivePerson, stored: SetMessage): LivePerson {
  if (person.set?.setId !== stored.setId) return person;
  const heard = new Set(person.set.counted.map((r) => r.number));
  const missed = stored.repetitions.filter((r) => !r.partial && !heard.has(r.number));
  const counted = [...person.set.counted, ...missed].sort((a, b) => a.number - b.number);
  return { ...person, set: { ...person.set, counted } };
}

function inOrder(counted: readonly LiveRepetition[], repetition: LiveRepetition): LiveRepetition[] {
  return [...counted, repetition].sort((a, b) => a.number - b.number);
}

export function withRelabel(person: LivePerson, relabelled: events.SetRelabelled): LivePerson {
  const set = findSet(person, relabelled.setId, relabelled.exercise);
  if (set === null) return person;
  const anew = new Map(relabelled.repetitions.map((r) => [r.number, r]));
  const counted = set.counted.map((heard) => {
    const { score, rangeOfMotionDeg, faults } = anew.get(heard.number) ?? heard;
    return { number: heard.number, score, rangeOfMotionDeg, faults };
  });
  return { ...person, set: { ...set, exercise: relabelled.exercise, counted } };
}

export function withSetClosed(person: LivePerson, closed: events.SetClosed): LivePerson {
  const set = findSet(person, closed.setId, closed.exercise);
  if (set === null) return person;
  const { exercise, repetitions, holdS, score } = closed;
  return { ...person, set: { ...set, open: false, exercise, repetitions, holdS, score } };
}

export function withGuidance(
  person: LivePerson,
  given: events.GuidanceGiven,
  eventId: string,
  publishMs: number,
): LivePerson {
  if (person.guidance !== null && person.guidance.sinceMs > publishMs) return person;
  const { text, kind, severity } = given;
  return { ...person, guidance: { id: eventId, text, kind, severity, sinceMs: publishMs, live: true } };
}
