"""The built graphs on photographs answer as their sources do, and as OpenCV's own face detector does."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from triton_models import golden, manifest, reference
from triton_models.stamp import model_path

Image = NDArray[np.uint8]
Run = Callable[[str, Image], dict[str, NDArray[np.float32]]]
FROM_ONNX = [model.name for model in manifest.load().values() if model.build.kind == "onnx"]
FACE_TEMPLATE = np.array(
    [[38.29, 51.70], [73.53, 51.50], [56.03, 71.74], [41.55, 92.37], [70.73, 92.20]], np.float32
)  # fmt: skip
"""Where ArcFace networks want the five points in 112x112."""


@pytest.fixture(scope="module")
def run(model_repository: Path) -> Run:
    """Runs a model of the repository with onnxruntime."""
    sessions = {name: golden.open_session(model_path(model_repository, name)) for name in FROM_ONNX}
    return lambda name, image: golden.run_session(sessions[name], {manifest.INPUT_NAME: image})


def _read(shared_dir: Path, name: str) -> Image:
    path = shared_dir / "images" / name
    if not path.is_file():
        pytest.skip(f"{path} is missing")
    return np.ascontiguousarray(np.asarray(cv2.imread(str(path)), np.uint8)[..., ::-1])


@pytest.mark.parametrize(
    ("name", "size", "tolerance"),
    # Boxes and keypoints are in px, up to 640; embeddings have unit length.
    [("yolo11_pose", (448, 640), 0.01), ("face_detect", (448, 640), 1e-4), ("person_embedding", (256, 128), 1e-6),
     ("face_embedding", (112, 112), 1e-6)],
)  # fmt: skip
def test_a_graph_answers_as_its_source_does(
    run: Run, shared_dir: Path, name: str, size: tuple[int, int], tolerance: float
) -> None:
    height, width = size
    pictures = [cv2.resize(_read(shared_dir, file), (width, height)) for file in ("t1.jpg", "bus.jpg", "zidane.jpg")]
    images = np.stack(pictures).astype(np.uint8)
    model = manifest.model(name)
    source = reference.run_source((shared_dir / "models" / model.sources[0].file).read_bytes(), model, images)
    found = run(name, images)
    for output, expected in source.items():
        assert np.abs(found[output] - expected).max() < tolerance, output


@pytest.mark.parametrize("name", FROM_ONNX)
def test_pictures_of_a_batch_do_not_influence_each_other(run: Run, name: str) -> None:
    images = golden.pictures(name)
    both = run(name, images)
    for row, image in enumerate(images):
        alone = run(name, image[None])
        for output, value in alone.items():
            scale = max(1.0, float(np.abs(value).max()))
            assert np.abs(both[output][row] - value[0]).max() < 1e-5 * scale, output


@pytest.mark.parametrize(("file", "size", "people"), [("bus.jpg", (640, 480), 4), ("t1.jpg", (448, 640), 6)])
def test_yolo_finds_the_people_of_a_photograph(
    run: Run, shared_dir: Path, file: str, size: tuple[int, int], people: int
) -> None:
    image = cv2.resize(_read(shared_dir, file), size[::-1]).astype(np.uint8)
    (found,) = run("yolo11_pose", image[None])["predictions"]
    boxes = np.hstack([found[:2].T - found[2:4].T / 2, found[2:4].T])
    assert len(cv2.dnn.NMSBoxes(boxes.tolist(), found[4].tolist(), 0.4, 0.5)) == people


@pytest.mark.parametrize(("file", "count"), [("t1.jpg", 6), ("bus.jpg", 2), ("kun.jpg", 1), ("yifei.jpg", 1)])
def test_faces_are_where_opencv_finds_them(run: Run, shared_dir: Path, file: str, count: int) -> None:
    image = _read(shared_dir, file)
    path = shared_dir / "models" / manifest.model("face_detect").sources[0].file
    detector = cv2.FaceDetectorYN.create(str(path), "", (image.shape[1], image.shape[0]), 0.6, 0.3, 5000)
    _, expected = detector.detect(np.ascontiguousarray(image[..., ::-1]))
    found = _faces(run, image)
    assert len(found) == len(expected) == count
    difference = np.abs(found[np.argsort(found[:, 0])] - expected[np.argsort(expected[:, 0])])
    assert difference[:, :14].max() < 1e-3, "px"
    assert difference[:, 14].max() < 1e-5, "score"


def test_a_man_is_known_on_another_photograph_and_other_people_are_not_taken_for_him(
    run: Run, shared_dir: Path
) -> None:
    embeddings = {file: _embed_faces(run, _read(shared_dir, file)) for file in ("t1.jpg", "kun.jpg", "jntm.jpg")}
    group = embeddings["t1.jpg"]
    assert (embeddings["kun.jpg"] @ embeddings["jntm.jpg"].T).max() > 0.7
    assert (group @ group.T - np.eye(len(group))).max() < 0.4
    assert (group @ embeddings["kun.jpg"].T).max() < 0.4


def test_a_person_is_known_from_another_camera(run: Run, shared_dir: Path) -> None:
    crops = [_read(shared_dir, f"prw/0001_{camera}_00.jpg") for camera in ("c1s1_001051", "c6s1_009601")]
    scene = cv2.resize(_read(shared_dir, "bus.jpg"), (640, 480))[:, :240]
    images = np.stack([cv2.resize(crop, (128, 256)) for crop in (*crops, scene)]).astype(np.uint8)
    embeddings = run("person_embedding", images)["embedding"]
    likeness = embeddings @ embeddings.T
    assert likeness[0, 1] > 0.6 > likeness[:2, 2].max()


def _faces(run: Run, image: Image) -> NDArray[np.float32]:
    """x, y, width, height, 5 points, score of every face, as OpenCV's detector tells them, from YuNet's outputs."""
    padded = np.pad(image, ((0, -image.shape[0] % 32), (0, -image.shape[1] % 32), (0, 0)))
    outputs = run("face_detect", padded[None])
    rows = []
    for cell in (8, 16, 32):
        scores = np.sqrt(outputs[f"cls_{cell}"][0, :, 0] * outputs[f"obj_{cell}"][0, :, 0])
        index = np.flatnonzero(scores > 0.6)
        columns = padded.shape[1] // cell
        corner = np.stack([index % columns, index // columns], 1)
        box = outputs[f"bbox_{cell}"][0, index]
        centre, size = (corner + box[:, :2]) * cell, np.exp(box[:, 2:]) * cell
        points = (outputs[f"kps_{cell}"][0, index].reshape(-1, 5, 2) + corner[:, None]) * cell
        rows.append(np.hstack([centre - size / 2, size, points.reshape(-1, 10), scores[index, None]]))
    found = np.concatenate(rows)
    kept = cv2.dnn.NMSBoxes(found[:, :4].tolist(), found[:, 14].tolist(), 0.6, 0.3)
    return np.asarray(found[np.array(kept).ravel()], np.float32)


def _embed_faces(run: Run, image: Image) -> NDArray[np.float32]:
    aligned = []
    for face in _faces(run, image):
        change, _ = cv2.estimateAffinePartial2D(face[4:14].reshape(5, 2), FACE_TEMPLATE, method=cv2.LMEDS)
        aligned.append(cv2.warpAffine(image, change, (112, 112)))
    return run("face_embedding", np.stack(aligned).astype(np.uint8))["embedding"]
