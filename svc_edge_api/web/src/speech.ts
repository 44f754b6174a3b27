/** The coach's voice: the browser's own speech synthesis, which needs one tap of the user before it may speak. */
import { signal } from "@preact/signals";
import { Severity } from "./gen/spotter/common/v1/exercise_pb";
import type { GuidanceLine, LiveState } from "./live/state";

const WANTED = "spotter.voice";
/** Guidance older than this was repeated by a resumed stream; saying it now would mislead, ms. */
const LATE_MS = 10_000;

/** False where this browser can't speak. */
export const canSpeak = "speechSynthesis" in globalThis;
/** True while guidance is spoken. */
export const voiceOn = signal(false);

/** Switches the voice; call it from a tap, so that the browser allows it. */
export function setVoice(on: boolean): void {
  voiceOn.value = on && canSpeak;
  localStorage.setItem(WANTED, on ? "on" : "off");
  if (!canSpeak) return;
  if (on) say("Voice on");
  else speechSynthesis.cancel();
}

/** Someone who had the voice on last time gets it back with the first tap anywhere. */
export function restoreVoice(): void {
  if (!canSpeak || localStorage.getItem(WANTED) !== "on") return;
  addEventListener("pointerdown", () => {
    if (localStorage.getItem(WANTED) === "on") voiceOn.value = true;
  }, { once: true });
}

/** Speaks a line that is new and not late; a danger interrupts what is being said. */
export function speakGuidance(line: GuidanceLine, state: LiveState, nowMs: number): void {
  const ageMs = nowMs - (state.clockOffsetMs ?? 0) - line.sinceMs;
  if (!voiceOn.peek() || !line.live || ageMs > LATE_MS) return;
  if (line.severity === Severity.DANGER) speechSynthesis.cancel();
  say(line.text);
}

function say(text: string): void {
  const utterance = new SpeechSynthesisUtterance(text);
  utterance.lang = document.documentElement.lang || "en";
  utterance.rate = 1.05;
  speechSynthesis.speak(utterance);
}
