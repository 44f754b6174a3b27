/** What of a person's state a screen shows at a moment: stale things fall away. */
import { ActivityState, type Fault } from "../gen/spotter/common/v1/exercise_pb";
import { worstFault } from "../format";
import type { Activity, LivePerson } from "./state";

/** Live activity comes several times a second; after this long without it, it says nothing any more, ms. */
export const STALE_MS = 3_000;

/** What is shown big. */
export interface Presentation {
  readonly state: ActivityState;
  readonly exercise: string;
  readonly repetitions: number;
  readonly holdS: number;
  readonly holding: boolean;
  /** 0..1; null where nothing moves. */
  readonly rangeRatio: number | null;
  readonly fault: Fault | undefined;
  /** True where the number belongs to a set that is over. */
  readonly finished: boolean;
}

function fresh(activity: Activity | null, nowMs: number): Activity | null {
  return activity !== null && nowMs - activity.receivedAtMs <= STALE_MS ? activity : null;
}

/** `held` tells whether an exercise is timed. */
export function present(person: LivePerson, nowMs: number, held: (exercise: string) => boolean): Presentation {
  const activity = fresh(person.activity, nowMs);
  const { set } = person;
  const state = activity?.state ?? ActivityState.UNSPECIFIED;
  const active = state === ActivityState.EXERCISING || state === ActivityState.HOLDING;
  const unannounced = activity !== null && activity.setId !== "" && activity.setId !== set?.setId;
  const exercise = unannounced || set === null ? (activity?.exercise ?? "") : set.exercise;
  const lastFaults = set?.open === true ? (set.counted.at(-1)?.faults ?? []) : [];
  return {
    state,
    exercise,
    repetitions: unannounced ? activity.repetitions : (set?.repetitions ?? 0),
    holdS: unannounced ? activity.holdS : (set?.holdS ?? activity?.holdS ?? 0),
    holding: state === ActivityState.HOLDING || held(exercise),
    rangeRatio: active ? (activity?.rangeOfMotionRatio ?? null) : null,
    fault: worstFault(active ? (activity?.faults ?? []) : lastFaults),
    finished: !unannounced && set?.open === false,
  };
}

/** One short word for what somebody does. */
export function stateWord(shown: Presentation): string {
  switch (shown.state) {
    case ActivityState.NOT_VISIBLE:
      return "Out of view";
    case ActivityState.IDLE:
      return shown.finished ? "Set done" : "Ready";
    case ActivityState.EXERCISING:
      return "In set";
    case ActivityState.HOLDING:
      return "Holding";
    case ActivityState.RESTING:
      return "Resting";
    default:
      return "Waiting";
  }
}
