"""Makes checkpoints as training programs write them, and what their networks answer; run by the export environment.

`python checkpoints.py ARCHITECTURE FOLDER [ONNX]` writes FOLDER/weights.pt and, for some pictures, FOLDER/<n>.npz with
`images` (uint8, N, H, W, 3) and `expected`, which PyTorch computes here without anything of triton_models.export's code
but the definitions of the face networks, which no package has.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch

ANY_SIZE = ((1, 96, 160), (2, 416, 256))


def main() -> None:
    architecture, folder = sys.argv[1], Path(sys.argv[2])
    torch.manual_seed(3)
    torch.set_num_threads(1)
    if architecture.startswith("yolo"):
        _yolo(architecture, folder, Path(sys.argv[3]) if len(sys.argv) > 3 else None)
    elif architecture.startswith("osnet"):
        _osnet(architecture, folder)
    else:
        _face(architecture, folder)


def _yolo(architecture: str, folder: Path, real_weights: Path | None) -> None:
    from triton_models.export.ultralytics_alone import import_ultralytics

    import_ultralytics(Path(tempfile.mkdtemp(dir=folder)))
    from ultralytics.nn.tasks import DetectionModel, PoseModel

    if real_weights is not None:
        from triton_models.export.yolo_onnx import load_folded

        network = load_folded(real_weights)
    elif architecture == "yolo11n-detect":
        network = DetectionModel("yolo11n.yaml", verbose=False)
    elif architecture == "yolo26n-pose":
        network = PoseModel("yolo26n-pose.yaml", nc=1, verbose=False)
    else:
        network = _lively(PoseModel(f"{architecture}.yaml", nc=1, verbose=False).half().float())
    torch.save({"model": network, "ema": None, "epoch": -1, "license": "AGPL-3.0"}, folder / "weights.pt")
    if architecture.endswith("-pose") and "11" in architecture:
        _answers(folder, ANY_SIZE, lambda images: network.eval()(images.permute(0, 3, 1, 2).float() / 255)[0])


def _osnet(architecture: str, folder: Path) -> None:
    package = Path(str(importlib.util.find_spec("torchreid").origin)).parent  # type: ignore[union-attr]
    file = package / "reid" / "models" / ("osnet_ain.py" if "ain" in architecture else "osnet.py")
    space: dict[str, Any] = {"__name__": "osnet"}
    exec(compile(file.read_text(), str(file), "exec"), space)
    network = _lively(space[architecture](num_classes=1041, pretrained=False))
    # As torchreid's own training writes it: trained on several GPUs, with a score beside the weights.
    state = {f"module.{name}": value for name, value in network.state_dict().items()}
    torch.save({"state_dict": state, "epoch": 50, "rank1": np.float64(0.7)}, folder / "weights.pt")
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])

    def answer(images: torch.Tensor) -> torch.Tensor:
        features = network(((images.float() / 255 - mean) / std).permute(0, 3, 1, 2))
        return features / features.norm(dim=1, keepdim=True)

    _answers(folder, ((1, 256, 128), (5, 256, 128)), answer)


def _face(architecture: str, folder: Path) -> None:
    from triton_models.export.iresnet import IResNet
    from triton_models.export.mobilefacenet import MobileFaceNet

    networks = {
        "iresnet18": lambda: IResNet((2, 2, 2, 2), 512),
        "iresnet50": lambda: IResNet((3, 4, 14, 3), 512),
        "mobilefacenet": lambda: MobileFaceNet(128, (1, 4, 6, 2), 128),
        "mobilefacenet_large": lambda: MobileFaceNet(256, (2, 8, 12, 4), 512),
    }
    network = _lively(networks[architecture]())
    torch.save(network.state_dict(), folder / "weights.pt")

    def answer(images: torch.Tensor) -> torch.Tensor:
        features = network((images.permute(0, 3, 1, 2).float() - 127.5) / 127.5)
        return features / features.norm(dim=1, keepdim=True)

    _answers(folder, ((1, 112, 112), (5, 112, 112)), answer)


def _lively(network: Any) -> Any:
    """Statistics of batches as after a training, so that leaving one out, or folding one in wrongly, is seen."""
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm1d | torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.5, 1.5)
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.normal_(0, 0.2)
    return network.eval()


def _answers(folder: Path, shapes: Any, answer: Any) -> None:
    numbers = np.random.default_rng(11)
    for index, (batch, height, width) in enumerate(shapes):
        images = numbers.integers(0, 256, (batch, height, width, 3), np.uint8)
        with torch.no_grad():
            np.savez(folder / f"{index}.npz", images=images, expected=answer(torch.from_numpy(images)).numpy())


if __name__ == "__main__":
    main()
