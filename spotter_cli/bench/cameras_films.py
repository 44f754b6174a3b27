"""The films of the bench's cameras: people who train, people who stand still, an empty room; 1280x720, 15 a second."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from spotter_cli.scene import Exercise, PersonSpec, SceneSpec, SceneTruth, load_truth, render_scene, save_truth
from spotter_cli.scene.render import fingerprint

BUSY = {
    "squat": SceneSpec(
        (PersonSpec(Exercise.SQUAT, reps=8, position_m=(0.0, 0.1), yaw_deg=-8, look="blue", tempo_s=2.5, seed=1),),
        room=0,
    ),
    "curl": SceneSpec(
        (
            PersonSpec(
                Exercise.BICEP_CURL, reps=8, position_m=(0.2, 0.2), yaw_deg=-10, look="rose", tempo_s=2.5, seed=3
            ),
        ),
        room=1,
    ),
    "raise": SceneSpec(
        (PersonSpec(Exercise.LATERAL_RAISE, reps=8, position_m=(-0.3, 0.2), look="white", tempo_s=2.5, seed=5),), room=2
    ),
}
STILL = SceneSpec(
    (PersonSpec(Exercise.SQUAT, reps=0, position_m=(-0.4, 0.2), yaw_deg=12, look="green", seed=2),),
    duration_s=10,
    room=3,
)
EMPTY = SceneSpec((), duration_s=6, room=4)


@dataclass(frozen=True)
class Film:
    """A film and what is true about it."""

    path: Path
    repetitions: int


@dataclass(frozen=True)
class Films:
    """All that is needed."""

    busy: tuple[Film, ...]
    still: Film
    empty: Film


def prepare_films(folder: Path, tell: Callable[[str], None]) -> Films:
    """The films in a folder; drawn where they aren't there, or come from another renderer."""
    folder.mkdir(parents=True, exist_ok=True)
    return Films(
        tuple(_film(folder, name, spec, tell) for name, spec in BUSY.items()),
        _film(folder, "still", STILL, tell),
        _film(folder, "empty", EMPTY, tell),
    )


def _film(folder: Path, name: str, spec: SceneSpec, tell: Callable[[str], None]) -> Film:
    film, truth_path = folder / f"{name}.mp4", folder / f"{name}.json"
    truth = _kept(film, truth_path, spec)
    if truth is None:
        tell(f"drawing the film {name} …")
        truth = render_scene(spec, film)
        save_truth(truth, truth_path)
    return Film(film, sum(person.reps for person in truth.people))


def _kept(film: Path, truth_path: Path, spec: SceneSpec) -> SceneTruth | None:
    try:
        truth = load_truth(truth_path)
    except (OSError, ValueError):
        return None
    return truth if film.is_file() and truth.fingerprint == fingerprint(spec) else None
