/** A tone when somebody may need help, for who wants it. Browsers allow it after a tap. */
import { signal } from "@preact/signals";

const WANTED = "spotter.alarm";
const TONES_HZ: readonly number[] = [880, 660, 880, 660];
const TONE_S = 0.22;

/** True while alerts are heard. */
export const alarmOn = signal(globalThis.localStorage?.getItem(WANTED) === "on");

let context: AudioContext | null = null;

/** Switches the tone; call it from a tap. */
export function setAlarm(on: boolean): void {
  alarmOn.value = on;
  localStorage.setItem(WANTED, on ? "on" : "off");
  if (on) soundAlarm();
}

/** Two high and two low tones, where they are wanted. */
export function soundAlarm(): void {
  if (!alarmOn.peek() || !("AudioContext" in globalThis)) return;
  context ??= new AudioContext();
  const { destination, currentTime } = context;
  TONES_HZ.forEach((hz, place) => {
    const oscillator = new OscillatorNode(context as AudioContext, { frequency: hz, type: "square" });
    oscillator.connect(destination);
    oscillator.start(currentTime + place * TONE_S);
    oscillator.stop(currentTime + (place + 0.8) * TONE_S);
  });
}
