/** Form and range of motion of one exercise, week by week. */
import { dayName } from "../record/done";
import type { ExerciseTrend } from "../gen/spotter/motion/v1/record_pb";

const WIDTH = 340;
const HEIGHT = 160;
const LEFT = 28;
const RIGHT = 34;
const TOP = 10;
const BOTTOM = 22;
const WEEK_MS = 7 * 86_400_000;

/** Score on the left axis (0 to 100), range of motion on the right one (degrees). */
export function TrendChart(props: { trend: ExerciseTrend }) {
  const { points } = props.trend;
  const widest = Math.max(30, ...points.map((p) => p.rangeOfMotionDeg));
  const topDeg = Math.ceil(widest / 30) * 30;
  const first = Date.parse(points[0]?.weekStartDay ?? "");
  const weeks = Math.max(1, (Date.parse(points.at(-1)?.weekStartDay ?? "") - first) / WEEK_MS);
  const x = (day: string): number => {
    if (points.length === 1) return (LEFT + WIDTH - RIGHT) / 2;
    return LEFT + 8 + ((WIDTH - LEFT - RIGHT - 16) * (Date.parse(day) - first)) / WEEK_MS / weeks;
  };
  const y = (share: number): number => TOP + (HEIGHT - TOP - BOTTOM) * (1 - share);
  const ranged = points.filter((p) => p.rangeOfMotionDeg > 0);
  const line = (of: typeof points, share: (p: (typeof points)[number]) => number): string =>
    of.map((p) => `${x(p.weekStartDay).toFixed(1)},${y(share(p)).toFixed(1)}`).join(" ");
  return (
    <figure class="chart trend" data-testid="trend">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label="Score and range of motion by week">
        {[0, 0.5, 1].map((share) => (
          <g key={share} class="grid">
            <line x1={LEFT} x2={WIDTH - RIGHT} y1={y(share)} y2={y(share)} />
            <text x={LEFT - 6} y={y(share) + 4} text-anchor="end">{100 * share}</text>
            <text class="range" x={WIDTH - RIGHT + 6} y={y(share) + 4}>{`${topDeg * share}°`}</text>
          </g>
        ))}
        <polyline class="range" points={line(ranged, (p) => p.rangeOfMotionDeg / topDeg)} />
        <polyline class="score-line" points={line(points, (p) => p.score / 100)} />
        {ranged.map((p) => (
          <circle key={p.weekStartDay} class="range" cx={x(p.weekStartDay)} cy={y(p.rangeOfMotionDeg / topDeg)} r="3" />
        ))}
        {points.map((p) => (
          <circle key={p.weekStartDay} class="score-dot" cx={x(p.weekStartDay)} cy={y(p.score / 100)} r="3.5">
            <title>{`Week of ${dayName(p.weekStartDay)}: score ${Math.round(p.score)}, range ${Math.round(p.rangeOfMotionDeg)}°`}</title>
          </circle>
        ))}
        {[points[0], ...(points.length > 1 ? [points.at(-1)] : [])].map(
          (p, i) =>
            p !== undefined && (
              <text key={p.weekStartDay} x={x(p.weekStartDay)} y={HEIGHT - 6} text-anchor={points.length === 1 ? "middle" : i === 0 ? "start" : "end"}>
                {dayName(p.weekStartDay)}
              </text>
            ),
        )}
      </svg>
      <figcaption>
        <span class="key score-key">Score</span>
        <span class="key range-key">Range of motion</span>
      </figcaption>
    </figure>
  );
}
