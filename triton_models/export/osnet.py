"""OSNet of torchreid (Zhou et al., Omni-Scale Feature Learning for Person Re-Identification, ICCV 2019)."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from triton_models.export.errors import ExportError
from triton_models.export.network import Network

MODEL = "person_embedding"
LICENCE = "MSMT17-research"
"""Of the weights that torchreid publishes: their training pictures were released for research."""
IMAGENET_MEAN = (123.675, 116.28, 103.53)
IMAGENET_STD = (58.395, 57.12, 57.375)
MARK = "conv2.0.conv1.conv.weight"
CLASSIFIER = "classifier."
"""Names the people of the training set; not part of what describes a person."""
FILES = ("osnet", "osnet_ain")


def recognises(weights: dict[str, torch.Tensor]) -> bool:
    """Whether these look like the weights of an OSNet."""
    return MARK in weights


def load(weights: dict[str, torch.Tensor], name: str) -> Network:
    """The OSNet, of any width and kind, that exactly these weights belong to.

    Raises:
        ExportError: no architecture of torchreid has weights of these names and shapes.
    """
    wanted = {key: value for key, value in weights.items() if not key.startswith(CLASSIFIER)}
    shapes = {key: tuple(value.shape) for key, value in wanted.items()}
    for architecture, build in _architectures():
        with torch.device("meta"):
            candidate = build(num_classes=1, pretrained=False)
        if _shapes(candidate) == shapes:
            network = build(num_classes=1, pretrained=False)
            network.load_state_dict(wanted | _classifier(network), strict=True)
            return Network(
                architecture, network.eval(), MODEL, LICENCE, IMAGENET_MEAN, IMAGENET_STD, network.feature_dim
            )
    raise ExportError(
        f"{name} resembles an OSNet, but none of torchreid's has weights of these shapes; {MARK} is {shapes[MARK]}"
    )


def _architectures() -> Iterator[tuple[str, Any]]:
    for file in FILES:
        module = _torchreid(file)
        for architecture in module.__all__:
            yield architecture, getattr(module, architecture)


def _torchreid(file: str) -> ModuleType:
    """One module of torchreid by itself: the package can't be imported without torchvision and gdown."""
    package = importlib.util.find_spec("torchreid")
    if package is None or package.origin is None:
        raise ExportError("torchreid is missing in this environment; `make export-env` installs it")
    path = Path(package.origin).parent / "reid" / "models" / f"{file}.py"
    spec = importlib.util.spec_from_file_location(file, path)
    if spec is None or spec.loader is None:
        raise ExportError(f"torchreid has no {path.name} where version 0.2.5 has it; `make export-env` installs that")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _shapes(network: Any) -> dict[str, tuple[int, ...]]:
    return {key: tuple(value.shape) for key, value in network.state_dict().items() if not key.startswith(CLASSIFIER)}


def _classifier(network: Any) -> dict[str, torch.Tensor]:
    return {key: value for key, value in network.state_dict().items() if key.startswith(CLASSIFIER)}
