"""What the local executor asks of a library that runs one model."""

from collections.abc import Mapping
from typing import Any, Literal, Protocol

from numpy.typing import NDArray

Precision = Literal["f32", "bf16"]


class Engine(Protocol):
    """One model, ready to run from any number of threads, one thread an inference."""

    @property
    def name(self) -> str:
        """Name of the library."""
        ...

    @property
    def precision(self) -> Precision:
        """In which the model multiplies."""
        ...

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Runs one batch whose inputs fit the model's configuration."""
        ...
