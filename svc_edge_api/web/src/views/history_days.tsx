/** The days of a record, newest first; each opens to its sets, and a set to its correction. */
import { useEffect, useState } from "preact/hooks";
import { explain, record } from "../api/client";
import { exerciseName } from "../exercises";
import { clock, scoreClass } from "../format";
import type { Set as SetMessage } from "../gen/spotter/motion/v1/motion_pb";
import type { HistoryDay } from "../gen/spotter/motion/v1/record_pb";
import { amountOf, dayName, doneOf, isCorrected, measuredOf } from "../record/done";
import { CorrectSet } from "./correct_set";

const PAGE_SIZE = 14;

/** `version` grows when something changed; `onCorrected` is called after a correction of this page. */
export function HistoryDays(props: { personId: string; version: number; onCorrected: () => void }) {
  const { personId, version, onCorrected } = props;
  const [days, setDays] = useState<readonly HistoryDay[] | null>(null);
  const [nextToken, setNextToken] = useState("");
  const [problem, setProblem] = useState("");
  const load = (token: string, before: readonly HistoryDay[]): void => {
    record.getHistory({ personId, pageSize: PAGE_SIZE, pageToken: token }).then(
      (answer) => {
        setDays([...before, ...answer.days]);
        setNextToken(answer.nextPageToken);
        setProblem("");
      },
      (cause: unknown) => setProblem(explain(cause)),
    );
  };
  useEffect(() => load("", []), [personId, version]);
  if (days === null) return <p class="empty">{problem || "Loading…"}</p>;
  return (
    <>
      <ul class="days">
        {days.map((day, i) => (
          <DayRow key={day.day} day={day} opened={i === 0} onCorrected={onCorrected} />
        ))}
      </ul>
      {problem !== "" && <p class="empty" role="alert">{problem}</p>}
      {nextToken !== "" && (
        <button type="button" class="more" onClick={() => load(nextToken, days)}>
          Earlier days
        </button>
      )}
    </>
  );
}

function DayRow(props: { day: HistoryDay; opened: boolean; onCorrected: () => void }) {
  const { day, onCorrected } = props;
  const [open, setOpen] = useState(props.opened);
  const held = day.holdS > 0 ? ` · ${clock(day.holdS)} held` : "";
  return (
    <li class="day" data-testid="history-day">
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
        <strong>{dayName(day.day)}</strong>
        <span>{`${day.setCount} ${day.setCount === 1 ? "set" : "sets"} · ${day.repetitionCount} reps${held}`}</span>
        <b class={`score ${scoreClass(day.score)}`}>{Math.round(day.score)}</b>
      </button>
      {open && (
        <ol class="day-sets">
          {day.sets.map((set) => (
            <SetRow key={set.setId} set={set} onCorrected={onCorrected} />
          ))}
        </ol>
      )}
    </li>
  );
}

function SetRow(props: { set: SetMessage; onCorrected: () => void }) {
  const [changed, setChanged] = useState<SetMessage | null>(null);
  const [correcting, setCorrecting] = useState(false);
  const set = changed ?? props.set;
  const done = doneOf(set);
  const measured = measuredOf(set);
  const finish = (after: SetMessage): void => {
    setChanged(after);
    setCorrecting(false);
    props.onCorrected();
  };
  return (
    <li data-testid="history-set" class={set.supersetNumber > 0 ? "in-superset" : ""}>
      <div class="set-line">
        <span>
          <strong>{exerciseName(done.exercise)}</strong> {amountOf(done)}
          {set.supersetNumber > 0 && <span class="badge">{`Superset ${set.supersetNumber}`}</span>}
        </span>
        <button type="button" class="quiet" onClick={() => setCorrecting(!correcting)} data-testid="correct-set">
          {correcting ? "Close" : "Correct"}
        </button>
      </div>
      {isCorrected(set) && (
        <small data-testid="measured">
          Corrected; Spotter saw {exerciseName(measured.exercise)}, {amountOf(measured)}
        </small>
      )}
      {correcting && <CorrectSet set={set} onDone={finish} onCancel={() => setCorrecting(false)} />}
    </li>
  );
}
