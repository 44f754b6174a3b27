"""The one interface through which a camera's people are found, whatever model finds them."""

from collections.abc import Callable
from typing import Protocol

from svc_vision.people import People
from svc_vision.picture import Picture


class PeopleFinder(Protocol):
    """Finds the people of one camera; has state, so pictures come in order and from one thread at a time."""

    @property
    def sure_score(self) -> float:
        """Score from which somebody may start a track; people below only continue one."""
        ...

    def update(self, picture: Picture) -> People:
        """People in the next picture; a change of its size starts anew.

        Raises:
            ModelError: the models can't be run.
        """
        ...


FinderMaker = Callable[[], PeopleFinder]
"""Makes the finder of one more camera."""
