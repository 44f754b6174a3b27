"""The drawn falls and the drawn training as other people would do them, seen from elsewhere: true joints, no pictures.

python -m spotter_cli.fall_evaluation.varied [--seed 2] [--views 12]

Each film is acted by another body, slower or quicker, and looked at from all around, from other heights and distances.
Hundreds of falls and hours of training take minutes; what a real pose model errs is stood for by noise alone.
"""

from __future__ import annotations

import argparse
import math
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from rich.console import Console

from mesh.times import NS_PER_S
from spotter_cli.fall_evaluation.falls import FallFilm, FallKind, fall_films
from spotter_cli.fall_evaluation.scoring import IN_TIME_S
from spotter_cli.fall_evaluation.training import TrainingFilm, training_films
from spotter_cli.scene import SceneSpec
from spotter_cli.scene.acting import actor_of
from spotter_cli.scene.camera import Camera, CameraSpec
from spotter_cli.scene.geometry import Floats
from spotter_cli.scene.looks import LOOKS
from spotter_cli.scene.performance import Performer
from spotter_cli.tracking.eye_run import START_NS
from svc_motion.observation import KeypointSchema, Observation
from svc_motion.safety import FallDetector

_TEMPO = (0.85, 1.2)
"""Seconds of every movement are times this."""
_HEIGHT_M, _DISTANCE_M = (1.4, 2.7), (4.0, 6.5)
_NOISE_SHARE = 0.012
"""Standard deviation of a joint, as a share of the body's longer side: about what pose models err on drawn people."""
_CONFIDENCE = 0.9
_EARLY_S = 0.3
_FOV_DEG, _WIDTH_PX, _HEIGHT_PX = 58.0, 640, 360
_Z = 1.96
"""Of an interval that holds 95 times of 100."""


@dataclass(frozen=True)
class Recall:
    """Falls told in time, of how many, and alerts before a fall."""

    told: int
    falls: int
    early: int
    latencies_s: tuple[float, ...]


@dataclass(frozen=True)
class Quiet:
    """Training without a fall, and the films in which it was taken for one."""

    hours: float
    false: tuple[str, ...]


@dataclass(frozen=True)
class _Acted:
    """A film as somebody acts it."""

    times_s: Floats
    joints: Floats
    """(T, 17, 3) m in the room."""
    tempo: float


def recall(films: Sequence[FallFilm], seed: int, views: int) -> dict[FallKind, Recall]:
    """How the falls are told, by kind."""
    found: dict[FallKind, Recall] = {}
    for film in films:
        rng = _rng(film.name, seed)
        acted = _acted(film.scene, rng)
        end_s = film.end_s * acted.tempo
        near = (acted.times_s > end_s - 1.0) & (acted.times_s < end_s + 1.5)
        one = found.get(film.kind, Recall(0, 0, 0, ()))
        for keypoints in _views(acted.joints, acted.joints[near], rng, views):
            alerts_s = falls_told_s(acted.times_s, keypoints)
            late_s = [alert_s - end_s for alert_s in alerts_s if alert_s >= end_s - _EARLY_S]
            in_time = tuple(late_s[:1]) if late_s and late_s[0] <= IN_TIME_S else ()
            early = len(alerts_s) - len(late_s)
            one = Recall(one.told + len(in_time), one.falls + 1, one.early + early, one.latencies_s + in_time)
        found[film.kind] = one
    return found


def quiet(films: Sequence[TrainingFilm], seed: int, views: int) -> Quiet:
    """How often training is taken for a fall."""
    hours, false = 0.0, []
    for film in films:
        rng = _rng(film.name, seed)
        acted = _acted(film.scene, rng)
        for keypoints in _views(acted.joints, acted.joints, rng, views):
            hours += float(acted.times_s[-1]) / 3600
            false += [film.name] * len(falls_told_s(acted.times_s, keypoints))
    return Quiet(hours, tuple(false))


def falls_told_s(times_s: Floats, keypoints: Floats) -> list[float]:
    """When the detector tells of a fall in (T, 17, 3) keypoints."""
    detector = FallDetector()
    told: list[float] = []
    for time_s, seen in zip(times_s.tolist(), keypoints, strict=True):
        time_ns = START_NS + round(time_s * NS_PER_S)
        observation = Observation(time_ns, seen, KeypointSchema.COCO_17, _WIDTH_PX, _HEIGHT_PX)
        told += [(event.time_ns - START_NS) / NS_PER_S for event in detector.update(observation)]
    return told


def wilson(hits: int, tries: int) -> tuple[float, float]:
    """Interval of a share (Wilson 1927, https://doi.org/10.1080/01621459.1927.10502953)."""
    share, square = hits / tries, _Z * _Z
    middle = (share + square / (2 * tries)) / (1 + square / tries)
    half = _Z / (1 + square / tries) * math.sqrt(share * (1 - share) / tries + square / (4 * tries * tries))
    return max(0.0, middle - half), min(1.0, middle + half)


def highest_rate(events: int, hours: float) -> float:
    """Events an hour that so few of them still allow, 95 times of 100: Poisson, found by bisection."""
    low, high = 0.0, 10.0 + 3.0 * events
    for _ in range(60):
        mean = (low + high) / 2
        term = total = math.exp(-mean)
        for number in range(1, events + 1):
            term *= mean / number
            total += term
        low, high = (mean, high) if total > 0.05 else (low, mean)
    return high / hours


def _rng(name: str, seed: int) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def _acted(scene: SceneSpec, rng: np.random.Generator) -> _Acted:
    person = scene.people[0]
    assert isinstance(person, Performer)
    tempo = float(rng.uniform(*_TEMPO))
    moves = tuple(replace(move, seconds=move.seconds * tempo) for move in person.moves)
    look = sorted(LOOKS)[int(rng.integers(len(LOOKS)))]
    actor = actor_of(replace(person, moves=moves, look=look))
    times_s = np.arange(0, person.end_s * tempo, 1 / scene.fps)
    return _Acted(times_s, np.array([actor.joints(float(time_s)) for time_s in times_s]), tempo)


def _views(joints: Floats, watched: Floats, rng: np.random.Generator, count: int) -> Iterator[Floats]:
    """Keypoints (T, 17, 3) as cameras all around see them, which look at where the watched joints are."""
    x, y = watched[..., :2].mean(axis=(0, 1)).tolist()
    for number in range(count):
        turn = 2 * math.pi * (number + rng.uniform()) / count
        away_m, height_m = float(rng.uniform(*_DISTANCE_M)), float(rng.uniform(*_HEIGHT_M))
        position_m = (x + math.sin(turn) * away_m, y - math.cos(turn) * away_m, height_m)
        at_m = (x + float(rng.uniform(-0.4, 0.4)), y + float(rng.uniform(-0.4, 0.4)), 0.6)
        pixels, _ = Camera(CameraSpec(position_m, at_m, _FOV_DEG, _WIDTH_PX, _HEIGHT_PX)).project(joints)
        sizes = np.ptp(pixels, axis=1).max(axis=1)[:, None, None]
        blurred = pixels + rng.normal(0, _NOISE_SHARE, pixels.shape) * sizes
        yield np.concatenate([blurred, np.full((*pixels.shape[:2], 1), _CONFIDENCE)], axis=2)


def table(told: dict[FallKind, Recall], training: Quiet) -> list[str]:
    """The result as lines of Markdown."""
    lines = ["| kind | falls | told within 2 s | share | 95 % interval | alerts before |", "|---|---|---|---|---|---|"]
    latencies_s = [latency_s for one in told.values() for latency_s in one.latencies_s]
    whole = Recall(
        sum(one.told for one in told.values()),
        sum(one.falls for one in told.values()),
        sum(one.early for one in told.values()),
        tuple(latencies_s),
    )
    for name, one in [*((kind.value, one) for kind, one in told.items()), ("all", whole)]:
        low, high = wilson(one.told, one.falls)
        lines.append(
            f"| {name} | {one.falls} | {one.told} | {one.told / one.falls:.3f} | {low:.3f}–{high:.3f} | {one.early} |"
        )
    false = ", ".join(f"{name} {count}" for name, count in Counter(training.false).items()) or "none"
    rate = highest_rate(len(training.false), training.hours)
    median_s = float(np.median(latencies_s)) if latencies_s else math.nan
    return [
        *lines,
        "",
        f"Median {median_s:.2f} s after the end. Training: {len(training.false)} false alarms in {training.hours:.1f} h"
        f" (at most {rate:.2f} an hour, 95 %): {false}.",
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(prog="python -m spotter_cli.fall_evaluation.varied", description=__doc__)
    parser.add_argument("--seed", type=int, default=2, help="other bodies, tempi, cameras and noise")
    parser.add_argument("--views", type=int, default=12, help="cameras around each film")
    options = parser.parse_args(arguments)
    told = recall(fall_films(), options.seed, options.views)
    training = quiet(training_films(), options.seed, 2 * options.views)
    Console(highlight=False).print("\n".join(table(told, training)), markup=False, soft_wrap=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
