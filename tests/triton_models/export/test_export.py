"""Real graphs of each architecture, exported by the export environment, run by what the services run them with."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime
import openvino
import pytest

from triton_models.export.environment import run_in_environment

pytestmark = pytest.mark.timeout(600)
EVERYTHING = os.environ.get("SPOTTER_TEST_EXPORT") == "1"
MAKER = Path(__file__).with_name("checkpoints.py")
LICENCES = ("AGPL-3.0", "MSMT17-research", "insightface-non-commercial")
EXPECTED = {
    "yolo11n-pose": ("yolo11_pose", ["N", "H", "W", 3], [56]),
    "osnet_x0_25": ("person_embedding", ["N", 256, 128, 3], [512]),
    "iresnet18": ("face_embedding", ["N", 112, 112, 3], [512]),
    "mobilefacenet": ("face_embedding", ["N", 112, 112, 3], [128]),
}
LARGER = {f"yolo11{size}-pose": EXPECTED["yolo11n-pose"] for size in "smlx"} | {
    "osnet_x1_0": EXPECTED["osnet_x0_25"],
    "osnet_ain_x1_0": EXPECTED["osnet_x0_25"],
    "iresnet50": EXPECTED["iresnet18"],
    "mobilefacenet_large": EXPECTED["iresnet18"],
}


def make(python: Path, folder: Path, architecture: str, *more: str) -> Path:
    done = run_in_environment(python, [str(MAKER), architecture, str(folder), *more], capture=True)
    assert done.returncode == 0, done.stderr
    return folder / "weights.pt"


def export(python: Path, weights: Path, *more: str) -> str:
    accepted = [word for licence in LICENCES for word in ("--accept", licence)]
    out = str(weights.with_name("model.onnx"))
    arguments = ["-m", "triton_models.export", str(weights), "--out", out, *accepted, *more]
    done = run_in_environment(python, arguments, capture=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def openvino_answer(path: Path, images: np.ndarray) -> np.ndarray:
    core = openvino.Core()
    compiled = core.compile_model(str(path), "CPU", {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1})
    return np.asarray(compiled([images])[0])


def tensors(graph: onnx.GraphProto) -> dict[str, tuple[int, list[str | int]]]:
    return {
        value.name: (
            value.type.tensor_type.elem_type,
            [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim],
        )
        for value in (*graph.input, *graph.output)
    }


@pytest.mark.parametrize("architecture", [*EXPECTED, *(LARGER if EVERYTHING else ())])
def test_an_exported_model_answers_as_pytorch_does(export_environment: Path, tmp_path: Path, architecture: str) -> None:
    name, image, features = (EXPECTED | LARGER)[architecture]
    said = export(export_environment, make(export_environment, tmp_path, architecture))
    path = tmp_path / "model.onnx"
    proto = onnx.load(path)
    (output,) = (value.name for value in proto.graph.output)
    found = tensors(proto.graph)
    assert found["image"] == (onnx.TensorProto.UINT8, image)
    assert found[output][0] == onnx.TensorProto.FLOAT and found[output][1][:2] == ["N", *features]
    described = {entry.key: entry.value for entry in proto.metadata_props}
    assert proto.graph.name == name and described["architecture"] == architecture.removesuffix("_large")
    assert described["source_sha256"] == hashlib.sha256((tmp_path / "weights.pt").read_bytes()).hexdigest()
    assert f"for {name}" in said and hashlib.sha256(path.read_bytes()).hexdigest() in said
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    cases = sorted(tmp_path.glob("*.npz"))
    assert len(cases) == 2
    for case in cases:
        images, expected = (value for _, value in sorted(np.load(case).items(), reverse=True))
        tolerance = 1e-4 * max(1.0, float(np.abs(expected).max()))
        np.testing.assert_allclose(session.run(None, {"image": images})[0], expected, atol=tolerance)
        np.testing.assert_allclose(openvino_answer(path, images), expected, atol=10 * tolerance)
        if features != [56]:
            np.testing.assert_allclose(np.linalg.norm(expected, axis=1), 1.0, atol=1e-5)


def test_real_weights_find_the_people_they_found_before(
    export_environment: Path, tmp_path: Path, shared_dir: Path
) -> None:
    published = shared_dir / "models" / "yolo11n-pose.onnx"
    weights = make(export_environment, tmp_path, "yolo11n-pose", str(published))
    export(export_environment, weights)
    picture = cv2.resize(cv2.imread(str(shared_dir / "images" / "bus.jpg")), (480, 640))
    image = np.ascontiguousarray(picture[None, ..., ::-1])
    before = onnxruntime.InferenceSession(str(published)).run(
        None, {"images": image.transpose(0, 3, 1, 2).astype(np.float32) / 255}
    )[0]
    after = onnxruntime.InferenceSession(str(tmp_path / "model.onnx")).run(None, {"image": image})[0]
    assert (before[0, 4] > 0.5).sum() >= 20
    np.testing.assert_allclose(after, before, atol=0.02)


# Names and shapes of the weights of insightface's own networks, sorted, one a line: digests taken from its code.
INSIGHTFACE = {
    "iresnet18": "6bdb508fbe8f91721b62a252fefaacd4aa07dd22b96920d21a84616dbb903daa",
    "iresnet50": "d80a68220d7280f122e963b79668ab37c22a7f522a863f8f1aa9e039b402b613",
    "iresnet100": "dc48aa67c7449a7caf250153f36da2fc4a3288e632c3667206a7cda2a14b3842",
    "mobilefacenet": "a5470f4e8d3847b18cd54411edaaf1bde6437ac79c5da42b9941ad9830431492",
    "mobilefacenet_large": "e93eb03a7306f387f2a9a59e9d761ecf9de61233e6ef26e39113c6723bdba8fc",
}
DIGESTS = """
import hashlib, json
from triton_models.export.iresnet import IResNet
from triton_models.export.mobilefacenet import MobileFaceNet
def digest(network):
    lines = sorted(f"{name} {tuple(value.shape)}" for name, value in network.state_dict().items())
    return hashlib.sha256("\\n".join(lines).encode()).hexdigest()
print(json.dumps({
    "iresnet18": digest(IResNet((2, 2, 2, 2), 512)),
    "iresnet50": digest(IResNet((3, 4, 14, 3), 512)),
    "iresnet100": digest(IResNet((3, 13, 30, 3), 512)),
    "mobilefacenet": digest(MobileFaceNet(128, (1, 4, 6, 2), 512)),
    "mobilefacenet_large": digest(MobileFaceNet(256, (2, 8, 12, 4), 512)),
}))
"""


def test_face_networks_take_the_weights_that_insightface_writes(export_environment: Path) -> None:
    done = run_in_environment(export_environment, ["-c", DIGESTS], capture=True)
    assert json.loads(done.stdout) == INSIGHTFACE, done.stderr
