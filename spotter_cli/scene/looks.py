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
}
"""The people that scenes can name."""
