"""How sure against how right, on numbers whose answer is known, and the temperature in a file."""

import numpy as np
import pytest

from svc_motion.network import NETWORK_FILE, ExerciseNetwork, tempered
from svc_motion.training.calibrate import Judged, fitted, synthetic, with_temperature


def judged(temperature: float, count: int = 20_000) -> Judged:
    """Windows whose right class is drawn from true shares, which the network tells at another temperature."""
    rng = np.random.default_rng(3)
    scores = rng.normal(0, 2, (count, 5))
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    truth = (shares.cumsum(axis=1) < rng.random((count, 1))).sum(axis=1)
    return Judged(tempered(shares.astype(np.float32), 1 / temperature), truth)


@pytest.mark.parametrize("temperature", [0.6, 1.0, 1.7])
def test_the_temperature_that_spoilt_the_shares_is_found(temperature: float) -> None:
    spoilt = judged(temperature)
    assert fitted([spoilt]) == pytest.approx(temperature, abs=0.05)
    right = spoilt.at(fitted([spoilt]))
    assert right.calibration_error < 0.015
    if temperature != 1.0:
        assert spoilt.calibration_error > 0.05
        assert right.log_loss < spoilt.log_loss


def test_calibration_error_is_how_far_sureness_lies_from_rightness() -> None:
    shares = np.array([[0.9, 0.1]] * 10 + [[0.3, 0.7]] * 10, dtype=np.float32)
    truth = np.array([0] * 8 + [1] * 2 + [1] * 5 + [0] * 5)  # 0.8 right where 0.9 sure, 0.5 where 0.7
    found = Judged(shares, truth)
    assert found.calibration_error == pytest.approx((0.1 + 0.2) / 2, abs=1e-6)
    assert found.summary["accuracy"] == 0.65


def test_a_temperature_is_written_beside_the_classes_and_taken_out_again() -> None:
    data = NETWORK_FILE.read_bytes()
    assert with_temperature(data, 1.0) == data
    warmer = with_temperature(data, 1.25)
    assert warmer != data
    assert with_temperature(warmer, 1.0) == data


def test_windows_are_the_same_for_the_same_seed() -> None:
    network = ExerciseNetwork()
    one, again = synthetic(network, 5, 40), synthetic(network, 5, 40)
    np.testing.assert_array_equal(one.shares, again.shares)
    np.testing.assert_array_equal(one.truth, again.truth)
