import { Code, ConnectError } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Connection, follow } from "../src/api/follow";

type Script = (signal: AbortSignal, attempt: number, onOpen: () => void) => AsyncIterable<string>;

/** Follows a scripted stream; `heard` and `states` grow, `openedAt` holds the ms of each attempt. */
function start(script: Script) {
  const [heard, states, openedAt]: [string[], string[], number[]] = [[], [], []];
  const closing = new AbortController();
  const began = Date.now();
  const lostPlace = vi.fn();
  const open = (signal: AbortSignal, onOpen: () => void): AsyncIterable<string> => {
    openedAt.push(Date.now() - began);
    return script(signal, openedAt.length, onOpen);
  };
  const onConnection = (connection: Connection): void => void states.push(connection.kind);
  const ended = follow({ open, onMessage: (m) => heard.push(m), onConnection, onLostPlace: lostPlace, signal: closing.signal });
  return { heard, states, openedAt, lostPlace, ended, close: () => closing.abort() };
}

async function* failing(code: Code): AsyncIterable<string> {
  throw new ConnectError("no", code);
}

async function* silent(signal: AbortSignal): AsyncIterable<string> {
  await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new ConnectError("aborted", Code.Canceled))));
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("follow", () => {
  it("opens again after 0.25 s, then twice as long each time, up to 5 s", async () => {
    const run = start(() => failing(Code.Unavailable));
    await vi.advanceTimersByTimeAsync(18_000);
    run.close();
    expect(run.openedAt).toEqual([0, 250, 750, 1750, 3750, 7750, 12750, 17750]);
  });

  it("starts with short pauses again once something was heard", async () => {
    const run = start(async function* (_, attempt) {
      if (attempt < 4) throw new ConnectError("down", Code.Unavailable);
      yield "hello";
    });
    await vi.advanceTimersByTimeAsync(2_100);
    run.close();
    expect(run.openedAt.slice(0, 5)).toEqual([0, 250, 750, 1750, 2000]);
    expect(run.states).toContain("live");
  });

  it("counts 25 s of silence as a broken stream", async () => {
    const run = start(async function* (signal, attempt) {
      yield `hello ${attempt}`;
      yield* silent(signal);
    });
    await vi.advanceTimersByTimeAsync(25_300);
    run.close();
    expect(run.heard).toEqual(["hello 1", "hello 2"]);
    expect(run.states).toEqual(["connecting", "live", "reconnecting", "live"]);
  });

  it.each([
    [Code.Unauthenticated, "expired"],
    [Code.PermissionDenied, "refused"],
    [Code.NotFound, "refused"],
  ])("gives up on error code %i and says %s", async (code, kind) => {
    const run = start(() => failing(code));
    await run.ended;
    expect(run.states).toEqual(["connecting", kind]);
    expect(run.openedAt).toHaveLength(1);
  });

  it("forgets its place where the server can't go on from it", async () => {
    const run = start(() => failing(Code.OutOfRange));
    await vi.advanceTimersByTimeAsync(10);
    run.close();
    expect(run.lostPlace).toHaveBeenCalledOnce();
  });

  it("is live as soon as the server has accepted the stream, before anything happens in it", async () => {
    const run = start((signal, _, onOpen) => {
      onOpen();
      return silent(signal);
    });
    await vi.advanceTimersByTimeAsync(10);
    run.close();
    expect(run.states).toEqual(["connecting", "live"]);
  });

  it("stops at once when it is closed", async () => {
    const run = start((signal) => silent(signal));
    await vi.advanceTimersByTimeAsync(10);
    run.close();
    await run.ended;
    expect(run.openedAt).toHaveLength(1);
  });
});
