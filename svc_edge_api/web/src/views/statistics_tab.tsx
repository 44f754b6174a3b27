/** What one person did in this visit. */
import { useEffect, useState } from "preact/hooks";
import { edge, explain } from "../api/client";
import { exerciseName } from "../exercises";
import { clock, scoreClass, words } from "../format";
import type { ExerciseTotal, Session, Set as SetMessage } from "../gen/spotter/motion/v1/motion_pb";
import { amountOf, doneOf } from "../record/done";
import { SetDetail } from "./set_detail";

/** `version` grows when a set is over. */
export function StatisticsTab(props: { personId: string; version: number }) {
  const [session, setSession] = useState<Session | null>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    wholeSession(props.personId).then(
      (found) => {
        setSession(found);
        setProblem(found === null ? "Nothing recorded yet." : "");
      },
      (cause: unknown) => setProblem(explain(cause)),
    );
  }, [props.personId, props.version]);
  if (session === null) return <p class="empty">{problem || "Loading…"}</p>;
  if (session.setCount === 0) return <p class="empty">No sets yet. They show up here as soon as you have done one.</p>;
  return (
    <section class="statistics" aria-label="Statistics">
      <Tiles session={session} />
      <h3>Exercises</h3>
      <ul class="totals">
        {session.totals.map((total) => (
          <TotalRow key={total.exercise} total={total} />
        ))}
      </ul>
      <h3>Sets</h3>
      <SetsTable sets={[...session.sets].reverse()} />
    </section>
  );
}

/** A session with all of its sets, however many pages they take; null where there is none. */
async function wholeSession(personId: string): Promise<Session | null> {
  let answer = await edge.getSession({ personId });
  const session = answer.session ?? null;
  while (session !== null && answer.nextPageToken !== "") {
    answer = await edge.getSession({ personId, pageToken: answer.nextPageToken });
    session.sets.push(...(answer.session?.sets ?? []));
  }
  return session;
}

function Tiles(props: { session: Session }) {
  const { setCount, repetitionCount, holdS, sets } = props.session;
  const mean = sets.reduce((sum, s) => sum + s.score, 0) / Math.max(1, sets.length);
  const tiles: [string, string][] = [
    ["Sets", String(setCount)],
    ["Reps", String(repetitionCount)],
    ...(holdS > 0 ? ([["Held", clock(holdS)]] as [string, string][]) : []),
    ["Score", String(Math.round(mean))],
  ];
  return (
    <dl class="tiles">
      {tiles.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function TotalRow(props: { total: ExerciseTotal }) {
  const { exercise, setCount, repetitionCount, holdS, score, faultCounts } = props.total;
  const faults = Object.entries(faultCounts).sort(([, a], [, b]) => b - a);
  return (
    <li>
      <strong>{exerciseName(exercise)}</strong>
      <span>{`${amountOf({ exercise, repetitions: repetitionCount, holdS })} in ${setCount} ${setCount === 1 ? "set" : "sets"}`}</span>
      <Score score={score} />
      {faults.length > 0 && <small>{faults.map(([name, count]) => `${words(name)} ×${count}`).join(" · ")}</small>}
    </li>
  );
}

function Score(props: { score: number }) {
  return <b class={`score ${scoreClass(props.score)}`}>{Math.round(props.score)}</b>;
}

function SetsTable(props: { sets: readonly SetMessage[] }) {
  const [chosen, setChosen] = useState(props.sets[0]?.setId ?? "");
  return (
    <table class="sets">
      <thead>
        <tr>
          <th scope="col">Set</th>
          <th scope="col">Exercise</th>
          <th scope="col">Done</th>
          <th scope="col">Score</th>
        </tr>
      </thead>
      <tbody>
        {props.sets.map((set) => {
          const open = set.setId === chosen;
          return [
            <tr key={set.setId} class={open ? "chosen" : ""}>
              <td>{set.number}</td>
              <td>
                <button type="button" aria-expanded={open} onClick={() => setChosen(open ? "" : set.setId)}>
                  {exerciseName(doneOf(set).exercise)}
                  {set.open && <span class="badge active">now</span>}
                </button>
              </td>
              <td>{amountOf(doneOf(set))}</td>
              <td>
                <Score score={set.score} />
              </td>
            </tr>,
            open && (
              <tr key={`${set.setId} detail`} class="detail">
                <td colSpan={4}>
                  <SetDetail setId={set.setId} version={set.repetitionCount} />
                </td>
              </tr>
            ),
          ];
        })}
      </tbody>
    </table>
  );
}
