/** Puts one set right: another exercise, another count. What was measured stays beside it. */
import { useState } from "preact/hooks";
import { explain, record } from "../api/client";
import { allExercises, isHeld } from "../exercises";
import type { Set as SetMessage } from "../gen/spotter/motion/v1/motion_pb";
import { doneOf } from "../record/done";

const LONGEST_HOLD_S = 86_400;
const MOST_REPETITIONS = 10_000;

/** `onDone` gets the set as it is after the correction. */
export function CorrectSet(props: { set: SetMessage; onDone: (set: SetMessage) => void; onCancel: () => void }) {
  const { set, onDone, onCancel } = props;
  const before = doneOf(set);
  const [exercise, setExercise] = useState(before.exercise);
  const held = isHeld(exercise);
  const [amount, setAmount] = useState(held ? Math.round(before.holdS) : before.repetitions);
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  // One id for this form: sent twice by an impatient finger, it corrects once.
  const [requestId] = useState(() => crypto.randomUUID());
  const known = allExercises();
  const step = (by: number): void => setAmount(Math.max(0, Math.min(held ? LONGEST_HOLD_S : MOST_REPETITIONS, amount + by)));
  const save = (event: Event): void => {
    event.preventDefault();
    setBusy(true);
    const what = held ? { holdS: amount } : { repetitionCount: amount };
    record.correctSet({ setId: set.setId, exercise, requestId, ...what }).then(
      (answer) => onDone(answer.set ?? set),
      (cause: unknown) => {
        setProblem(explain(cause));
        setBusy(false);
      },
    );
  };
  return (
    <form class="correct" onSubmit={save} data-testid="correct-form">
      <label>
        Exercise
        <select value={exercise} onChange={(e) => setExercise(e.currentTarget.value)}>
          {!known.some((e) => e.name === exercise) && <option value={exercise}>Not known</option>}
          {known.map((e) => (
            <option key={e.name} value={e.name}>
              {e.displayName}
            </option>
          ))}
        </select>
      </label>
      <div class="stepper" role="group" aria-label={held ? "Seconds" : "Repetitions"}>
        <button type="button" aria-label="One less" onClick={() => step(-1)}>
          −
        </button>
        <output data-testid="correct-amount">
          <b>{amount}</b> {held ? "seconds" : amount === 1 ? "rep" : "reps"}
        </output>
        <button type="button" aria-label="One more" data-testid="correct-more" onClick={() => step(1)}>
          +
        </button>
      </div>
      {problem !== "" && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <div class="actions">
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
        <button type="submit" class="primary" disabled={busy || exercise === "unknown"} data-testid="correct-save">
          Save
        </button>
      </div>
    </form>
  );
}
