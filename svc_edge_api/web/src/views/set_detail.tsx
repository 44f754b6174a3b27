/** One set, repetition by repetition. */
import { useEffect, useState } from "preact/hooks";
import { edge, explain } from "../api/client";
import { scoreClass, words } from "../format";
import type { Repetition, Set as SetMessage } from "../gen/spotter/motion/v1/motion_pb";

/** `version` grows while the set runs. */
export function SetDetail(props: { setId: string; version: number }) {
  const [set, setSet] = useState<SetMessage | null>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    edge.getSet({ setId: props.setId }).then(
      (answer) => setSet(answer.set ?? null),
      (cause: unknown) => setProblem(explain(cause)),
    );
  }, [props.setId, props.version]);
  if (set === null) return <p class="clip-note">{problem || "Loading…"}</p>;
  const full = set.repetitions.filter((r) => !r.partial);
  const reasons = new Set(full.flatMap((r) => r.reasons).filter((reason) => !(reason in set.faultCounts)));
  const faults = Object.entries(set.faultCounts);
  return (
    <div class="set-detail">
      {full.length > 0 && <RepetitionChart repetitions={full} />}
      {full.length > 0 && <p class="tempo">{tempo(full)}</p>}
      {faults.length > 0 && <p class="set-faults">{faults.map(([name, n]) => `${words(name)} ×${n}`).join(" · ")}</p>}
      {[...reasons].slice(0, 4).map((reason) => (
        <p key={reason} class="reason">{reason}</p>
      ))}
      {full.length === 0 && faults.length === 0 && <p class="reason">No repetitions in this set.</p>}
    </div>
  );
}

function tempo(repetitions: readonly Repetition[]): string {
  const mean = (of: (r: Repetition) => number): string =>
    (repetitions.reduce((sum, r) => sum + of(r), 0) / repetitions.length).toFixed(1);
  return `Tempo ${mean((r) => r.outS)} s out · ${mean((r) => r.pauseS)} s hold · ${mean((r) => r.backS)} s back`;
}

const WIDTH = 340;
const HEIGHT = 150;
const LEFT = 28;
const RIGHT = 34;
const TOP = 10;
const BOTTOM = 20;

/** Score as bars (left axis, 0 to 100), range of motion as a line (right axis, degrees). */
export function RepetitionChart(props: { repetitions: readonly Repetition[] }) {
  const { repetitions } = props;
  const widest = Math.max(30, ...repetitions.map((r) => r.rangeOfMotionDeg));
  const topDeg = Math.ceil(widest / 30) * 30;
  const slot = (WIDTH - LEFT - RIGHT) / repetitions.length;
  const x = (index: number): number => LEFT + slot * (index + 0.5);
  const y = (share: number): number => TOP + (HEIGHT - TOP - BOTTOM) * (1 - share);
  const line = repetitions.map((r, i) => `${x(i).toFixed(1)},${y(r.rangeOfMotionDeg / topDeg).toFixed(1)}`).join(" ");
  const bar = Math.min(22, slot * 0.64);
  const every = Math.ceil(repetitions.length / 12);
  return (
    <figure class="chart">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label="Score and range of motion of each repetition">
        {[0, 0.5, 1].map((share) => (
          <g key={share} class="grid">
            <line x1={LEFT} x2={WIDTH - RIGHT} y1={y(share)} y2={y(share)} />
            <text x={LEFT - 6} y={y(share) + 4} text-anchor="end">{100 * share}</text>
            <text class="range" x={WIDTH - RIGHT + 6} y={y(share) + 4}>{`${topDeg * share}°`}</text>
          </g>
        ))}
        {repetitions.map((r, i) => (
          <g key={r.number}>
            <rect
              class={scoreClass(r.score)}
              x={x(i) - bar / 2}
              y={y(r.score / 100)}
              width={bar}
              height={y(0) - y(r.score / 100)}
              rx="3"
            >
              <title>{`Repetition ${r.number}: score ${Math.round(r.score)}, range ${Math.round(r.rangeOfMotionDeg)}°`}</title>
            </rect>
            {i % every === 0 && <text x={x(i)} y={HEIGHT - 5} text-anchor="middle">{r.number}</text>}
          </g>
        ))}
        <polyline class="range" points={line} />
        {repetitions.map((r, i) => (
          <circle key={r.number} class="range" cx={x(i)} cy={y(r.rangeOfMotionDeg / topDeg)} r="3" />
        ))}
      </svg>
      <figcaption>
        <span class="key score-key">Score</span>
        <span class="key range-key">Range of motion</span>
      </figcaption>
    </figure>
  );
}
