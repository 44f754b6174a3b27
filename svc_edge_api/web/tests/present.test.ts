import { describe, expect, it } from "vitest";
import { ActivityState, Severity } from "../src/gen/spotter/common/v1/exercise_pb";
import { present, STALE_MS, stateWord } from "../src/live/present";
import type { LivePerson } from "../src/live/state";
import { after, closed, event, NOW_MS, opened, repetition } from "./build";

const counted = (): boolean => false;

function shown(person: LivePerson | undefined, ageMs = 0) {
  if (person === undefined) throw new Error("nobody to show");
  return present(person, NOW_MS + ageMs, counted);
}

function activity(setId: string, value: object) {
  return event({ case: "personActivity", value: { personId: "p", setId, exercise: "squat", ...value } });
}

describe("what is shown", () => {
  it("shows where in the stroke the body is, and the most dangerous fault", () => {
    const faults = [
      { name: "shallow_squat", severity: Severity.MINOR, confidence: 0.9 },
      { name: "knees_caving_in", severity: Severity.DANGER, confidence: 0.6 },
    ];
    const live = activity("s", { state: ActivityState.EXERCISING, rangeOfMotionRatio: 0.5, faults });
    const now = shown(after(opened("s"), live).people["p"]);
    expect(now.rangeRatio).toBe(0.5);
    expect(now.fault?.name).toBe("knees_caving_in");
    expect(stateWord(now)).toBe("In set");
  });

  it("forgets the range and the state when activity stops coming, but not the count", () => {
    const live = activity("s", { state: ActivityState.EXERCISING, repetitions: 4, rangeOfMotionRatio: 0.5 });
    const later = shown(after(opened("s"), live).people["p"], STALE_MS + 1);
    expect(later).toMatchObject({ rangeRatio: null, repetitions: 4, state: ActivityState.UNSPECIFIED });
  });

  it("keeps the last set's count while resting, and says that it is done", () => {
    const state = after(opened("s"), repetition("s", 1), closed("s", 1), activity("", { state: ActivityState.IDLE }));
    const resting = shown(state.people["p"]);
    expect(resting).toMatchObject({ repetitions: 1, exercise: "squat", finished: true });
    expect(stateWord(resting)).toBe("Set done");
  });

  it("shows a set that only the activity knows of", () => {
    const live = activity("new", { state: ActivityState.EXERCISING, exercise: "lunge", repetitions: 2 });
    expect(shown(after(closed("old", 9), live).people["p"])).toMatchObject({ exercise: "lunge", repetitions: 2, finished: false });
  });

  it("shows seconds of a hold", () => {
    const live = activity("s", { state: ActivityState.HOLDING, exercise: "plank", holdS: 12.6 });
    expect(shown(after(opened("s", "plank"), live).people["p"])).toMatchObject({ holding: true, holdS: expect.closeTo(12.6) });
  });
});
