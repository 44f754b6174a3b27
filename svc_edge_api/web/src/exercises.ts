/** The exercises that can be recognised, by id. */
import { signal } from "@preact/signals";
import { edge } from "./api/client";
import { words } from "./format";
import type { Exercise } from "./gen/spotter/motion/v1/motion_pb";

const exercises = signal<Readonly<Record<string, Exercise>>>({});

/** Reads the list; until it is there, names are made from ids. */
export async function loadExercises(): Promise<void> {
  try {
    const answer = await edge.listExercises({ pageSize: 200 });
    exercises.value = Object.fromEntries(answer.exercises.map((e) => [e.name, e]));
  } catch {
    exercises.value = {};
  }
}

/** Every exercise that is known, by name as shown. */
export function allExercises(): readonly Exercise[] {
  return Object.values(exercises.value).sort((a, b) => a.displayName.localeCompare(b.displayName));
}

export function exerciseName(id: string): string {
  return exercises.value[id]?.displayName ?? words(id);
}

/** True where seconds are held instead of repetitions counted. */
export function isHeld(id: string): boolean {
  return exercises.value[id]?.held ?? false;
}
