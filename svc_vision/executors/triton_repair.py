"""What is done when Triton refuses an inference that was right: once for all threads, then the caller tries again."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from threading import Lock

import grpc
import structlog
from prometheus_client import Counter

from mesh import names
from mesh.triton import TritonClient
from svc_vision.errors import ModelError

DEAD_STUB = "Stub process"
"""In what the python backend says of a model whose process has ended: "Stub process 'x_0' is not healthy."."""
SHORTEST_PAUSE_S = 0.02
LONGEST_PAUSE_S = 0.5

_REPAIRS = Counter(names.METRIC_MODEL_REPAIRS, "Failures of Triton that were repaired.", ["model", "cause"])
_log = structlog.get_logger()


class Repair:
    """Brings models back; threads that meet the same failure share one repair."""

    def __init__(self, client: TritonClient) -> None:
        self._client = client
        self._locks: defaultdict[str, Lock] = defaultdict(Lock)
        self._generations: defaultdict[str, int] = defaultdict(int)

    def generation(self, model: str) -> int:
        """How often a model was loaded again so far; to be read before an inference and handed to `after`."""
        return self._generations[model]

    def is_ready(self, model: str) -> bool:
        """Whether the server is there and has the model ready just now."""
        return self._why_not_ready(model) is None

    def after(self, error: grpc.RpcError, model: str, generation: int, give_up_s: float) -> None:
        """Returns once the inference that failed with `error` is worth another try.

        Args:
            error: what the inference raised.
            model: its model.
            generation: what `generation` said before it.
            give_up_s: monotonic time until which waiting is allowed.

        Raises:
            ModelError: trying again doesn't help, or it took too long.
        """
        code, details = error.code(), error.details() or ""
        if time.monotonic() >= give_up_s:
            raise self._not_ready(model, details) from error
        if DEAD_STUB in details:
            self._reload(model, generation, give_up_s)
        elif code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.NOT_FOUND):
            self.wait_until_ready([model], give_up_s)
        elif code is grpc.StatusCode.DEADLINE_EXCEEDED:
            raise ModelError(
                "MODEL_TIMEOUT",
                f"{model} on Triton at {self._client.address} gave no answer in time; the server has more to do than "
                "it can, or hangs: see `spotter models status`",
                code=grpc.StatusCode.DEADLINE_EXCEEDED,
            ) from error
        else:
            raise ModelError(
                "MODEL_FAILED", f"{model} failed on Triton at {self._client.address}: {details}"
            ) from error

    def wait_until_ready(self, models: Sequence[str], give_up_s: float) -> None:
        """Returns when the server is there and has all models ready. Raises ModelError where it takes too long."""
        pause_s = SHORTEST_PAUSE_S
        for model in models:
            while (reason := self._why_not_ready(model)) is not None:
                if time.monotonic() + pause_s >= give_up_s:
                    raise self._not_ready(model, reason)
                time.sleep(pause_s)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _reload(self, model: str, generation: int, give_up_s: float) -> None:
        """Unloads and loads a model whose stub is dead, unless another thread has done so since `generation`."""
        with self._locks[model]:
            if self._generations[model] != generation:
                return
            _log.warning("a model's process in Triton died; loading it again", model=model)
            began_s = time.monotonic()
            try:
                self._client.unload(model)
                self._client.load(model)
            except grpc.RpcError as error:
                self.wait_until_ready([model], give_up_s)  # Somebody else may just be loading it, or starting a server.
                _log.warning("another process loaded the model", model=model, reason=error.details())
            self._generations[model] += 1
            _REPAIRS.labels(model, "stub").inc()
            _log.info("model is back", model=model, after_s=round(time.monotonic() - began_s, 2))

    def _why_not_ready(self, model: str) -> str | None:
        try:
            return None if self._client.is_ready(model) else "it isn't loaded"
        except grpc.RpcError as error:
            return error.details() or error.code().name

    def _not_ready(self, model: str, reason: str) -> ModelError:
        return ModelError(
            "MODEL_NOT_READY",
            f"{model} isn't ready on Triton at {self._client.address}: {reason}. See `spotter models status`; the "
            "server's log says why a model could not be loaded",
            code=grpc.StatusCode.UNAVAILABLE,
        )
