"""Watches the drawn sets, or takes their true joints, counts them and prints a table."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console

from mesh.settings import load
from mesh.times import NS_PER_S
from spotter_cli.fall_evaluation.gathering import Source, gather
from spotter_cli.fall_evaluation.seeing import Kept, Seen
from spotter_cli.scene import SceneSpec
from spotter_cli.scene.acting import actor_of
from spotter_cli.scene.camera import Camera
from spotter_cli.scene_evaluation.exercises import ExerciseFilm, exercise_films
from spotter_cli.tracking.eye_run import START_NS
from svc_motion.events import ExerciseRelabelled, PersonId, RepetitionCounted, SetClosed, SetOpened
from svc_motion.library import Library, load_library
from svc_motion.observation import KeypointSchema, Observation
from svc_motion.person import PersonMotion
from svc_vision.opening import pose_model
from svc_vision.settings import VisionSettings

_NOISE_SHARE = 0.012
"""Standard deviation of a joint, as a share of the body's longer side: about what pose models err on drawn people."""


@dataclass(frozen=True)
class Found:
    """One set that was counted."""

    exercise: str
    repetitions: int
    hold_s: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(prog="python -m spotter_cli.scene_evaluation", description=__doc__)
    parser.add_argument("names", nargs="*", help="beginnings of names of exercises; all where none is named")
    parser.add_argument("--joints", action="store_true", help="true joints with noise instead of what vision sees")
    parser.add_argument("--reuse", action="store_true", help="take what was seen of an older drawing")
    parser.add_argument("--out", type=Path, default=Path("out/scene-evaluation"))
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args(arguments)
    console = Console(highlight=False)
    films = [film for film in exercise_films() if film.exercise.startswith(tuple(options.names) or "")]
    if options.joints:
        source, seen = "true joints", {film.name: true_joints(film.scene) for film in films}
    else:
        source = pose_model(load(VisionSettings))
        kept = Kept(options.out / "keypoints" / source, options.reuse)
        drawn = [Source(film.name, film.scene) for film in films]
        seen, _ = gather(
            drawn, source, kept, options.workers, lambda name, ready, whole: console.print(f"{ready}/{whole} {name}")
        )
    lines = [f"Seen by {source}.", "", *table(films, [count(seen[film.name]) for film in films])]
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / f"{source.replace(' ', '_')}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    console.print("\n".join(lines), markup=False, soft_wrap=True)
    return 0


def count(seen: Seen, library: Library | None = None) -> list[Found]:
    """The sets of everybody who was seen, in their order."""
    known = library or load_library()
    people: dict[int, PersonMotion] = {}
    sets: dict[tuple[int, int], list[object]] = {}
    width_px, height_px = (int(size) for size in seen.size_px)
    schema = KeypointSchema(seen.keypoints.shape[1])
    last_ns = 0
    for look, track, keypoints in zip(seen.looks.tolist(), seen.tracks.tolist(), seen.keypoints, strict=True):
        last_ns = round(float(seen.times_s[look]) * NS_PER_S) + START_NS
        person = people.setdefault(track, PersonMotion(known, PersonId(str(track))))
        _note(sets, track, person.update(Observation(last_ns, keypoints, schema, width_px, height_px)))
    for track, person in people.items():
        _note(sets, track, person.flush(last_ns))
    return [Found(str(name), int(str(reps)), float(str(held_s))) for name, reps, held_s in sets.values()]


def _note(sets: dict[tuple[int, int], list[object]], track: int, events: Sequence[object]) -> None:
    for event in events:
        if isinstance(event, SetOpened):
            sets[track, event.start_ns] = [event.exercise, 0, 0.0]
        elif isinstance(event, ExerciseRelabelled):
            sets[track, event.set_start_ns][0] = event.new
        elif isinstance(event, RepetitionCounted):
            one = sets[track, event.set_start_ns]
            one[1] = int(str(one[1])) + 1
        elif isinstance(event, SetClosed):
            sets[track, event.set_start_ns][2] = event.hold_s


def table(films: Sequence[ExerciseFilm], found: Sequence[Sequence[Found]]) -> list[str]:
    """One line a film."""
    lines = ["| drawn | view ° | true | counted |", "|---|---|---|---|"]
    for film, sets in zip(films, found, strict=True):
        true = f"{film.hold_s:.0f} s" if film.hold_s else str(film.repetitions)
        told = ", ".join(_told(one) for one in sets) or "nothing"
        lines.append(f"| {film.exercise} | {film.view_deg:.0f} | {true} | {told} |")
    return lines


def _told(one: Found) -> str:
    return f"{one.exercise} {one.hold_s:.0f} s" if one.hold_s else f"{one.exercise} {one.repetitions}"


def true_joints(scene: SceneSpec, seed: int = 0) -> Seen:
    """What a pose model would see of the first person that errs by a little, and never loses anybody."""
    camera, actor = Camera(scene.camera), actor_of(scene.people[0])
    frames = range(scene.frame_count)
    pixels = np.array([camera.project(actor.joints(frame / scene.fps))[0] for frame in frames])
    boxes = np.concatenate([pixels.min(1), pixels.max(1)], axis=1).astype(np.float32)
    sizes = np.ptp(pixels, axis=1).max(axis=1)[:, None, None]
    blurred = pixels + np.random.default_rng(seed).normal(0, _NOISE_SHARE, pixels.shape) * sizes
    keypoints = np.concatenate([blurred, np.full((*pixels.shape[:2], 1), 0.9)], axis=2).astype(np.float32)
    return Seen(
        np.arange(len(pixels)) / scene.fps,
        np.arange(len(pixels)),
        np.ones(len(pixels), np.int64),
        boxes,
        keypoints,
        np.array([camera.width_px, camera.height_px]),
        boxes,
        pixels.astype(np.float32),
        np.full(len(pixels), np.nan),
    )


if __name__ == "__main__":
    raise SystemExit(main())
