import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { SetSchema } from "../src/gen/spotter/motion/v1/motion_pb";
import { amountOf, doneOf, isCorrected, measuredOf, signed } from "../src/record/done";
import { after, closed, event } from "./build";

describe("what counts of a set", () => {
  const measured = create(SetSchema, { exercise: "squat", repetitionCount: 8 });

  it("is what was measured where nobody corrected it", () => {
    expect(isCorrected(measured)).toBe(false);
    expect(doneOf(measured)).toEqual({ exercise: "squat", repetitions: 8, holdS: 0 });
  });

  it("is the corrected value, none at all too, with the measured one beside it", () => {
    const corrected = create(SetSchema, {
      ...measured,
      correctedExercise: "lunge",
      correctedRepetitionCount: 0,
      correctedHoldS: 0,
      correctTime: timestampFromMs(1),
    });
    expect(isCorrected(corrected)).toBe(true);
    expect(doneOf(corrected)).toEqual({ exercise: "lunge", repetitions: 0, holdS: 0 });
    expect(measuredOf(corrected).repetitions).toBe(8);
  });

  it("is written as repetitions or as a time", () => {
    expect(amountOf({ exercise: "squat", repetitions: 1, holdS: 0 })).toBe("1 rep");
    expect(amountOf({ exercise: "plank", repetitions: 0, holdS: 75 })).toBe("1:15");
    expect([signed(3), signed(-2), signed(0)]).toEqual(["+3", "−2", "±0"]);
  });
});

describe("a correction", () => {
  it("lets open pages read the record again", () => {
    const before = after(closed("s", 8));
    const corrected = event({ case: "setCorrected", value: { setId: "s", personId: "p", correctionId: "c" } });
    expect(after(closed("s", 8), corrected).setsVersion).toBe(before.setsVersion + 1);
  });
});
