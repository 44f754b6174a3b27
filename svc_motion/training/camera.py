"""Random cameras and the errors of pose estimators: from joints in metres to keypoints with confidences.

Sizes are in trunk lengths. The error model imitates what BlazePose and YOLO-pose do on real people: white and slow
noise, a lasting bias, hidden far sides that snap to the near side or drift, swapped sides, crops, and things in front.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from svc_motion.network import MIRROR, VALID_CONFIDENCE

Array32 = NDArray[np.float32]

TRUNK_M = 0.5


def _by_joint(
    face: float, shoulder: float, elbow: float, wrist: float, hip: float, knee: float, ankle: float
) -> Array32:
    pairs = np.repeat([shoulder, elbow, wrist, hip, knee, ankle], 2)
    return np.concatenate([np.full(5, face), pairs]).astype(np.float32)


WHITE = _by_joint(0.009, 0.012, 0.017, 0.021, 0.015, 0.016, 0.017)
SLOW = _by_joint(0.018, 0.026, 0.033, 0.030, 0.028, 0.033, 0.027)
BIAS = _by_joint(0.028, 0.048, 0.038, 0.036, 0.043, 0.058, 0.056)
"""Standard deviations a coordinate in trunk lengths: frame by frame, over about a quarter of a second, lasting.
All three, and STRAY, as `measure_noise` found them on 43 real clips (430 s) between two pose models."""
STRAY = _by_joint(0.002, 0.009, 0.017, 0.031, 0.012, 0.017, 0.038)
"""Share of frames in which a joint is somewhere else altogether."""
FAR_LOST: tuple[tuple[list[int], float], ...] = (
    ([7, 9], 0.3),
    ([8, 10], 0.3),
    ([5], 0.08),
    ([6], 0.08),
    ([13, 15], 0.15),
    ([14, 16], 0.15),
)
"""Limbs of the far side and how often they are not seen for a whole window in which they are far."""
SPREAD = 0.7
"""How much windows differ in their noise; less than was measured (1.1), since fast movements differ in that too."""


@cache
def _kernel(samples: int, half: int) -> Array32:
    """(samples + 2 half, samples) matrix that smooths white noise to unit variance."""
    shape = np.hanning(2 * half + 3)[1:-1]
    shape /= np.sqrt((shape**2).sum())
    matrix = np.zeros((samples + 2 * half, samples), dtype=np.float32)
    for sample in range(samples):
        matrix[sample : sample + 2 * half + 1, sample] = shape
    return matrix


class Camera:
    """Renders batches of windows (B, T, 17, 3) with one random generator."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng

    def render(self, joints: Array32) -> tuple[Array32, Array32]:
        """Keypoints (B, T, 17, 2), y down, in about trunk lengths, and confidences (B, T, 17)."""
        points, depth = self._project(joints - joints.mean(axis=(1, 2), keepdims=True))
        points = self._move_camera(points)
        confidence = (1 - np.abs(self._normal(points.shape[:3]) * 0.04)).astype(np.float32)
        points, confidence = self._hide_far_side(points, confidence, depth)
        confidence = self._hide_face(confidence, depth)
        points, confidence = self._swap_sides(points, confidence, depth)
        points = self._disturb(points)
        points, confidence = self._crop(points, confidence)
        confidence = np.where(confidence > VALID_CONFIDENCE, np.minimum(confidence, 1), 0)  # as the service does
        return points.astype(np.float32), confidence.astype(np.float32)

    def _uniform(self, low: float, high: float, *shape: int) -> Array32:
        return (low + (high - low) * self._rng.random(shape, dtype=np.float32)).astype(np.float32)

    def _normal(self, shape: tuple[int, ...]) -> Array32:
        return self._rng.standard_normal(shape, dtype=np.float32)

    def _chance(self, probability: float, *shape: int) -> NDArray[np.bool_]:
        return np.asarray(self._rng.random(shape, dtype=np.float32) < probability, dtype=np.bool_)

    def _slow(self, batch: int, samples: int, *rest: int, half: int) -> Array32:
        """(batch, samples, *rest) smooth noise of unit variance."""
        noise = self._normal((batch, *rest, samples + 2 * half)) @ _kernel(samples, half)
        return np.asarray(np.moveaxis(noise, -1, 1), dtype=np.float32)

    def _project(self, joints: Array32) -> tuple[Array32, Array32]:
        """Perspective from a random place; the person is looked at from all around, cardinal views more often."""
        batch = len(joints)
        turn = self._uniform(0, 2 * np.pi, batch)
        cardinal = self._rng.integers(0, 4, batch) * (np.pi / 2) + self._normal((batch,)) * 0.25
        turn = np.where(self._chance(0.35, batch), cardinal, turn)
        height_deg = np.where(self._chance(0.12, batch), self._uniform(20, 60, batch), self._uniform(-12, 28, batch))
        height, roll = np.radians(height_deg), self._normal((batch,)) * 0.05
        away = np.exp(self._uniform(float(np.log(1.7)), float(np.log(7)), batch))[:, None, None]
        ct, st, ch, sh, cr, sr = (
            f(angle)[:, None, None].astype(np.float32) for angle in (turn, height, roll) for f in (np.cos, np.sin)
        )
        x, y, z = joints[..., 0] * ct - joints[..., 1] * st, joints[..., 0] * st + joints[..., 1] * ct, joints[..., 2]
        depth, up = y * ch - z * sh, y * sh + z * ch
        scale = away / np.maximum(away + depth, 0.4) / TRUNK_M
        across, down = x * scale, -up * scale
        aspect = np.exp(self._normal((batch, 1, 1)) * 0.04)
        return np.stack([(across * cr - down * sr) * aspect, across * sr + down * cr], axis=-1), depth

    def _move_camera(self, points: Array32) -> Array32:
        batch, samples = points.shape[:2]
        moving = self._chance(0.15, batch)[:, None, None, None]
        pan = self._slow(batch, samples, 1, 2, half=14) * 0.12
        zoom = self._slow(batch, samples, 1, 1, half=14) * 0.08 * self._chance(0.4, batch)[:, None, None, None]
        return np.asarray((points + moving * pan) * (1 + moving * zoom), dtype=np.float32)

    def _hide_far_side(self, points: Array32, confidence: Array32, depth: Array32) -> tuple[Array32, Array32]:
        batch, samples = points.shape[:2]
        farther = depth - depth[:, :, MIRROR]
        hidden_share = 1 / (1 + np.exp(-(farther - 0.22) * 14)) * self._uniform(0, 0.9, batch)[:, None, None]
        hidden_share[:, :, [5, 6, 11, 12]] *= 0.5
        slow = self._slow(batch, samples, 17, half=7)
        hidden = 1 / (1 + np.exp(-1.702 * slow)) < hidden_share  # the logistic approximation of the normal quantile
        snaps, own = self._chance(0.5, batch, 1, 17) & hidden, self._uniform(0, 0.9, batch, 1, 17)[..., None]
        points = np.where(snaps[..., None], points * own + points[:, :, MIRROR] * (1 - own), points)
        drift = self._slow(batch, samples, 17, 2, half=5) * self._uniform(0.02, 0.18, batch, 1, 17, 1)
        points = np.where(hidden[..., None], points + drift, points)
        confidence = np.where(hidden, confidence * self._uniform(0.03, 1, batch, 1, 17), confidence)
        return points, np.where(self._lost_limbs(farther), 0, confidence)

    def _lost_limbs(self, farther: Array32) -> NDArray[np.bool_]:
        """(B, 1, 17) joints of far arms and legs that are not seen all window long, as pose models lose them."""
        far = farther.mean(axis=1) > 0.2
        lost = np.zeros_like(far)
        for joints, share in FAR_LOST:
            affected = self._chance(share, len(far)) & far[:, joints].all(axis=1)
            lost[np.ix_(affected, joints)] = True
        return np.asarray(lost[:, None], dtype=np.bool_)

    def _hide_face(self, confidence: Array32, depth: Array32) -> Array32:
        batch, samples = confidence.shape[:2]
        from_behind = depth[:, :, 0] > depth[:, :, [3, 4]].mean(axis=-1) + 0.03
        hidden = (from_behind & self._chance(0.75, batch, 1))[..., None]
        confidence[..., :3] = np.where(hidden, self._uniform(0, 0.35, batch, samples, 3), confidence[..., :3])
        turned = (depth[:, :, [1, 2, 3, 4]] - depth[:, :, [2, 1, 4, 3]] > 0.05) & self._chance(0.7, batch, 1, 4)
        faint = confidence[..., 1:5] * self._uniform(0, 0.5, batch, samples, 4)
        confidence[..., 1:5] = np.where(turned, faint, confidence[..., 1:5])
        return confidence

    def _swap_sides(self, points: Array32, confidence: Array32, depth: Array32) -> tuple[Array32, Array32]:
        """Mix left and right up, mostly in side views: legs, arms, lower legs, everything, or forearms."""
        batch, samples = points.shape[:2]
        sideways = np.clip(np.abs(depth[:, :, 5] - depth[:, :, 6]).mean(axis=1) / 0.35, 0, 1)
        groups: tuple[tuple[list[int], float, float], ...] = (
            (list(range(11, 17)), 0.025, 0.14),
            (list(range(5, 11)), 0.015, 0.06),
            ([13, 14, 15, 16], 0.015, 0.09),
            (list(range(17)), 0.03, 0.08),
            ([7, 8, 9, 10], 0.01, 0.04),
        )
        for group, always, when_sideways in groups:
            affected = self._rng.random(batch) < always + when_sideways * sideways
            lasting = self._chance(0.35, batch)[:, None]
            at_times = self._slow(batch, samples, half=5) > self._uniform(-0.2, 1.5, batch)[:, None]
            member = np.zeros(17, dtype=bool)
            member[group] = True
            swapped = (affected[:, None] & (lasting | at_times))[..., None] & member
            points = np.where(swapped[..., None], points[:, :, MIRROR], points)
            confidence = np.where(swapped, confidence[:, :, MIRROR], confidence)
        return points, confidence

    def _disturb(self, points: Array32) -> Array32:
        batch, samples = points.shape[:2]
        # a log-normal factor whose mean square is 1, so that the measured variances stay what they are
        level, lasting = (np.exp(self._normal((batch, 1, 1, 1)) * SPREAD - SPREAD**2) for _ in range(2))
        white = WHITE[:, None] * self._normal(points.shape)
        slow = SLOW[:, None] * self._slow(batch, samples, 17, 2, half=4)
        bias = BIAS[:, None] * self._normal((batch, 1, 17, 2))
        points = points + level * (white + slow) + lasting * bias
        away = self._rng.random((batch, 1, 17)) < 4 * STRAY
        stray = away & (self._slow(batch, samples, 17, half=4) > 0.67)  # a quarter of the time, for some 0.3 s
        elsewhere = self._normal((batch, 1, 17, 2)) * 0.35 + self._normal(points.shape) * 0.05
        return np.asarray(np.where(stray[..., None], points + elsewhere, points), dtype=np.float32)

    def _crop(self, points: Array32, confidence: Array32) -> tuple[Array32, Array32]:
        batch, samples = points.shape[:2]
        low, high = points.min(axis=(1, 2)), points.max(axis=(1, 2))
        size = high - low
        x, y = points[..., 0], points[..., 1]

        def edge(at: Array32) -> Array32:
            return at[:, None, None]

        def dim(where: NDArray[np.bool_], most: float, shape: tuple[int, ...]) -> None:
            nonlocal confidence
            confidence = np.where(where, confidence * self._uniform(0, most, *shape), confidence)

        each = (batch, 1, 17)
        bottom = y > edge(high[:, 1] - size[:, 1] * self._uniform(0.03, 0.5, batch))
        top = y < edge(low[:, 1] + size[:, 1] * self._uniform(0.03, 0.35, batch))
        left = x < edge(low[:, 0] + size[:, 0] * self._uniform(0, 0.3, batch))
        right = x > edge(high[:, 0] - size[:, 0] * self._uniform(0, 0.3, batch))
        for outside, share in ((bottom, 0.16), (top, 0.10), (left, 0.05), (right, 0.05)):
            dim(outside & self._chance(share, batch, 1, 1), 0.5, each)
        centre = points.mean(axis=(1, 2), keepdims=True) + self._normal((batch, 1, 1, 2)) * 0.7
        covered = (np.abs(points - centre) < self._uniform(0.15, 0.6, batch, 1, 1, 2)).all(axis=-1)
        dim(covered & self._chance(0.12, batch, 1, 1), 0.7, each)
        lost = self._chance(0.03, batch, 1, 17) & (self._slow(batch, samples, 17, half=6) > 0)
        flicker = self._rng.random((batch, samples, 17)) < 0.25 * self._rng.random(each) ** 6
        dropped = self._chance(0.08, batch, 1, 1) & self._chance(0.2, batch, samples, 17)
        return points, np.where(lost | flicker | dropped, confidence * 0.2, confidence)
