"""The exercise network on a Triton server: one request for everybody whose windows come at the same time.

The network is asked deep inside plain functions that know no event loop. Each person's update therefore runs in a
greenlet of its own, as SQLAlchemy's asyncio extension runs plain code: where the update asks the network, the greenlet
stops, the event loop goes on, and the update goes on where it stopped when the server has answered.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

import grpc
import numpy as np
import structlog
from greenlet import getcurrent, greenlet
from prometheus_client import Counter

from mesh import names
from mesh.triton import TritonClient
from svc_motion.network import INPUT, MODEL_NAME, NETWORK_FILE, OUTPUT, Array32, ExerciseNetwork

T = TypeVar("T")

MOST_ROWS = 64
"""Of one request: `max_batch_size` of the model's config.pbtxt."""
TIMEOUT_S = 0.5
"""An answer that takes longer is of no use: the next frames wait for it."""
ASK_AGAIN_S = 10.0
"""While the server is away it is asked this often, by one request that then may take TIMEOUT_S."""

_JUDGEMENTS = Counter(names.METRIC_JUDGEMENTS, "Answers of the exercise network.", ["place"])
_log = structlog.get_logger()


async def all_of(works: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Does all at once; returns when all have ended. Raises what the first of them raised, the others go on."""
    for ended in await asyncio.gather(*works, return_exceptions=True):
        if isinstance(ended, BaseException):
            raise ended


class _Update(greenlet):  # type: ignore[misc]  # the package has no types
    """Plain code that may ask the network."""


class TritonNetwork(ExerciseNetwork):
    """Asks the server inside of `run`; elsewhere, and while the server is away, it answers itself.

    Used on one event loop.
    """

    def __init__(self, client: TritonClient, path: Path = NETWORK_FILE) -> None:
        """`path`: the same network, for when the server is away. Raises NetworkFileError."""
        super().__init__(path)
        self._client = client
        self._waiting: list[tuple[Array32, asyncio.Future[Array32 | None]]] = []
        self._sending: set[asyncio.Task[None]] = set()
        self._is_away = False
        self._ask_again_s = 0.0

    @property
    def answers_together(self) -> bool:
        """See `ExerciseNetwork.answers_together`."""
        return True

    async def run(self, work: Callable[[], T]) -> T:
        """See `ExerciseNetwork.run`. Where it is cancelled, the work ends where it stands."""
        update = _Update(work)
        update.gr_context = contextvars.copy_context()
        result = update.switch()
        while not update.dead:
            try:
                answer = await self._answer(result)
            except asyncio.CancelledError:
                update.throw()
                raise
            result = update.switch(answer)
        done: T = result
        return done

    def probabilities(self, points: Array32, confidence: Array32) -> Array32:
        """See `ExerciseNetwork.probabilities`."""
        update = getcurrent()
        if isinstance(update, _Update):
            shares = update.parent.switch(self.rows(points, confidence))
            if shares is not None:
                _JUDGEMENTS.labels("triton").inc()
                return self.judged(shares)
        _JUDGEMENTS.labels("process").inc()
        return super().probabilities(points, confidence)

    async def _answer(self, rows: Array32) -> Array32 | None:
        """The server's, or None while it is away."""
        loop = asyncio.get_running_loop()
        if self._is_away and loop.time() < self._ask_again_s:
            return None
        if not self._waiting:
            loop.call_soon(self._send)  # after everybody else whose turn is now
        answer: asyncio.Future[Array32 | None] = loop.create_future()
        self._waiting.append((rows, answer))
        return await answer

    def _send(self) -> None:
        while self._waiting:
            batch = [self._waiting.pop(0)]
            while self._waiting and sum(len(rows) for rows, _ in batch) + len(self._waiting[0][0]) <= MOST_ROWS:
                batch.append(self._waiting.pop(0))
            task = asyncio.get_running_loop().create_task(self._ask(batch))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _ask(self, batch: list[tuple[Array32, asyncio.Future[Array32 | None]]]) -> None:
        shares: Array32 | None = None
        try:
            shares, problem = await asyncio.to_thread(self._infer, np.concatenate([rows for rows, _ in batch]))
            self._note(problem)
        finally:
            begin = 0
            for rows, answer in batch:
                if not answer.done():
                    answer.set_result(None if shares is None else shares[begin : begin + len(rows)])
                begin += len(rows)

    def _infer(self, rows: Array32) -> tuple[Array32 | None, str]:
        """The server's answer; else None, and why there is none that can be used."""
        try:
            shares = self._client.infer_arrays(MODEL_NAME, {INPUT: rows}, TIMEOUT_S).get(OUTPUT)
        except grpc.RpcError as error:
            return None, str(error.details() if isinstance(error, grpc.Call) else error)
        if shares is None or shares.shape != (len(rows), len(self.classes)) or shares.dtype != np.float32:
            return None, "it serves another model under this name"
        return shares, ""

    def _note(self, problem: str) -> None:
        """Says once that the server went, and once that it is back."""
        if problem:
            self._ask_again_s = asyncio.get_running_loop().time() + ASK_AGAIN_S
            if not self._is_away:
                _log.warning(
                    "exercise_network_away",
                    triton=self._client.address,
                    reason=problem,
                    used="the same in this process",
                )
        elif self._is_away:
            _log.info("exercise_network_back", triton=self._client.address)
        self._is_away = bool(problem)
