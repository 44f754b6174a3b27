/** One person on the gym page, readable from across the room. */
import { ActivityState } from "../gen/spotter/common/v1/exercise_pb";
import { exerciseName, isHeld } from "../exercises";
import { personClass } from "../format";
import { present } from "../live/present";
import type { LivePerson } from "../live/state";
import { nowMs } from "../now";
import { routeHash } from "../routes";
import { Count, FaultChip, Guidance, HiddenNote, Icon, RangeMeter, RepetitionStrip, StateBadge } from "./parts";

/** `linked` makes the label lead to the person's own view. */
export function PersonCard(props: { person: LivePerson; linked: boolean; onClaim: () => void }) {
  const { person, linked, onClaim } = props;
  const shown = present(person, nowMs.value, isHeld);
  const label = person.label || "Someone new";
  const hidden = shown.state === ActivityState.NOT_VISIBLE;
  return (
    <article
      class={`card ${personClass(person.personId, person.label)}${shown.finished ? " finished" : ""}`}
      data-testid="person-card"
      data-person-id={person.personId}
      aria-label={label}
    >
      <header>
        <h2>
          {linked ? <a href={routeHash({ page: "person", personId: person.personId, tab: "live" })}>{label}</a> : label}
        </h2>
        <StateBadge shown={shown} />
      </header>
      <div class="card-body">
        <RangeMeter ratio={shown.rangeRatio}>
          <Count shown={shown} />
        </RangeMeter>
        <div class="card-facts">
          <p class="exercise" data-testid="exercise">
            {shown.exercise === "" ? "No exercise yet" : exerciseName(shown.exercise)}
          </p>
          {person.set !== null && person.set.number > 0 && <p class="set-number">Set {person.set.number}</p>}
          <RepetitionStrip counted={person.set?.counted ?? []} />
          {hidden ? <HiddenNote /> : <FaultChip fault={shown.fault} />}
        </div>
      </div>
      <footer>
        <Guidance line={person.guidance} idle="" />
        <button type="button" class="claim" onClick={onClaim}>
          <Icon name="phone" />
          {person.claimed ? "On a phone" : "That's me"}
        </button>
      </footer>
    </article>
  );
}
