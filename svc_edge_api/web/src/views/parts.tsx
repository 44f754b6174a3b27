/** Small pieces that several pages share. */
import { ActivityState, type Fault } from "../gen/spotter/common/v1/exercise_pb";
import { GuidanceKind } from "../gen/spotter/events/v1/events_pb";
import type { Connection } from "../api/follow";
import { scoreClass, severityClass, words } from "../format";
import { type Presentation, stateWord } from "../live/present";
import type { GuidanceLine, LiveRepetition } from "../live/state";

/** Part of the circle that the meter covers: 270 of 360 degrees. */
const SWEEP = 75;

/** The range of motion as an arc around `children`; `ratio` null draws it empty. */
export function RangeMeter(props: { ratio: number | null; children: preact.ComponentChildren }) {
  const ratio = Math.min(1, Math.max(0, props.ratio ?? 0));
  const percent = Math.round(ratio * 100);
  return (
    <div class={props.ratio === null ? "meter still" : "meter"}>
      <svg
        viewBox="0 0 200 200"
        role="meter"
        aria-label="Range of motion"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        data-testid="range-meter"
      >
        <g transform="rotate(135 100 100)">
          <circle class="track" cx="100" cy="100" r="88" pathLength="100" stroke-dasharray={`${SWEEP} 100`} />
          <circle class="value" cx="100" cy="100" r="88" pathLength="100" stroke-dasharray={`${SWEEP * ratio} 100`} />
        </g>
      </svg>
      <div class="meter-inside">{props.children}</div>
    </div>
  );
}

/** The big number: repetitions, or seconds of a hold. */
export function Count(props: { shown: Presentation }) {
  const { holding, holdS, repetitions } = props.shown;
  const number = holding ? Math.floor(holdS) : repetitions;
  return (
    <>
      <span class={number > 99 ? "count long" : "count"} data-testid="rep-count" key={number}>
        {number}
      </span>
      <span class="unit">{holding ? "seconds" : number === 1 ? "rep" : "reps"}</span>
    </>
  );
}

/** The fault of the moment; keeps its place where there is none. */
export function FaultChip(props: { fault: Fault | undefined }) {
  const { fault } = props;
  if (fault === undefined) return <p class="fault none" data-testid="fault" aria-hidden="true" />;
  return (
    <p class={`fault ${severityClass(fault.severity)}`} data-testid="fault">
      <Icon name="alert" />
      {words(fault.name)}
    </p>
  );
}

/** In the fault's place while a person can't be judged. */
export function HiddenNote() {
  return <p class="hidden-note">Can't see you well — step into view</p>;
}

/** What the coach said last. */
export function Guidance(props: { line: GuidanceLine | null; idle: string }) {
  const { line } = props;
  const tone = line === null ? "quiet" : line.kind === GuidanceKind.CORRECTION ? severityClass(line.severity) : "praise";
  return (
    <p class={`guidance ${tone}`} aria-live="polite" data-testid="guidance">
      {line?.text ?? props.idle}
    </p>
  );
}

/** What somebody does, in a word. */
export function StateBadge(props: { shown: Presentation }) {
  const active = props.shown.state === ActivityState.EXERCISING || props.shown.state === ActivityState.HOLDING;
  return <span class={active ? "badge active" : "badge"}>{stateWord(props.shown)}</span>;
}

/** The last repetitions as bars, coloured and as high as their score. */
export function RepetitionStrip(props: { counted: readonly LiveRepetition[] }) {
  return (
    <ol class="strip" aria-label="Scores of the last repetitions">
      {props.counted.slice(-16).map(({ number, score }) => (
        <li key={number} class={scoreClass(score)} title={`Repetition ${number}: ${Math.round(score)} of 100`}>
          <i style={{ height: `${Math.max(12, score)}%` }} />
        </li>
      ))}
    </ol>
  );
}

/** Whether the page hears from the gym. */
export function ConnectionBadge(props: { connection: Connection }) {
  const { connection } = props;
  const word = connection.kind === "reconnecting" && connection.offline ? "Offline" : CONNECTION_WORDS[connection.kind];
  return (
    <span class={`connection ${connection.kind}`} role="status" data-testid="connection">
      {word}
    </span>
  );
}

const CONNECTION_WORDS: Readonly<Record<Connection["kind"], string>> = {
  connecting: "Connecting…",
  live: "Live",
  reconnecting: "Reconnecting…",
  expired: "Signed out",
  refused: "Not allowed",
};

const ICONS = {
  alert: "M12 3 2 20.5h20L12 3Zm0 6v5m0 3v.5",
  back: "M15 5l-7 7 7 7",
  close: "M6 6l12 12M18 6 6 18",
  history: "M5 6h14v14H5V6Zm0 4h14M9 3v4m6-4v4m-6 8 2 2 4-4",
  live: "M3 12h4l3-7 4 14 3-7h4",
  phone: "M8 3h8a1 1 0 0 1 1 1v16a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1Zm3 15h2",
  play: "M7 4.5v15l12-7.5-12-7.5Z",
  replay: "M4 5v5h5M4.6 10A8 8 0 1 1 4 13.5",
  statistics: "M5 20V11m7 9V4m7 16v-6",
  voice: "M4 9v6h4l5 4V5L8 9H4Zm12.5-.5a5 5 0 0 1 0 7M19 6a8.5 8.5 0 0 1 0 12",
  mute: "M4 9v6h4l5 4V5L8 9H4Zm12 .5 5 5m0-5-5 5",
} as const;

/** A line drawing; the text beside it carries the meaning. */
export function Icon(props: { name: keyof typeof ICONS }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={ICONS[props.name]} />
    </svg>
  );
}
