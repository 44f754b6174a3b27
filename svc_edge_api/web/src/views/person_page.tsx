/** One person's own view: live, replay, statistics, history. */
import { useSignalEffect } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { type LiveStore, openPerson } from "../live/store";
import type { LivePerson, LiveState } from "../live/state";
import { routeHash, type Tab, TABS } from "../routes";
import { canSpeak, setVoice, speakGuidance, voiceOn } from "../speech";
import { ConnectionNotice } from "./connection_notice";
import { HistoryTab } from "./history_tab";
import { LiveTab } from "./live_tab";
import { ConnectionBadge, Icon } from "./parts";
import { ReplayTab } from "./replay_tab";
import { StatisticsTab } from "./statistics_tab";

/** `askedId` is empty for the member's own person; `ownId` is the person of a member's token. */
export function PersonPage(props: { askedId: string; ownId: string; tab: Tab }) {
  const { askedId, ownId, tab } = props;
  const store = useMemo(() => openPerson(askedId), [askedId]);
  useEffect(() => store.close, [store]);
  useSpokenGuidance(store, askedId || ownId);
  const state = store.state.value;
  const person = find(state, askedId || ownId);
  return (
    <div class="phone">
      <header class="bar">
        {askedId === "" ? <img class="logo" src="/icon.svg" alt="Spotter" /> : <a class="round" href={routeHash({ page: "gym" })} aria-label="Back to the gym"><Icon name="back" /></a>}
        <h1>{person?.label ?? ""}</h1>
        <ConnectionBadge connection={store.connection.value} />
        <VoiceButton />
      </header>
      <ConnectionNotice connection={store.connection.value} />
      <main>
        {tab === "live" && <LiveTab person={person} />}
        {tab === "replay" && <ReplayTab personId={askedId} version={state.clipsVersion} />}
        {tab === "statistics" && <StatisticsTab personId={askedId} version={state.setsVersion} />}
        {tab === "history" && <HistoryTab personId={askedId} version={state.setsVersion} />}
      </main>
      <nav class="tabs" aria-label="Views">
        {TABS.map((name) => (
          <a
            key={name}
            href={routeHash({ page: "person", personId: askedId, tab: name })}
            aria-current={name === tab ? "page" : undefined}
            data-testid={`tab-${name}`}
          >
            <Icon name={name} />
            {name.charAt(0).toUpperCase() + name.slice(1)}
          </a>
        ))}
      </nav>
    </div>
  );
}

function find(state: LiveState, personId: string): LivePerson | undefined {
  return state.people[personId] ?? (personId === "" ? Object.values(state.people)[0] : undefined);
}

/** Speaks each line once, in whichever tab the user is. */
function useSpokenGuidance(store: LiveStore, personId: string): void {
  const spoken = useMemo(() => ({ id: "" }), [store]);
  useSignalEffect(() => {
    const state = store.state.value;
    const line = find(state, personId)?.guidance;
    if (line == null || line.id === spoken.id) return;
    spoken.id = line.id;
    speakGuidance(line, state, Date.now());
  });
}

function VoiceButton() {
  if (!canSpeak) return null;
  const on = voiceOn.value;
  return (
    <button
      type="button"
      class={on ? "voice on" : "voice"}
      aria-pressed={on}
      aria-label={on ? "Mute the coach's voice" : "Enable voice"}
      onClick={() => setVoice(!on)}
    >
      <Icon name={on ? "voice" : "mute"} />
      {!on && "Enable voice"}
    </button>
  );
}
