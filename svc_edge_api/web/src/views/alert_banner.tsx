/** Who may need help: over everything else until somebody says that they look after it. */
import { useEffect, useState } from "preact/hooks";
import { alarmOn, setAlarm, soundAlarm } from "../alarm";
import { explain, safety } from "../api/client";
import { AlertKind } from "../gen/spotter/common/v1/safety_pb";
import { openAlerts, placeWords } from "../live/alerts";
import type { LiveAlert, LiveState } from "../live/state";
import { nowMs } from "../now";
import { Icon } from "./parts";
import { ClipPlayer } from "./replay_tab";

/** Longer ago than this, a camera's clock is wrong, or an old film plays. */
const LONG_AGO_S = 86_400;

/** `onAcknowledged` is told at once: the event that says so to everybody comes a little later. */
export function AlertBanner(props: { state: LiveState; onAcknowledged: (alertId: string) => void }) {
  const alerts = openAlerts(props.state);
  const told = alerts.reduce((sum, alert) => sum + alert.toldCount, 0);
  useEffect(() => {
    if (told > 0) soundAlarm();
  }, [told]);
  if (alerts.length === 0) return null;
  return (
    <section class="alerts" role="alert" aria-label="Alerts" data-testid="alerts">
      {alerts.map((alert) => (
        <AlertRow key={alert.alertId} alert={alert} state={props.state} onAcknowledged={props.onAcknowledged} />
      ))}
      <button type="button" class="alarm" aria-pressed={alarmOn.value} onClick={() => setAlarm(!alarmOn.value)}>
        <Icon name={alarmOn.value ? "voice" : "mute"} />
        {alarmOn.value ? "Sound on" : "Sound off"}
      </button>
    </section>
  );
}

function AlertRow(props: { alert: LiveAlert; state: LiveState; onAcknowledged: (alertId: string) => void }) {
  const { alert, state, onAcknowledged } = props;
  const [watching, setWatching] = useState(false);
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState("");
  const acknowledge = (): void => {
    setSending(true);
    safety.acknowledgeAlert({ alertId: alert.alertId }).then(
      () => onAcknowledged(alert.alertId),
      (cause: unknown) => {
        setSending(false);
        setProblem(`${explain(cause)} The alert is still open.`);
      },
    );
  };
  return (
    <article class="alert-row" data-testid="alert">
      <Icon name="alert" />
      <div class="alert-text">
        <h2>{headline(alert, state.people[alert.personId]?.label ?? "")}</h2>
        <p>
          <strong>{state.cameras[alert.cameraId]?.displayName ?? alert.cameraId}</strong>
          {`, ${placeWords(alert)} · ${since(alert, nowMs.value)}`}
        </p>
        {problem !== "" && <p class="alert-problem">{problem}</p>}
        {watching && <ClipPlayer clipId={alert.clipId} sizeBytes={0n} />}
      </div>
      <div class="alert-actions">
        <button type="button" class="on-it" data-testid="acknowledge" disabled={sending} onClick={acknowledge}>
          I am on it
        </button>
        <button type="button" data-testid="alert-clip" aria-expanded={watching} onClick={() => setWatching(!watching)}>
          {watching ? "Close the clip" : "Watch the clip"}
        </button>
      </div>
    </article>
  );
}

function headline(alert: LiveAlert, label: string): string {
  const who = label === "" ? "Somebody" : label;
  return alert.kind === AlertKind.PINNED ? `${who} may be stuck under a weight` : `${who} may have fallen`;
}

function since(alert: LiveAlert, atMs: number): string {
  const time = new Date(alert.beginMs).toLocaleTimeString();
  const elapsedS = Math.max(0, Math.round((atMs - alert.beginMs) / 1000));
  if (elapsedS > LONG_AGO_S) return time;
  return elapsedS < 100 ? `${time}, ${elapsedS} s ago` : `${time}, ${Math.round(elapsedS / 60)} min ago`;
}
