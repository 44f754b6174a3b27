/** Keeps a server stream alive: reads it, watches for silence, opens it again with growing pauses. */
import { Code, ConnectError } from "@connectrpc/connect";

export const FIRST_DELAY_MS = 250;
export const LONGEST_DELAY_MS = 5_000;
/** The server says something at least every 10 s. */
export const SILENCE_MS = 25_000;

/** How a stream stands. The last two are final: opening it again won't help. */
export type Connection =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  | { readonly kind: "reconnecting"; readonly offline: boolean }
  | { readonly kind: "expired" }
  | { readonly kind: "refused"; readonly message: string };

export interface FollowOptions<T> {
  /** Opens the stream; called again after each break. Calls `onOpen` when the server has accepted it. */
  readonly open: (signal: AbortSignal, onOpen: () => void) => AsyncIterable<T>;
  readonly onMessage: (message: T) => void;
  readonly onConnection: (connection: Connection) => void;
  /** The server can't go on from where the stream broke: the caller forgets its place. */
  readonly onLostPlace?: () => void;
  /** Longest silence before a stream counts as broken, ms. */
  readonly silenceMs?: number;
  /** Ends everything. */
  readonly signal: AbortSignal;
}

const LOST_PLACE: readonly Code[] = [Code.OutOfRange, Code.InvalidArgument, Code.FailedPrecondition];

/** The final state that an error means; null where trying again may help. */
export function finalState(error: ConnectError): Connection | null {
  if (error.code === Code.Unauthenticated) return { kind: "expired" };
  if (error.code === Code.PermissionDenied || error.code === Code.NotFound || error.code === Code.Unimplemented)
    return { kind: "refused", message: error.rawMessage };
  return null;
}

/** Follows the stream until `signal` aborts or an error is final. Never throws. */
export async function follow<T>(options: FollowOptions<T>): Promise<void> {
  const { signal, onConnection } = options;
  let failures = 0;
  onConnection({ kind: "connecting" });
  while (!signal.aborted) {
    try {
      await readOnce(options, () => {
        failures = 0;
      });
    } catch (cause) {
      const error = ConnectError.from(cause);
      const final = signal.aborted ? null : finalState(error);
      if (final !== null) return onConnection(final);
      if (LOST_PLACE.includes(error.code)) options.onLostPlace?.();
    }
    if (signal.aborted) return;
    onConnection({ kind: "reconnecting", offline: !isOnline() });
    await pause(Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** failures), signal);
    failures += 1;
  }
}

async function readOnce<T>(options: FollowOptions<T>, onMessageHeard: () => void): Promise<void> {
  const attempt = new AbortController();
  const abort = (): void => attempt.abort();
  options.signal.addEventListener("abort", abort);
  const silence = options.silenceMs ?? SILENCE_MS;
  let watchdog = setTimeout(abort, silence);
  let heardAtMs = Date.now();
  const onWake = (): void => {
    if (isVisible() && Date.now() - heardAtMs > silence) abort();
  };
  globalThis.document?.addEventListener("visibilitychange", onWake);
  let opened = false;
  const onOpen = (): void => {
    if (!opened && !attempt.signal.aborted) options.onConnection({ kind: "live" });
    opened = true;
  };
  try {
    for await (const message of options.open(attempt.signal, onOpen)) {
      if (attempt.signal.aborted) return;
      clearTimeout(watchdog);
      watchdog = setTimeout(abort, silence);
      heardAtMs = Date.now();
      onOpen();
      onMessageHeard();
      options.onMessage(message);
    }
  } finally {
    clearTimeout(watchdog);
    globalThis.document?.removeEventListener("visibilitychange", onWake);
    options.signal.removeEventListener("abort", abort);
  }
}

function isOnline(): boolean {
  return globalThis.navigator?.onLine !== false;
}

function isVisible(): boolean {
  return globalThis.document?.visibilityState === "visible";
}

/** Waits; shorter where the network comes back or the caller gives up. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      globalThis.window?.removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
    globalThis.window?.addEventListener("online", done);
  });
}
