import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { LiveUpdateSchema, type Snapshot, SnapshotSchema } from "../src/gen/spotter/edge/v1/edge_pb";
import { ActivityState, Severity } from "../src/gen/spotter/common/v1/exercise_pb";
import { GuidanceKind } from "../src/gen/spotter/events/v1/events_pb";
import { PersonSchema } from "../src/gen/spotter/identity/v1/identity_pb";
import { Camera_State, CameraSchema } from "../src/gen/spotter/ingest/v1/ingest_pb";
import { SetSchema } from "../src/gen/spotter/motion/v1/motion_pb";
import { applyUpdate, mergePeople, mergeRepetitions, replaceCameras } from "../src/live/reducer";
import { EMPTY_STATE } from "../src/live/state";
import { after, closed, event, NOW_MS, opened, repetition } from "./build";

function activity(setId: string, repetitions: number, publishMs = NOW_MS) {
  const value = { personId: "p", state: ActivityState.EXERCISING, exercise: "squat", setId, repetitions };
  return event({ case: "personActivity", value }, { publishMs });
}

function snapshot(value: Omit<Snapshot, "$typeName" | "$unknown">, resumeToken = "start") {
  return create(LiveUpdateSchema, { update: { case: "snapshot", value: create(SnapshotSchema, value) }, resumeToken });
}

const person = create(PersonSchema, { personId: "p", label: "Person 1", present: true });
const set = (setId: string, number: number, open: boolean, repetitionCount: number) =>
  ({ $typeName: "spotter.motion.v1.Set", setId, personId: "p", number, open, repetitionCount, exercise: "squat" }) as Snapshot["sets"][number];

describe("counting", () => {
  it("counts the repetitions of a set", () => {
    const state = after(opened("s"), repetition("s", 1), repetition("s", 2));
    expect(state.people["p"]?.set).toMatchObject({ repetitions: 2, open: true, number: 1, exercise: "squat" });
  });

  it("applies an event once, however often it is delivered", () => {
    const twice = repetition("s", 1, "squat", "same");
    const state = after(opened("s"), twice);
    expect(applyUpdate(state, twice, NOW_MS)).toBe(state);
    expect(state.people["p"]?.set?.counted).toHaveLength(1);
  });

  it("keeps one repetition of a number under two event ids", () => {
    expect(after(opened("s"), repetition("s", 1), repetition("s", 1)).people["p"]?.set?.counted).toHaveLength(1);
  });

  it("never counts backwards when a number comes late, and keeps the order", () => {
    const shown = after(opened("s"), repetition("s", 1), repetition("s", 3), repetition("s", 2)).people["p"]?.set;
    expect(shown?.repetitions).toBe(3);
    expect(shown?.counted.map((r) => r.number)).toEqual([1, 2, 3]);
  });

  it("shows the count of the live activity before the repetition's event comes", () => {
    const state = after(opened("s"), repetition("s", 1), activity("s", 2));
    expect(state.people["p"]?.set?.repetitions).toBe(2);
  });

  it("ignores an activity that was published before the one shown", () => {
    const state = after(activity("s", 5, NOW_MS), activity("s", 4, NOW_MS - 200));
    expect(state.people["p"]?.activity?.repetitions).toBe(5);
  });

  it("starts a set of which only a repetition was heard", () => {
    expect(after(repetition("s", 4)).people["p"]?.set).toMatchObject({ setId: "s", repetitions: 4, open: true });
  });
});

describe("a set's life", () => {
  it("takes the closing count as the truth and stays closed", () => {
    const shown = after(opened("s"), repetition("s", 1), activity("s", 3), closed("s", 2), activity("s", 3), opened("s")).people["p"]?.set;
    expect(shown).toMatchObject({ open: false, repetitions: 2, score: 77 });
  });

  it("relabels the running set, and a repetition counted under the old name doesn't undo it", () => {
    const relabelled = event({
      case: "setRelabelled",
      value: { setId: "s", personId: "p", previousExercise: "squat", exercise: "deadlift" },
    });
    const shown = after(opened("s"), repetition("s", 1), relabelled, repetition("s", 2)).people["p"]?.set;
    expect(shown).toMatchObject({ exercise: "deadlift", repetitions: 2 });
  });

  it("shows what a relabelled set's repetitions are judged as now, and hearing the old judgement again changes nothing", () => {
    const shallow = { name: "shallow_squat" };
    const repetitions = [{ number: 1, score: 75, rangeOfMotionDeg: 60, faults: [shallow] }];
    const relabelled = event({
      case: "setRelabelled",
      value: { setId: "s", personId: "p", previousExercise: "squat", exercise: "deadlift", repetitions },
    });
    const shown = after(opened("s"), repetition("s", 1), relabelled, relabelled, repetition("s", 1)).people["p"]?.set;
    expect(shown?.counted).toMatchObject([{ number: 1, score: 75, rangeOfMotionDeg: 60, faults: [shallow] }]);
  });

  it("shows the new set, and late news of the old one changes nothing", () => {
    const shown = after(opened("a"), closed("a", 5), opened("b", "lunge", 2), repetition("a", 5), closed("a", 5)).people["p"]?.set;
    expect(shown).toMatchObject({ setId: "b", repetitions: 0, exercise: "lunge", open: true });
  });

  it("tells the statistics that a set is over", () => {
    expect(after(opened("s"), closed("s", 5)).setsVersion).toBe(1);
  });
});

describe("snapshot", () => {
  it("shows the running set rather than a finished one", () => {
    const state = after(snapshot({ people: [person], sets: [set("old", 1, false, 9), set("new", 2, true, 3)], cameras: [], guidance: [] }));
    expect(state.people["p"]).toMatchObject({ label: "Person 1", set: { setId: "new", repetitions: 3 } });
    expect(state.resumeToken).toBe("start");
  });

  it("replaces people and keeps the scores heard before", () => {
    const before = after(repetition("s", 1), event({ case: "personAppeared", value: { personId: "gone", cameraId: "c" } }));
    const state = applyUpdate(before, snapshot({ people: [person], sets: [set("s", 1, true, 1)], cameras: [], guidance: [] }), NOW_MS);
    expect(Object.keys(state.people)).toEqual(["p"]);
    expect(state.people["p"]?.set?.counted).toHaveLength(1);
  });

  it("marks guidance that was said before the page watched, so that it isn't spoken", () => {
    const said = {
      $typeName: "spotter.coach.v1.Guidance",
      guidanceId: "g",
      personId: "p",
      text: "Chest up.",
      createTime: timestampFromMs(NOW_MS),
    } as Snapshot["guidance"][number];
    const state = after(snapshot({ people: [person], sets: [], cameras: [], guidance: [said] }));
    expect(state.people["p"]?.guidance).toMatchObject({ text: "Chest up.", live: false });
  });
});

describe("everything else", () => {
  it("keeps the newest guidance", () => {
    const say = (text: string, publishMs: number) =>
      event({ case: "guidanceGiven", value: { personId: "p", text, kind: GuidanceKind.CORRECTION, severity: Severity.MAJOR } }, { publishMs });
    expect(after(say("new", NOW_MS), say("old", NOW_MS - 5_000)).people["p"]?.guidance).toMatchObject({ text: "new", live: true });
  });

  it("remembers the last place in the stream, also over events without one", () => {
    const first = event({ case: "personClaimed", value: { personId: "p" } }, { resumeToken: "7" });
    expect(after(first, activity("s", 1)).resumeToken).toBe("7");
  });

  it("follows people who come, go and are claimed", () => {
    const came = event({ case: "personAppeared", value: { personId: "p", cameraId: "c" } });
    const claimed = event({ case: "personClaimed", value: { personId: "p" } });
    const left = event({ case: "personLeft", value: { personId: "p", cameraId: "c" } });
    expect(after(came, claimed).people["p"]).toMatchObject({ present: true, claimed: true });
    expect(after(came, activity("s", 1), left).people["p"]).toMatchObject({ present: false, activity: null });
  });

  it("gives people the labels of a list without touching their sets", () => {
    const state = mergePeople(after(repetition("s", 2)), [person]);
    expect(state.people["p"]).toMatchObject({ label: "Person 1", set: { repetitions: 2 } });
  });

  it("adds the full repetitions counted before the page watched, each number once", () => {
    const stored = create(SetSchema, {
      setId: "s",
      personId: "p",
      repetitions: [{ number: 1, score: 50 }, { number: 2, score: 99 }, { number: 3, partial: true }],
    });
    const counted = mergeRepetitions(after(opened("s"), repetition("s", 2)), stored).people["p"]?.set?.counted;
    expect(counted?.map((r) => [r.number, r.score])).toEqual([[1, 50], [2, 80]]);
    expect(mergeRepetitions(after(opened("other")), stored).people["p"]?.set?.counted).toEqual([]);
  });

  it("shows a camera's state and why", () => {
    const value = { cameraId: "c", previousState: "STATE_LIVE", state: "STATE_STALLED", detail: "No frame for 20 s." };
    const listed = replaceCameras(EMPTY_STATE, [create(CameraSchema, { cameraId: "c", displayName: "Rack" })]);
    const state = applyUpdate(listed, event({ case: "cameraStateChanged", value }), NOW_MS);
    expect(state.cameras["c"]).toMatchObject({ displayName: "Rack", state: Camera_State.STALLED, detail: "No frame for 20 s." });
  });

  it("learns the skew of this device's clock from the quickest delivery", () => {
    const at = (publishMs: number) => event({ case: "personClaimed", value: { personId: "p" } }, { publishMs });
    expect(after(at(NOW_MS - 9_000), at(NOW_MS + 3_000), at(NOW_MS - 50)).clockOffsetMs).toBe(-3_000);
  });

  it("leaves the state alone on a heartbeat", () => {
    const beat = create(LiveUpdateSchema, { update: { case: "heartbeat", value: timestampFromMs(NOW_MS) } });
    expect(applyUpdate(EMPTY_STATE, beat, NOW_MS)).toBe(EMPTY_STATE);
  });
});
