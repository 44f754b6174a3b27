"""YOLO pose networks of ultralytics, any size: the checkpoint holds the network as a whole."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from triton_models.export.errors import ExportError
from triton_models.export.network import WHOLE_BYTES, Network
from triton_models.export.ultralytics_alone import import_ultralytics

MODEL = "yolo11_pose"
LICENCE = "AGPL-3.0"
KEYPOINTS = [17, 3]
CLASSES = 1
VALUES = 4 + CLASSES + KEYPOINTS[0] * KEYPOINTS[1]


def load(path: Path) -> Network:
    """The pose network of an ultralytics checkpoint, its batch normalisation folded into the convolutions.

    Raises:
        ExportError: the checkpoint can't be read, or its network isn't one that finds people with 17 keypoints.
    """
    with tempfile.TemporaryDirectory(prefix="spotter-ultralytics-") as config:
        import_ultralytics(Path(config))
        from ultralytics.nn.tasks import load_checkpoint

        try:
            network, _ = load_checkpoint(path)
        except (TypeError, RuntimeError, ImportError, AttributeError) as error:
            raise ExportError(f"ultralytics can't read {path.name}: {error}") from error
    return Network(
        architecture=prepare(network, path.name),
        module=network,
        model=MODEL,
        licence=LICENCE,
        mean=WHOLE_BYTES[0],
        std=WHOLE_BYTES[1],
        features=VALUES,
        inherits_licence=True,
    )


def prepare(network: Any, name: str) -> str:
    """Makes a `PoseModel` answer as the contract says: one tensor, for pictures of any size. Returns its name.

    Raises:
        ExportError: it isn't a network that finds people with 17 keypoints.
    """
    head = network.model[-1]
    kind = type(head).__name__
    if kind != "Pose" or head.end2end:
        raise ExportError(
            f'{name} ends in a head "{kind}"; {MODEL} needs "Pose", as in yolo11n-pose.pt to yolo11x-pose.pt'
        )
    if list(head.kpt_shape) != KEYPOINTS or head.nc != CLASSES:
        raise ExportError(
            f"{name} knows {head.nc} classes with keypoints {list(head.kpt_shape)}; {MODEL} needs {CLASSES} class "
            f"(person) with {KEYPOINTS} (COCO order; x, y, confidence)"
        )
    network.eval().fuse(verbose=False)
    head.export, head.dynamic, head.format = True, True, "onnx"
    return _architecture(network.yaml)


def _architecture(description: dict[str, Any]) -> str:
    """The name with the letter of its size: descriptions are written for all sizes, as `yolo11-pose.yaml`."""
    name, size = Path(str(description.get("yaml_file", MODEL))).stem, str(description.get("scale", ""))
    family, _, task = name.partition("-")
    return name if not size or family.endswith(size) else f"{family}{size}-{task}"
