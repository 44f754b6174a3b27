/** One camera's pictures with the skeletons drawn over them. */
import type { ReadonlySignal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { edge, streamOptions } from "../api/client";
import { type Connection, follow } from "../api/follow";
import { exerciseName, isHeld } from "../exercises";
import { personClass } from "../format";
import { Camera_State } from "../gen/spotter/ingest/v1/ingest_pb";
import type { StreamPreviewResponse } from "../gen/spotter/vision/v1/vision_pb";
import { cameraStateWord } from "../live/cameras";
import { present } from "../live/present";
import type { LiveCamera, LiveState } from "../live/state";
import { drawPreview } from "./preview_drawing";

/** A picture comes up to five times a second; a preview has no heartbeat, so it may be silent longer, ms. */
const SILENCE_MS = 30_000;
const WIDTH_PX = 960;

export function Preview(props: { camera: LiveCamera; people: ReadonlySignal<LiveState> }) {
  const { camera, people } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [connection, setConnection] = useState<Connection>({ kind: "connecting" });
  const watched = usePageVisible() && camera.state !== Camera_State.ENDED && camera.state !== Camera_State.FAILED;
  useEffect(() => {
    if (!watched) return;
    const closing = new AbortController();
    void follow({
      open: (abort) => edge.streamPreview({ cameraId: camera.cameraId, maxRateHz: 5, maxWidthPx: WIDTH_PX }, streamOptions(abort)),
      onMessage: ({ preview }) => {
        if (preview !== undefined && canvas.current !== null) void draw(canvas.current, preview, people);
      },
      onConnection: setConnection,
      silenceMs: SILENCE_MS,
      signal: closing.signal,
    });
    return () => closing.abort();
  }, [camera.cameraId, watched]);
  const note = previewNote(camera, connection);
  return (
    <figure class={note === "" ? "preview" : "preview dimmed"}>
      <canvas ref={canvas} width={960} height={540} data-testid="preview-canvas" aria-label={`Picture of ${camera.displayName}`} />
      {note !== "" && <figcaption>{note}</figcaption>}
    </figure>
  );
}

/** Why there is no moving picture; empty where there is one. */
function previewNote(camera: LiveCamera, connection: Connection): string {
  if (camera.state !== Camera_State.LIVE) return camera.detail || cameraStateWord(camera.state);
  if (connection.kind === "refused") return connection.message;
  return connection.kind === "live" ? "" : "Waiting for pictures…";
}

/** A picture that can't be decoded is left out: the next one is a fifth of a second away. */
async function draw(canvas: HTMLCanvasElement, preview: StreamPreviewResponse, people: ReadonlySignal<LiveState>): Promise<void> {
  const file = new Blob([new Uint8Array(preview.jpeg)], { type: "image/jpeg" });
  const picture = await createImageBitmap(file).catch(() => null);
  if (picture === null) return;
  const labels = preview.people.map(({ personId }) => caption(people.peek(), personId));
  drawPreview(canvas, picture, preview, labels);
  picture.close();
}

/** Label, what they do, and the class that colours them. */
function caption(state: LiveState, personId: string): { text: string; hue: string } {
  const person = state.people[personId];
  if (person === undefined) return { text: "", hue: "" };
  const shown = present(person, Date.now(), isHeld);
  const count = shown.holding ? `${Math.floor(shown.holdS)} s` : String(shown.repetitions);
  const doing = shown.exercise === "" ? "" : ` · ${exerciseName(shown.exercise)} ${count}`;
  return { text: `${person.label}${doing}`, hue: personClass(personId, person.label) };
}

/** False while the tab is hidden: making pictures costs the gym's machine work. */
function usePageVisible(): boolean {
  const [visible, setVisible] = useState(!document.hidden);
  useEffect(() => {
    const onChange = (): void => setVisible(!document.hidden);
    document.addEventListener("visibilitychange", onChange);
    return () => document.removeEventListener("visibilitychange", onChange);
  }, []);
  return visible;
}
