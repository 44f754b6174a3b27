"""The one interface through which vision runs models, wherever they run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class RunningModel:
    """One model in hand."""

    name: str
    device: str
    """Where and with what it runs, for people to read."""
    precision: str
    """In which it multiplies: f32, bf16; empty where only the server knows."""


class Inference(Protocol):
    """Runs named models of a Triton model repository; safe to call from several threads."""

    @property
    def name(self) -> str:
        """What kind of executor it is."""
        ...

    def infer(self, model: str, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Runs one batch.

        Args:
            model: folder name in the repository.
            inputs: input name → array; the first axis of all is the batch, at most the model's `max_batch_size`.

        Returns:
            Output name → array with the same first axis.

        Raises:
            ModelError: no such model, or names, types or shapes do not fit its configuration.
        """
        ...

    def models(self) -> Sequence[str]:
        """Names of the models that can be run."""
        ...

    def describe(self) -> Sequence[RunningModel]:
        """How each of them runs."""
        ...

    def close(self) -> None:
        """Frees what the models hold; nothing may be called afterwards."""
        ...
