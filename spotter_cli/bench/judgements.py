"""What a judgement of the exercise network costs, in process and, where one is named, on a Triton server.

    python -m spotter_cli.bench.judgements [--triton HOST:PORT] [--people 1 4 8] [--rounds 300]

A judgement is one person's window and its mirror image, features included. Told are milliseconds from the question to
the last answer of people who ask at once, and this process's own processor time for each of them.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from dataclasses import dataclass

import numpy as np

from mesh.triton import TritonClient
from svc_motion.network import SAMPLES, Array32, ExerciseNetwork
from svc_motion.triton_network import TritonNetwork

WARM_UP = 10


@dataclass(frozen=True, slots=True)
class Cost:
    """Of so many people at once."""

    least_ms: float
    median_ms: float
    cpu_ms: float
    """Of this process, for one person."""


def drawn_window() -> tuple[Array32, Array32]:
    """Points (1, T, 17, 2) and confidences (1, T, 17); what they show doesn't matter to the time."""
    points = np.random.default_rng(0).normal(300, 50, (1, SAMPLES, 17, 2)).astype(np.float32)
    return points, np.full((1, SAMPLES, 17), 0.9, np.float32)


async def measure(network: ExerciseNetwork, people: int, rounds: int) -> Cost:
    """Asks for `people` at once, `rounds` times."""
    window, walls_ms = drawn_window(), []

    async def ask() -> None:
        await asyncio.gather(*(network.run(lambda: network.probabilities(*window)) for _ in range(people)))

    for _ in range(WARM_UP):
        await ask()
    began_cpu_s = time.process_time()
    for _ in range(rounds):
        began_s = time.perf_counter()
        await ask()
        walls_ms.append((time.perf_counter() - began_s) * 1e3)
    cpu_ms = (time.process_time() - began_cpu_s) * 1e3 / rounds / people
    return Cost(min(walls_ms), float(np.median(walls_ms)), cpu_ms)


async def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--triton", metavar="HOST:PORT", help="gRPC of a server that serves exercise_network")
    parser.add_argument("--people", type=int, nargs="+", default=[1, 4, 8])
    parser.add_argument("--rounds", type=int, default=300)
    options = parser.parse_args()
    networks: dict[str, ExerciseNetwork] = {"in process": ExerciseNetwork()}
    client = TritonClient(options.triton) if options.triton else None
    if client is not None:
        networks["on Triton"] = TritonNetwork(client)
    for people in options.people:
        for name, network in networks.items():
            cost = await measure(network, people, options.rounds)
            sys.stdout.write(
                f"{people} at once {name}: least {cost.least_ms:.2f} ms, median {cost.median_ms:.2f} ms; "
                f"own CPU {cost.cpu_ms:.2f} ms a person\n"
            )
    if client is not None:
        client.close()


if __name__ == "__main__":
    asyncio.run(main())
