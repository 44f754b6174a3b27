/** The QR code by which a phone claims a person. */
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { useEffect, useRef, useState } from "preact/hooks";
import { edge, explain } from "../api/client";
import type { CreateClaimCodeResponse } from "../gen/spotter/edge/v1/edge_pb";
import { clock } from "../format";
import type { LivePerson } from "../live/state";
import { nowMs } from "../now";
import { Icon } from "./parts";

/** A code holds this long, s. */
const LIFETIME_S = 120;

interface Code {
  readonly answer: CreateClaimCodeResponse;
  /** On this device's clock, which may differ from the server's. */
  readonly endsAtMs: number;
}

/** Asks for a code when it opens; closes by itself a moment after the phone has claimed. */
export function ClaimDialog(props: { person: LivePerson; onClose: () => void }) {
  const { person, onClose } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const [code, setCode] = useState<Code | null>(null);
  const [problem, setProblem] = useState("");
  const [claimedBefore] = useState(person.claimed);
  const ask = (): void => {
    edge.createClaimCode({ personId: person.personId, lifetime: { seconds: BigInt(LIFETIME_S), nanos: 0 } }).then(
      (answer) => setCode({ answer, endsAtMs: Date.now() + LIFETIME_S * 1000 }),
      (cause: unknown) => setProblem(explain(cause)),
    );
  };
  useEffect(() => {
    dialog.current?.showModal();
    ask();
  }, []);
  const done = person.claimed && !claimedBefore;
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(onClose, 2_500);
    return () => clearTimeout(timer);
  }, [done]);
  return (
    <dialog ref={dialog} class="claim-dialog" aria-label={`Take ${person.label} to your phone`} onClose={onClose}>
      <button type="button" class="round" aria-label="Close" onClick={() => dialog.current?.close()}>
        <Icon name="close" />
      </button>
      <h2>{done ? "Linked" : person.label}</h2>
      {done ? <p class="done">Your phone follows you now.</p> : <CodePicture code={code} problem={problem} onAgain={ask} />}
    </dialog>
  );
}

function CodePicture(props: { code: Code | null; problem: string; onAgain: () => void }) {
  const { code, problem, onAgain } = props;
  if (problem !== "") return <p role="alert">{problem}</p>;
  if (code === null) return <p>Making a code…</p>;
  const leftS = (code.endsAtMs - nowMs.value) / 1000;
  if (leftS <= 0)
    return (
      <p>
        This code has run out. <button type="button" onClick={onAgain}>New code</button>
      </p>
    );
  return (
    <>
      <img
        class="qr"
        alt="QR code to scan with your phone"
        data-expires={code.answer.expireTime === undefined ? "" : timestampMs(code.answer.expireTime)}
        src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(code.answer.qrSvg)}`}
      />
      <p>Scan it with your phone's camera to follow your own count and hear your coach.</p>
      <p class="left">Valid for {clock(leftS)}</p>
    </>
  );
}
