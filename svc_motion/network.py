"""The exercise network: a small temporal convolutional network over keypoint windows, an ONNX file run in process.

The body is seen without a place or a size: positions around the hips, bone directions, lengths, angles, velocities,
in units of the longest limbs. Method: dilated residual convolutions after Bai et al. 2018, arXiv:1803.01271; how it
was trained stands in docs/training.md.

NetworkFileError -- the file is missing, damaged, or has other inputs and outputs than this package feeds and reads.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from svc_motion.observation import LEFT_HIP, LEFT_SHOULDER

Array32 = NDArray[np.float32]
T = TypeVar("T")

MODEL_NAME = "exercise_network"
"""In the model repository and on Triton."""
NETWORK_FILE = Path(__file__).parent / "weights" / "exercise_network.onnx"
INPUT, OUTPUT = "windows", "probabilities"
CLASSES, TEMPERATURE = "classes", "temperature"
"""Properties of the file's metadata."""
SAMPLES: Final = 30
SAMPLE_HZ: Final = 15.0
VALID_CONFIDENCE = 0.3
MIRROR: Final = [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]
"""Order of the COCO-17 joints after left and right changed places."""
BONES: Final = (
    (5, 7),
    (7, 9),
    (6, 8),
    (8, 10),
    (11, 13),
    (13, 15),
    (12, 14),
    (14, 16),
    (5, 11),
    (6, 12),
    (5, 6),
    (11, 12),
)
BONE_TRUNKS = np.array([0.58, 0.51, 0.58, 0.51, 0.85, 0.83, 0.85, 0.83, 1, 1, 0.7, 0.4], dtype=np.float32)
"""Length of each bone over the trunk's, of an average adult."""
ANGLES: Final = ((5, 7, 9), (6, 8, 10), (11, 13, 15), (12, 14, 16), (5, 11, 13), (6, 12, 14), (11, 5, 7), (12, 6, 8))
FEATURES: Final = 34 + 2 + 17 + 26 + 13 + 8 + 36
DILATIONS: Final = (1, 2, 4, 8)
"""Of the convolutions of the blocks, for training and export."""
NONE_CLASS: Final = "none"

_STARTS, _ENDS = np.array(BONES).T
_A, _B, _C = np.array(ANGLES).T


def _length(vectors: Array32) -> Array32:
    """Length of vectors along the last axis; np.linalg.norm takes three times as long for so few."""
    return np.asarray(np.sqrt(np.einsum("...i,...i->...", vectors, vectors)), dtype=np.float32)


def _middle(points: Array32, valid: Array32, left: int) -> tuple[Array32, Array32]:
    """(B, T, 2) mean of a joint and the next, of those that are valid; and (B, T) whether there is one."""
    first, second = valid[:, :, left], valid[:, :, left + 1]
    total = first + second
    middle = points[:, :, left] * first[..., None] + points[:, :, left + 1] * second[..., None]
    return middle / np.maximum(total, 1)[..., None], (total > 0).astype(np.float32)


def _scale(bones: Array32, known: Array32) -> Array32:
    """(B, 1, 1) trunk length that the second and third longest limbs suggest, 70 % quantile over time."""
    relative = _length(bones) / BONE_TRUNKS * known
    relative.sort(axis=-1)
    typical = np.sort((relative[..., -3] + relative[..., -2]) / 2, axis=1)
    place = 0.7 * (typical.shape[1] - 1)
    low = int(place)
    high = min(low + 1, typical.shape[1] - 1)
    quantile = typical[:, low] + (typical[:, high] - typical[:, low]) * np.float32(place - low)
    return np.asarray(np.maximum(quantile, 1e-3)[:, None, None], dtype=np.float32)


def _median_over_time(values: Array32) -> Array32:
    """(B, 1, C) median of (B, T, C)."""
    ordered = np.sort(values, axis=1)
    samples = values.shape[1]
    return np.asarray((ordered[:, (samples - 1) // 2, None] + ordered[:, samples // 2, None]) / 2, dtype=np.float32)


def features(points: Array32, confidence: Array32) -> Array32:
    """(B, T, 136) features of windows of keypoints (B, T, 17, 2), y down, and confidences (B, T, 17).

    Points of joints below the confidence limit may hold anything finite; they do not matter.
    """
    valid = (confidence > VALID_CONFIDENCE).astype(np.float32)
    batch, samples = points.shape[:2]
    bones, known = points[:, :, _ENDS] - points[:, :, _STARTS], valid[:, :, _STARTS] * valid[:, :, _ENDS]
    scale = _scale(bones, known)
    hip, hip_valid = _middle(points, valid, LEFT_HIP)
    shoulder, shoulder_valid = _middle(points, valid, LEFT_SHOULDER)
    root = np.where(hip_valid[..., None] > 0, hip, shoulder)
    travel = np.clip((root - _median_over_time(root)) / scale, -4, 4)
    place = np.clip((points - root[:, :, None]) / scale[..., None], -4, 4) * valid[..., None]
    bones = np.concatenate([bones, (points[:, :, 0] - shoulder)[:, :, None]], axis=2)
    known = np.concatenate([known, (valid[:, :, 0] * shoulder_valid)[..., None]], axis=-1)
    directions, lengths = _bones(bones, known, scale)
    velocity, drift = np.zeros_like(place), np.zeros_like(travel)
    velocity[:, 1:] = (place[:, 1:] - place[:, :-1]) * (valid[:, 1:] * valid[:, :-1])[..., None]
    drift[:, 1:] = travel[:, 1:] - travel[:, :-1]

    def flat(values: Array32) -> Array32:
        return values.reshape(batch, samples, -1)

    parts = (
        flat(place),
        travel,
        np.clip((confidence - 0.1) / 0.5, 0, 1),
        flat(directions),
        lengths,
        _cosines(points, valid, scale),
        np.clip(flat(velocity) * 5, -3, 3),
        np.clip(drift * 5, -3, 3),
    )
    return np.concatenate(parts, axis=-1, dtype=np.float32)


def _bones(bones: Array32, known: Array32, scale: Array32) -> tuple[Array32, Array32]:
    """Directions (B, T, 13, 2) and lengths (B, T, 13) of the bones and, last, of shoulders to nose."""
    vectors = bones / scale[..., None]
    length = _length(vectors)
    directions = vectors / (length + 0.05)[..., None] * known[..., None]
    return directions, np.clip(length, 0, 3) * known


def _cosines(points: Array32, valid: Array32, scale: Array32) -> Array32:
    """(B, T, 8) cosines of elbows, knees, hips and shoulders."""
    first, second = points[:, :, _A] - points[:, :, _B], points[:, :, _C] - points[:, :, _B]
    product = _length(first) * _length(second) + np.float32(1e-3) * scale
    known = valid[:, :, _A] * valid[:, :, _B] * valid[:, :, _C]
    return np.asarray(np.einsum("...i,...i->...", first, second) / product * known, dtype=np.float32)


def mirrored(points: Array32, confidence: Array32) -> tuple[Array32, Array32]:
    """The same windows in a mirror."""
    return points[:, :, MIRROR] * np.array([-1, 1], dtype=np.float32), confidence[:, :, MIRROR]


class NetworkFileError(ValueError):
    """A file can't be used as the exercise network."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} can't be used as the exercise network: {reason}")
        self.path, self.reason = path, reason


def tempered(shares: Array32, temperature: float) -> Array32:
    """Shares (B, C) as a softmax at another temperature gives them: raised, they are less sure; the best stays.

    Guo et al. 2017, arXiv:1706.04599. 1 changes nothing.
    """
    if temperature == 1.0:
        return shares
    cooled = np.power(np.maximum(shares, np.finfo(np.float32).tiny), 1 / temperature, dtype=np.float32)
    return np.asarray(cooled / cooled.sum(axis=1, keepdims=True), dtype=np.float32)


class ExerciseNetwork:
    """The trained network on one thread of the processor."""

    def __init__(self, path: Path = NETWORK_FILE) -> None:
        """Raises NetworkFileError when the file is missing, damaged or of another kind."""
        self.path = path
        if not path.is_file():
            raise NetworkFileError(path, "there is no such file")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's own exceptions share no base class but Exception
            raise NetworkFileError(path, f"it is damaged or no ONNX file ({type(error).__name__})") from error
        self.classes = _classes(path, self._session)
        """What it was taught, in the order of its answers."""
        self.temperature = _temperature(path, self._session)
        """What its scores are divided by, so that it is as sure as it is right; 1 where the file tells none."""

    def take_over(self, other: ExerciseNetwork) -> None:
        """Answer from now on as another one does, which has the same classes."""
        self.path, self.temperature, self._session = other.path, other.temperature, other._session

    @property
    def answers_together(self) -> bool:
        """Whether people who ask at the same time get their answers together."""
        return False

    async def run(self, work: Callable[[], T]) -> T:
        """Do plain work that may ask the network; the event loop goes on while an answer is on its way."""
        return work()

    def probabilities(self, points: Array32, confidence: Array32) -> Array32:
        """(B, classes): mean over each window (B, T, 17, 2) and its mirror image."""
        (shares,) = self._session.run([OUTPUT], {INPUT: self.rows(points, confidence)})
        return self.judged(shares)

    @staticmethod
    def rows(points: Array32, confidence: Array32) -> Array32:
        """(2 B, T, 136) what goes in: the features of each window, then those of their mirror images."""
        both = [np.concatenate(pair) for pair in zip((points, confidence), mirrored(points, confidence), strict=True)]
        return features(both[0], both[1])

    def judged(self, shares: Array32) -> Array32:
        """(B, classes) what is made of the answers (2 B, classes) to `rows`."""
        half = len(shares) // 2
        return tempered(np.asarray((shares[:half] + shares[half:]) / 2, dtype=np.float32), self.temperature)


def _classes(path: Path, session: onnxruntime.InferenceSession) -> tuple[str, ...]:
    """The class names, after checking inputs and outputs."""
    found = {tensor.name: (tensor.type, tensor.shape) for tensor in (*session.get_inputs(), *session.get_outputs())}
    classes = tuple(session.get_modelmeta().custom_metadata_map.get(CLASSES, "").split(","))
    for name, sizes in ((INPUT, [SAMPLES, FEATURES]), (OUTPUT, [len(classes)])):
        kind, shape = found.get(name, ("missing", []))
        if kind != "tensor(float)" or shape[1:] != sizes or isinstance(shape[0], int):
            raise NetworkFileError(path, f"{name} is {kind} {shape}, expected tensor(float) (any number, {sizes})")
    if len(set(classes)) < len(classes) or NONE_CLASS not in classes:
        raise NetworkFileError(path, f"its metadata names the classes {classes}; {NONE_CLASS!r} must be one of them")
    return classes


def _temperature(path: Path, session: onnxruntime.InferenceSession) -> float:
    told = session.get_modelmeta().custom_metadata_map.get(TEMPERATURE, "1")
    try:
        temperature = float(told)
    except ValueError:
        temperature = math.nan
    if not 0.1 <= temperature <= 10:
        raise NetworkFileError(path, f"its metadata says temperature {told!r}; a number from 0.1 to 10 is expected")
    return temperature


@cache
def trained_network() -> ExerciseNetwork:
    """The network that comes with this package, read once. Raises NetworkFileError."""
    return ExerciseNetwork()
