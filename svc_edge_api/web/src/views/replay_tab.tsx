/** The clips of one person, and the one that plays. */
import { durationMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { useEffect, useState } from "preact/hooks";
import { edge, explain, streamOptions } from "../api/client";
import { words } from "../format";
import type { Clip } from "../gen/spotter/ingest/v1/ingest_pb";
import { Icon } from "./parts";

/** `version` grows when a new clip is there. */
export function ReplayTab(props: { personId: string; version: number }) {
  const [clips, setClips] = useState<readonly Clip[] | null>(null);
  const [problem, setProblem] = useState("");
  const [playing, setPlaying] = useState("");
  useEffect(() => {
    edge.listClips({ personId: props.personId, pageSize: 100 }).then(
      (answer) => {
        setClips(answer.clips);
        setProblem("");
      },
      (cause: unknown) => setProblem(explain(cause)),
    );
  }, [props.personId, props.version]);
  if (problem !== "") return <p class="empty" role="alert">{problem}</p>;
  if (clips === null) return <p class="empty">Loading…</p>;
  if (clips.length === 0) return <p class="empty">No clips yet. One is kept whenever the coach sees something to improve.</p>;
  return (
    <section aria-label="Replay">
      <ul class="clips">
        {clips.map((clip) => (
          <ClipRow key={clip.clipId} clip={clip} open={playing === clip.clipId} onOpen={setPlaying} />
        ))}
      </ul>
    </section>
  );
}

function ClipRow(props: { clip: Clip; open: boolean; onOpen: (clipId: string) => void }) {
  const { clip, open, onOpen } = props;
  const when = clip.createTime === undefined ? "" : new Date(timestampMs(clip.createTime)).toLocaleTimeString();
  const seconds = clip.duration === undefined ? 0 : durationMs(clip.duration) / 1000;
  return (
    <li class="clip" data-testid="clip">
      <button type="button" class="clip-head" aria-expanded={open} onClick={() => onOpen(open ? "" : clip.clipId)}>
        <Icon name={open ? "close" : "play"} />
        <span>
          <strong>{clip.reason === "set" ? "Whole set" : words(clip.reason)}</strong>
          <small>{`${when} · ${seconds.toFixed(1)} s`}</small>
        </span>
      </button>
      {open && <ClipPlayer clipId={clip.clipId} sizeBytes={clip.sizeBytes} />}
    </li>
  );
}

/** Plays a clip; `sizeBytes` 0 where it isn't known. */
export function ClipPlayer(props: { clipId: string; sizeBytes: bigint }) {
  const [url, setUrl] = useState("");
  const [note, setNote] = useState("Loading…");
  useEffect(() => {
    const closing = new AbortController();
    let made = "";
    readClip(props.clipId, props.sizeBytes, closing.signal, setNote).then(
      (file) => {
        if (closing.signal.aborted) return;
        made = URL.createObjectURL(file);
        setUrl(made);
      },
      (cause: unknown) => setNote(explain(cause)),
    );
    return () => {
      closing.abort();
      if (made !== "") URL.revokeObjectURL(made);
    };
  }, [props.clipId]);
  if (url === "") return <p class="clip-note" role="status">{note}</p>;
  return <video src={url} controls autoplay loop muted playsInline />;
}

/** Gathers the file; a browser plays a Blob, and can't send a token with a video's address. */
async function readClip(
  clipId: string,
  sizeBytes: bigint,
  signal: AbortSignal,
  onNote: (note: string) => void,
): Promise<Blob> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  for await (const { data } of edge.readClip({ clipId }, streamOptions(signal))) {
    pieces.push(new Uint8Array(data));
    bytes += data.byteLength;
    if (sizeBytes > 0n) onNote(`Loading… ${Math.round((100 * bytes) / Number(sizeBytes))} %`);
  }
  return new Blob(pieces, { type: "video/mp4" });
}
