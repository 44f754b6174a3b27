/** What one person did over days and weeks. */
import { useEffect, useState } from "preact/hooks";
import { explain, record } from "../api/client";
import { exerciseName } from "../exercises";
import { clock, words } from "../format";
import { BestKind } from "../gen/spotter/common/v1/exercise_pb";
import {
  ExportFormat,
  type ExerciseTrend,
  type MuscleBalance,
  type PersonalBest,
  type Streaks,
  type Totals,
  type WeekComparison,
} from "../gen/spotter/motion/v1/record_pb";
import { dayName, signed } from "../record/done";
import { downloadRecord } from "../record/download";
import { HistoryDays } from "./history_days";
import { TrendChart } from "./trend_chart";

interface Overview {
  readonly totals: Totals;
  readonly streaks: Streaks;
  readonly bests: readonly PersonalBest[];
  readonly trends: readonly ExerciseTrend[];
  readonly balance: MuscleBalance;
  readonly weeks: WeekComparison;
}

/** `version` grows when a set is over or was corrected. */
export function HistoryTab(props: { personId: string; version: number }) {
  const { personId } = props;
  const [overview, setOverview] = useState<Overview | null>(null);
  const [problem, setProblem] = useState("");
  const [corrections, setCorrections] = useState(0);
  useEffect(() => {
    readOverview(personId).then(
      (read) => {
        setOverview(read);
        setProblem("");
      },
      (cause: unknown) => setProblem(explain(cause)),
    );
  }, [personId, props.version, corrections]);
  if (overview === null) return <p class="empty">{problem || "Loading…"}</p>;
  if (overview.totals.setCount === 0)
    return <p class="empty">Nothing recorded yet. A set shows up here as soon as it is over.</p>;
  return (
    <section class="statistics history" aria-label="History">
      <Tiles overview={overview} />
      <Weeks weeks={overview.weeks} />
      <Bests bests={overview.bests} />
      <Trends trends={overview.trends} />
      <Muscles balance={overview.balance} />
      <h3>Days</h3>
      <HistoryDays personId={personId} version={props.version} onCorrected={() => setCorrections(corrections + 1)} />
      <Export personId={personId} />
    </section>
  );
}

async function readOverview(personId: string): Promise<Overview | null> {
  const [{ totals }, { streaks }, { personalBests }, { trends }, { balance }, { comparison }] = await Promise.all([
    record.getTotals({ personId }),
    record.getStreaks({ personId }),
    record.listPersonalBests({ personId, pageSize: 200 }),
    record.getTrends({ personId, weeks: 26 }),
    record.getMuscleBalance({ personId }),
    record.compareWeeks({ personId }),
  ]);
  if (totals === undefined || streaks === undefined || balance === undefined || comparison === undefined) return null;
  return { totals, streaks, bests: personalBests, trends, balance, weeks: comparison };
}

function Tiles(props: { overview: Overview }) {
  const { totals, streaks } = props.overview;
  const tiles: [string, string][] = [
    [streaks.currentDays === 1 ? "Day in a row" : "Days in a row", String(streaks.currentDays)],
    ["Sets", String(totals.setCount)],
    ["Reps", String(totals.repetitionCount)],
    ...(totals.holdS > 0 ? ([["Held", clock(totals.holdS)]] as [string, string][]) : []),
  ];
  return (
    <dl class="tiles" data-testid="history-tiles">
      {tiles.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class={value.length > 4 ? "long" : ""}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Weeks(props: { weeks: WeekComparison }) {
  const { thisWeek, lastWeek, lastWeekSoFar } = props.weeks;
  if (thisWeek === undefined || lastWeek === undefined || lastWeekSoFar === undefined) return null;
  const reps = Number(thisWeek.repetitionCount);
  const rows: [string, number, number, number][] = [
    ["Days", thisWeek.dayCount, lastWeekSoFar.dayCount, lastWeek.dayCount],
    ["Sets", thisWeek.setCount, lastWeekSoFar.setCount, lastWeek.setCount],
    ["Reps", reps, Number(lastWeekSoFar.repetitionCount), Number(lastWeek.repetitionCount)],
  ];
  return (
    <>
      <h3>This week</h3>
      <table class="weeks" data-testid="weeks">
        <thead>
          <tr>
            <th scope="col" aria-label="What" />
            <th scope="col">This week</th>
            <th scope="col">Last week by now</th>
            <th scope="col">All of it</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, now, soFar, whole]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                <b>{now}</b> <small class={now >= soFar ? "good" : "fair"}>{signed(now - soFar)}</small>
              </td>
              <td>{soFar}</td>
              <td>{whole}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

const BEST_WORDS: Readonly<Record<BestKind, string>> = {
  [BestKind.UNSPECIFIED]: "",
  [BestKind.SET_REPETITIONS]: "in one set",
  [BestKind.HOLD]: "held",
  [BestKind.SCORE]: "best score",
  [BestKind.DAY_REPETITIONS]: "in one day",
};

function bestValue(best: PersonalBest): string {
  if (best.kind === BestKind.HOLD) return clock(best.value);
  return best.kind === BestKind.SCORE ? String(Math.round(best.value)) : `${best.value} reps`;
}

function Bests(props: { bests: readonly PersonalBest[] }) {
  const exercises = [...new Set(props.bests.map((b) => b.exercise))];
  if (exercises.length === 0) return null;
  return (
    <>
      <h3>Personal bests</h3>
      <ul class="totals bests" data-testid="bests">
        {exercises.map((exercise) => (
          <li key={exercise}>
            <strong>{exerciseName(exercise)}</strong>
            {props.bests
              .filter((b) => b.exercise === exercise)
              .map((b) => (
                <span key={b.kind}>
                  <b>{bestValue(b)}</b> {BEST_WORDS[b.kind]} <small>{dayName(b.day)}</small>
                </span>
              ))}
          </li>
        ))}
      </ul>
    </>
  );
}

function Trends(props: { trends: readonly ExerciseTrend[] }) {
  const most = [...props.trends].sort((a, b) => b.points.length - a.points.length)[0]?.exercise ?? "";
  const [chosen, setChosen] = useState("");
  const trend = props.trends.find((t) => t.exercise === (chosen || most));
  if (trend === undefined) return null;
  return (
    <>
      <h3>Form and range by week</h3>
      <select
        class="choose"
        aria-label="Exercise"
        value={trend.exercise}
        onChange={(e) => setChosen(e.currentTarget.value)}
      >
        {props.trends.map((t) => (
          <option key={t.exercise} value={t.exercise}>
            {exerciseName(t.exercise)}
          </option>
        ))}
      </select>
      <TrendChart trend={trend} />
    </>
  );
}

function Muscles(props: { balance: MuscleBalance }) {
  const groups = props.balance.muscleGroups.filter((g) => g.setCount > 0);
  const idle = props.balance.muscleGroups.filter((g) => g.setCount === 0);
  const most = Math.max(1, ...groups.map((g) => g.setCount));
  if (groups.length === 0) return null;
  return (
    <>
      <h3>Muscles, last four weeks</h3>
      <ul class="muscles" data-testid="muscles">
        {groups.map((g) => (
          <li key={g.muscleGroup}>
            <span>{words(g.muscleGroup)}</span>
            <i style={{ width: `${(100 * g.setCount) / most}%` }} />
            <small>{`${g.setCount} ${g.setCount === 1 ? "set" : "sets"}`}</small>
          </li>
        ))}
      </ul>
      {idle.length > 0 && <p class="reason">Not trained: {idle.map((g) => words(g.muscleGroup).toLowerCase()).join(", ")}</p>}
    </>
  );
}

function Export(props: { personId: string }) {
  const [state, setState] = useState("");
  const save = (format: ExportFormat): void => {
    setState("Preparing…");
    downloadRecord(props.personId, format, new AbortController().signal).then(
      () => setState("Saved to your downloads."),
      (cause: unknown) => setState(explain(cause)),
    );
  };
  return (
    <>
      <h3>Take it with you</h3>
      <div class="export">
        <button type="button" data-testid="export-csv" onClick={() => save(ExportFormat.CSV)}>
          CSV
        </button>
        <button type="button" data-testid="export-json" onClick={() => save(ExportFormat.JSON)}>
          JSON
        </button>
        <span role="status" data-testid="export-state">{state}</span>
      </div>
    </>
  );
}
