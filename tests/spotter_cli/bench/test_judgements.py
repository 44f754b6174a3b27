"""The cost of a judgement is measured on the real network."""

from spotter_cli.bench.judgements import measure
from svc_motion.network import ExerciseNetwork


async def test_people_who_ask_at_once_cost_more_than_one() -> None:
    network = ExerciseNetwork()
    one, ten = await measure(network, 1, 5), await measure(network, 10, 5)
    assert 0 < one.least_ms <= one.median_ms
    assert ten.least_ms > one.least_ms
    assert ten.cpu_ms > 0
