/** The time, for what grows stale on the screen. */
import { signal } from "@preact/signals";

const TICK_MS = 500;

/** ms since the epoch on this device's clock, twice a second. */
export const nowMs = signal(Date.now());

setInterval(() => {
  nowMs.value = Date.now();
}, TICK_MS);
