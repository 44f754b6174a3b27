"""How the drawn people look."""

from __future__ import annotations

from dataclasses import dataclass

from spotter_cli.scene.geometry import Colour
from spotter_cli.scene.skeleton import Dimensions


@dataclass(frozen=True)
class Look:
    """Body and clothes of one person; colours are RGB 0..255."""

    height_m: float = 1.76
    """Standing height."""
    build: float = 1.0
    """Width of the body relative to an average one."""
    skin: Colour = (198, 150, 122)
    shirt: Colour = (40, 90, 170)
    shorts: Colour = (40, 40, 48)
    hair: Colour = (45, 32, 24)
    shoes: Colour = (210, 60, 50)
    sole: Colour = (235, 235, 232)
    sock: Colour = (238, 238, 236)
    beard: float = 0.0
    """Opacity of the beard, 0 for none."""
    long_hair: bool = False
    """A pony tail and a lower hairline."""
    fold_seed: int = 0
    """Chooses the folds of the cloth."""

    @property
    def dimensions(self) -> Dimensions:
        """Segment lengths of this person."""
        return Dimensions(self.height_m, self.build)


LOOKS: dict[str, Look] = {
    "blue": Look(),
    "rose": Look(
        height_m=1.66,
        build=0.88,
        skin=(232, 190, 165),
        shirt=(190, 60, 90),
        shorts=(30, 30, 60),
        hair=(120, 80, 40),
        shoes=(60, 160, 90),
        long_hair=True,
        fold_seed=1,
    ),
    "white": Look(
        height_m=1.84,
        build=1.08,
        skin=(120, 82, 60),
        shirt=(220, 220, 215),
        shorts=(60, 70, 80),
        hair=(20, 18, 18),
        shoes=(30, 30, 30),
        beard=0.7,
        fold_seed=2,
    ),
    "green": Look(
        height_m=1.71,
        build=0.95,
        skin=(214, 168, 140),
        shirt=(70, 150, 80),
        shorts=(25, 25, 28),
        hair=(92, 62, 38),
        shoes=(230, 230, 228),
        fold_seed=3,
    ),
    "black": Look(
        height_m=1.80,
        build=1.04,
        skin=(176, 128, 100),
        shirt=(34, 34, 38),
        shorts=(30, 30, 34),
        hair=(30, 24, 20),
        shoes=(40, 40, 44),
        beard=0.5,
        fold_seed=4,
    ),
    "yellow": Look(
        height_m=1.63,
        build=0.84,
        skin=(150, 104, 78),
        shirt=(222, 186, 60),
        shorts=(70, 40, 90),
        hair=(26, 20, 18),
        shoes=(240, 150, 60),
        long_hair=True,
        fold_seed=5,
    ),
    "dark": Look(
        height_m=1.75,
        build=0.97,
        skin=(222, 180, 152),
        shirt=(42, 42, 48),
        shorts=(36, 36, 42),
        hair=(70, 48, 30),
        shoes=(220, 220, 218),
        fold_seed=6,
    ),
}
"""The people that scenes can name; black and dark wear nearly the same."""
