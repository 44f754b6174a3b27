/** A live stream held as signals that views read. */
import { effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { edge, safety, streamOptions } from "../api/client";
import { type Connection, follow } from "../api/follow";
import type { LiveUpdate } from "../gen/spotter/edge/v1/edge_pb";
import { mergeAlerts, withoutAlert } from "./alerts";
import { applyUpdate, mergePeople, mergeRepetitions, replaceCameras } from "./reducer";
import { EMPTY_STATE, type LiveState } from "./state";

/** Events carry neither labels nor camera names, and nothing tells of a detached camera: lists are read again. */
const CHECK_MS = 1_000;
const CAMERAS_EVERY_CHECKS = 30;

/** One open stream with what it told so far. */
export interface LiveStore {
  readonly state: ReadonlySignal<LiveState>;
  readonly connection: ReadonlySignal<Connection>;
  readonly close: () => void;
}

/** The gym's stream. */
export interface GymStore extends LiveStore {
  /** This page's user looks after an alert. */
  readonly acknowledged: (alertId: string) => void;
}

type Open = (resumeToken: string, signal: AbortSignal, onOpen: () => void) => AsyncIterable<{ update?: LiveUpdate | undefined }>;

function followInto(state: Signal<LiveState>, open: Open, closing: AbortSignal): ReadonlySignal<Connection> {
  const connection = signal<Connection>({ kind: "connecting" });
  void follow({
    open: (abort, onOpen) => open(state.peek().resumeToken, abort, onOpen),
    onMessage: ({ update }) => {
      if (update !== undefined) state.value = applyUpdate(state.peek(), update, Date.now());
    },
    onConnection: (now) => {
      connection.value = now;
    },
    onLostPlace: () => {
      state.value = { ...state.peek(), resumeToken: "" };
    },
    signal: closing,
  });
  return connection;
}

/** Reads the scores of running sets that began before the page watched, once a set. */
function fillRepetitions(state: Signal<LiveState>, closing: AbortSignal): void {
  const asked = new Set<string>();
  const stop = effect(() => {
    for (const { set } of Object.values(state.value.people)) {
      if (set === null || asked.has(set.setId) || !set.open) continue;
      asked.add(set.setId);
      if (set.counted.length >= set.repetitions) continue;
      edge.getSet({ setId: set.setId }).then(
        (answer) => {
          if (answer.set !== undefined) state.value = mergeRepetitions(state.peek(), answer.set);
        },
        () => undefined, // Bars of earlier repetitions are a nicety; the count is right without them.
      );
    }
  });
  closing.addEventListener("abort", stop);
}

/** The stream of one person; an empty id means the member's own. */
export function openPerson(personId: string): LiveStore {
  const state = signal(EMPTY_STATE);
  const closing = new AbortController();
  fillRepetitions(state, closing.signal);
  const open: Open = (resumeToken, abort, onOpen) =>
    edge.streamPerson({ personId, resumeToken }, streamOptions(abort, onOpen));
  return { state, connection: followInto(state, open, closing.signal), close: () => closing.abort() };
}

/** The stream of the whole gym; `staff` may read the sets' repetitions too. */
export function openGym(staff: boolean): GymStore {
  const state = signal(EMPTY_STATE);
  const closing = new AbortController();
  if (staff) fillRepetitions(state, closing.signal);
  const open: Open = (resumeToken, abort, onOpen) => edge.streamGym({ resumeToken }, streamOptions(abort, onOpen));
  const connection = followInto(state, open, closing.signal);
  const stopReading = effect(() => {
    if (staff && connection.value.kind === "live") void readAlerts(state);
  });
  let checks = 0;
  const timer = setInterval(() => {
    if (connection.peek().kind !== "live") return;
    const all = ++checks % CAMERAS_EVERY_CHECKS === 0;
    void refreshLists(state, all);
    if (staff && all) void readAlerts(state);
  }, CHECK_MS);
  const close = (): void => {
    clearInterval(timer);
    stopReading();
    closing.abort();
  };
  const acknowledged = (alertId: string): void => {
    state.value = withoutAlert(state.peek(), alertId);
  };
  return { state, connection, close, acknowledged };
}

/** Alerts that were raised before this page watched, or while its connection was broken. */
async function readAlerts(state: Signal<LiveState>): Promise<void> {
  const before = state.peek();
  try {
    const answer = await safety.listAlerts({ openOnly: true, pageSize: 200 });
    state.value = mergeAlerts(state.peek(), before, answer.alerts);
  } catch {
    // They are told again every half minute, and the list is read again as often.
  }
}

async function refreshLists(state: Signal<LiveState>, camerasToo: boolean): Promise<void> {
  const { people, cameras } = state.peek();
  const nameless = Object.values(people).some((p) => p.present && p.label === "");
  const unknownCamera = Object.values(cameras).some((c) => c.displayName === "");
  try {
    if (nameless) {
      const answer = await edge.listPeople({ presentOnly: true, pageSize: 200 });
      state.value = mergePeople(state.peek(), answer.people);
    }
    if (unknownCamera || camerasToo) {
      const answer = await edge.listCameras({ pageSize: 200 });
      state.value = replaceCameras(state.peek(), answer.cameras);
    }
  } catch {
    // The stream itself reports what is wrong with the connection; labels come with the next try.
  }
}
