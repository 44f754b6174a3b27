"""What an exporter knows about a network: which model of the repository it becomes, and what it wants to see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from triton_models.manifest import Build, Channels, Model

SOURCE_INPUT, SOURCE_OUTPUT = "pixels", "features"
WHOLE_BYTES: tuple[Channels, Channels] = ((0.0, 0.0, 0.0), (255.0, 255.0, 255.0))
"""Mean and std of a network that sees 0 to 1."""


@dataclass(frozen=True)
class Network:
    """A network out of a checkpoint, ready to be exported."""

    architecture: str
    """The family's own name of it, such as yolo11n-pose."""
    module: Any
    """`torch.nn.Module` in evaluation mode: float32 (N, 3, H, W) RGB, normalised → its only output."""
    model: str
    """Name in the repository."""
    licence: str
    """Of the weights that are published for it; what is said to accept it."""
    mean: Channels
    std: Channels
    """It sees (byte - mean) / std."""
    features: int
    """Size of the output's first axis behind the batch."""
    inherits_licence: bool = False
    """Whether weights that one has trained oneself come under the licence too."""

    def fit(self, model: Model) -> Model:
        """The manifest's contract, with this network's normalisation and size of output in place of the usual one's."""
        (output,) = model.outputs
        build = Build(
            kind="onnx", input=SOURCE_INPUT, outputs={SOURCE_OUTPUT: output.name}, mean=self.mean, std=self.std,
            normalise=model.build.normalise,
        )  # fmt: skip
        fitted = output.model_copy(update={"dims": (self.features, *output.dims[1:])})
        return model.model_copy(update={"build": build, "outputs": (fitted,)})
