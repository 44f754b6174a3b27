/** What counts of a set, and how it is written: the corrected values where somebody corrected it. */
import { isHeld } from "../exercises";
import { clock } from "../format";
import type { Set as SetMessage } from "../gen/spotter/motion/v1/motion_pb";

export interface Done {
  readonly exercise: string;
  readonly repetitions: number;
  /** Seconds held. */
  readonly holdS: number;
}

export function measuredOf(set: SetMessage): Done {
  return { exercise: set.exercise, repetitions: set.repetitionCount, holdS: set.holdS };
}

export function doneOf(set: SetMessage): Done {
  return {
    exercise: set.correctedExercise || set.exercise,
    repetitions: set.correctedRepetitionCount ?? set.repetitionCount,
    holdS: set.correctedHoldS ?? set.holdS,
  };
}

export function isCorrected(set: SetMessage): boolean {
  return set.correctTime !== undefined;
}

/** "12 reps", or "0:39" of a hold. */
export function amountOf(done: Done): string {
  if (isHeld(done.exercise) || (done.repetitions === 0 && done.holdS > 0)) return clock(done.holdS);
  return `${done.repetitions} ${done.repetitions === 1 ? "rep" : "reps"}`;
}

/** "+3", "−2" or "±0". */
export function signed(difference: number): string {
  const whole = Math.round(difference);
  return whole === 0 ? "±0" : whole > 0 ? `+${whole}` : `−${-whole}`;
}

/** "2026-03-09" → "Mon 9 Mar", in the reader's words. */
export function dayName(day: string): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  const noon = new Date(year, month - 1, date, 12);
  const sameYear = year === new Date().getFullYear();
  return noon.toLocaleDateString(undefined, { weekday: "short", day: "numeric", month: "short", ...(sameYear ? {} : { year: "numeric" }) });
}
