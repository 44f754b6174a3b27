"""Films of scenes and their truth, drawn once and kept as long as scene and renderer stay the same.

<cache>/<film>-<fingerprint>/ holds film.mp4, sight.npz (see `scene.sight`) and truth.txt, the same as a MOT file.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mesh.launcher import LauncherSettings
from mesh.settings import load
from spotter_cli.scene import SceneSpec, Sight, load_sight, mot_lines, render_scene
from spotter_cli.scene.render import fingerprint

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Film:
    """A film and the files that say what is true about it."""

    name: str
    folder: Path
    fps: int

    @property
    def video(self) -> Path:
        """H.264 mp4."""
        return self.folder / "film.mp4"

    @property
    def truth(self) -> Path:
        """MOT text."""
        return self.folder / "truth.txt"

    def sight(self) -> Sight:
        """Who is seen where, frame by frame."""
        return load_sight(self.folder / "sight.npz")


def cache_dir() -> Path:
    """Where films are kept on this machine."""
    return load(LauncherSettings).home.absolute() / "cache" / "scenes"


def prepare_film(
    name: str, spec: SceneSpec, cache: Path, *, workers: int = 2, progress: Progress | None = None
) -> Film:
    """The film of a scene's camera, drawn if it isn't there. progress gets the share done and what is being done."""
    film = Film(name, cache / f"{name}-{fingerprint(spec)}", spec.fps)
    if film.folder.is_dir():
        return film
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".drawing_", dir=cache) as scratch:
        new = Film(name, Path(scratch) / "film", spec.fps)
        new.folder.mkdir()
        render_scene(spec, new.video, sight_out=new.folder / "sight.npz", workers=workers, progress=progress)
        new.truth.write_text("\n".join(mot_lines(new.sight())) + "\n", encoding="utf-8")
        try:
            new.folder.rename(film.folder)
        except OSError:  # another process was quicker, and drew the same
            if not film.folder.is_dir():
                raise
    return film
