/** Ids and numbers as people read them. */
import { type Fault, Severity } from "./gen/spotter/common/v1/exercise_pb";

/** "shallow_squat" → "Shallow squat". */
export function words(id: string): string {
  const spaced = id.replaceAll("_", " ");
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** 75 → "1:15". */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** The most dangerous fault; undefined where there is none. */
export function worstFault(faults: readonly Fault[]): Fault | undefined {
  return [...faults].sort((a, b) => b.severity - a.severity || b.confidence - a.confidence)[0];
}

/** Class that colours a severity. */
export function severityClass(severity: Severity): string {
  return severity === Severity.DANGER ? "danger" : severity === Severity.MAJOR ? "major" : "minor";
}

/** Class that colours a score: 0..100. */
export function scoreClass(score: number): string {
  return score >= 80 ? "good" : score >= 60 ? "fair" : "poor";
}

const PALETTE_SIZE = 8;

/** Class that colours a person the same everywhere: by the number in the label, else by id. */
export function personClass(personId: string, label: string): string {
  const number = /(\d+)\s*$/.exec(label)?.[1];
  const sum = [...personId].reduce((total, letter) => (total * 31 + letter.charCodeAt(0)) % 9973, 7);
  return `hue-${(number === undefined ? sum : Number(number)) % PALETTE_SIZE}`;
}
