"""Face embeddings trained with insightface's arcface_torch: the residual networks and MobileFaceNet.

insightface's packages hold no definition of these networks, only ready ONNX files, so that they are defined here,
after their papers. Weights have to be those of an arcface_torch training (`backbone.pth`).
"""

from __future__ import annotations

from typing import Any

import torch

from triton_models.export import iresnet, mobilefacenet
from triton_models.export.errors import ExportError
from triton_models.export.network import Network

MODEL = "face_embedding"
LICENCE = "insightface-non-commercial"
"""Of the weights that insightface publishes: for research that isn't commercial."""
CENTRE = (127.5, 127.5, 127.5)
REASON_LENGTH = 300
"""Characters of PyTorch's list of differing weights; whole, it can be pages."""


def recognises(weights: dict[str, torch.Tensor]) -> bool:
    """Whether these look like the weights of one of the networks."""
    return iresnet.MARK in weights or mobilefacenet.MARK in weights


def load(weights: dict[str, torch.Tensor], name: str) -> Network:
    """The network, of any depth, that exactly these weights belong to.

    Raises:
        ExportError: names or shapes differ from those of arcface_torch's networks.
    """
    builder: Any = iresnet if iresnet.MARK in weights else mobilefacenet
    try:
        architecture, network = builder.from_weights(weights)
        network.load_state_dict(weights, strict=True)
    except (KeyError, RuntimeError) as error:
        raise ExportError(
            f"{name} resembles a network of arcface_torch, but isn't one: {str(error)[:REASON_LENGTH]}"
        ) from error
    return Network(architecture, network.eval(), MODEL, LICENCE, CENTRE, CENTRE, network.embedding)
