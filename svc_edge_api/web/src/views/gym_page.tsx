/** The whole gym: for staff with pictures, for the kiosk without. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { Camera_State } from "../gen/spotter/ingest/v1/ingest_pb";
import { cameraStateWord } from "../live/cameras";
import type { LiveCamera, LivePerson } from "../live/state";
import { type LiveStore, openGym } from "../live/store";
import { AlertBanner } from "./alert_banner";
import { ClaimDialog } from "./claim_dialog";
import { ConnectionNotice } from "./connection_notice";
import { ConnectionBadge } from "./parts";
import { PersonCard } from "./person_card";
import { Preview } from "./preview";

/** This many people get a tall card on a wall screen. */
const FEW = 4;

/** `staff` shows cameras' pictures and leads to each person's own view. */
export function GymPage(props: { staff: boolean; gymId: string }) {
  const { staff, gymId } = props;
  const store = useMemo(() => openGym(staff), [staff]);
  useEffect(() => store.close, [store]);
  const [claiming, setClaiming] = useState("");
  const state = store.state.value;
  const people = inOrder(Object.values(state.people).filter((p) => p.present));
  const claimed = state.people[claiming];
  return (
    <div class={staff ? "gym staff" : "gym kiosk"}>
      <header class="bar">
        <span class="brand">Spotter</span>
        <h1>{gymId}</h1>
        <ConnectionBadge connection={store.connection.value} />
      </header>
      <ConnectionNotice connection={store.connection.value} />
      {staff && <AlertBanner state={state} onAcknowledged={store.acknowledged} />}
      <main>
        <CameraPanel store={store} pictures={staff} />
        <section class={people.length <= FEW ? "cards few" : "cards"} aria-label="People">
          {people.map((person) => (
            <PersonCard key={person.personId} person={person} linked={staff} onClaim={() => setClaiming(person.personId)} />
          ))}
          {people.length === 0 && <p class="empty">Nobody in view. Step in front of a camera and start to train.</p>}
        </section>
      </main>
      {claimed !== undefined && <ClaimDialog key={claiming} person={claimed} onClose={() => setClaiming("")} />}
    </div>
  );
}

/** "Person 2" before "Person 10". */
function inOrder(people: readonly LivePerson[]): LivePerson[] {
  return [...people].sort((a, b) => a.label.localeCompare(b.label, "en", { numeric: true }));
}

function CameraPanel(props: { store: LiveStore; pictures: boolean }) {
  const { store, pictures } = props;
  const cameras = Object.values(store.state.value.cameras).sort((a, b) => a.cameraId.localeCompare(b.cameraId));
  const [asked, setAsked] = useState("");
  const shown = cameras.find((c) => c.cameraId === asked) ?? cameras.find((c) => c.state === Camera_State.LIVE) ?? cameras[0];
  return (
    <section class="cameras" aria-label="Cameras">
      {pictures && shown !== undefined && <Preview key={shown.cameraId} camera={shown} people={store.state} />}
      <ul class="camera-list">
        {cameras.map((camera) => (
          <li key={camera.cameraId}>
            <CameraChip camera={camera} chosen={pictures && camera === shown} onChoose={pictures ? setAsked : null} />
          </li>
        ))}
        {cameras.length === 0 && <li class="empty">No camera is attached. Attach one with “spotter watch”.</li>}
      </ul>
    </section>
  );
}

function CameraChip(props: { camera: LiveCamera; chosen: boolean; onChoose: ((cameraId: string) => void) | null }) {
  const { camera, chosen, onChoose } = props;
  const word = cameraStateWord(camera.state);
  const inside = (
    <>
      <span class={`lamp ${word.toLowerCase()}`} />
      <strong>{camera.displayName || camera.cameraId}</strong>
      <span data-testid="camera-state">{word}</span>
    </>
  );
  return (
    <>
      {onChoose === null ? (
        <span class="camera">{inside}</span>
      ) : (
        <button type="button" class="camera" aria-pressed={chosen} onClick={() => onChoose(camera.cameraId)}>
          {inside}
        </button>
      )}
      {onChoose !== null && camera.detail !== "" && <p class="camera-detail">{camera.detail}</p>}
    </>
  );
}
