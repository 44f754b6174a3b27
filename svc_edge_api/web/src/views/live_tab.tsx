/** The phone's first tab: the count, the range, the fault, the coach. */
import { ActivityState } from "../gen/spotter/common/v1/exercise_pb";
import { exerciseName, isHeld } from "../exercises";
import { present } from "../live/present";
import type { LivePerson } from "../live/state";
import { nowMs } from "../now";
import { Count, FaultChip, Guidance, HiddenNote, RangeMeter, RepetitionStrip, StateBadge } from "./parts";

export function LiveTab(props: { person: LivePerson | undefined }) {
  const { person } = props;
  if (person === undefined) return <Waiting />;
  const shown = present(person, nowMs.value, isHeld);
  const hidden = shown.state === ActivityState.NOT_VISIBLE;
  const name = shown.exercise === "" ? "Start an exercise" : exerciseName(shown.exercise);
  return (
    <section class={shown.finished ? "live-tab finished" : "live-tab"} aria-label="Live">
      <header class="live-head">
        <h2 data-testid="exercise">{name}</h2>
        <p class="live-sub">
          {person.set !== null && person.set.number > 0 && <span>Set {person.set.number}</span>}
          <StateBadge shown={shown} />
        </p>
      </header>
      <RangeMeter ratio={shown.rangeRatio}>
        <Count shown={shown} />
      </RangeMeter>
      <RepetitionStrip counted={person.set?.counted ?? []} />
      {hidden ? <HiddenNote /> : <FaultChip fault={shown.fault} />}
      <Guidance line={person.guidance} idle="Your coach is watching." />
    </section>
  );
}

function Waiting() {
  return (
    <section class="live-tab" aria-label="Live">
      <p class="empty">Step in front of the camera. Your count starts by itself.</p>
    </section>
  );
}
