"""What happens around every call: size and time limits, one mapping of errors, metrics."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import singledispatch
from typing import Any, NoReturn

import grpc
import structlog
from google.protobuf.message import Message
from grpc_status import rpc_status
from prometheus_client import Counter, Histogram

from mesh import names
from mesh.errors import DeadlineExceeded, Internal, ResourceExhausted, SpotterError, from_rpc_error, to_status
from mesh.settings import MeshSettings

_log = structlog.get_logger()
_SECONDS = Histogram(names.METRIC_RPC_SECONDS, "Time of a unary call, s.", ["method"])
_ERRORS = Counter(names.METRIC_RPC_ERRORS, "Calls that ended with an error.", ["method", "code"])
_OWN_PACKAGES = "/spotter."

Context = grpc.aio.ServicerContext[Any, Any]
Behavior = Callable[[Any, Context], Any]


@singledispatch
def as_spotter_error(error: BaseException) -> SpotterError:
    """What a caller is told about an exception; what it hides goes to the log.

    Modules that bring in libraries register what their exceptions mean: `@as_spotter_error.register(...)`.
    """
    _log.error("call_failed", exc_info=error)
    return Internal("INTERNAL", "Something went wrong inside; the service's log has the details.")


@as_spotter_error.register
def _own_error(error: SpotterError) -> SpotterError:
    return error


@as_spotter_error.register
def _upstream_error(error: grpc.aio.AioRpcError) -> SpotterError:
    return from_rpc_error(error, "upstream")


@as_spotter_error.register
def _too_slow(error: TimeoutError) -> SpotterError:
    return DeadlineExceeded("DEADLINE_EXCEEDED", "It took too long; try again, or with a longer deadline.")


@as_spotter_error.register(BaseExceptionGroup)
def _of_a_task_group(group: BaseExceptionGroup[BaseException]) -> SpotterError:
    # The first that failed is the reason; the others were cancelled because of it.
    return as_spotter_error(group.exceptions[0])


class CallInterceptor(grpc.aio.ServerInterceptor):
    """Wraps every handler of our own services; health and reflection stay as they are."""

    def __init__(self, service: str, settings: MeshSettings) -> None:
        self._service = service
        self._deadline_s = settings.default_deadline_s
        self._max_bytes = settings.max_request_bytes

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler[Any, Any] | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        """Returns the method's handler with the limits and the error mapping around it."""
        handler = await continuation(handler_call_details)
        method = handler_call_details.method
        if handler is None or not method.startswith(_OWN_PACKAGES):
            return handler
        make: Any = {
            (False, False): (grpc.unary_unary_rpc_method_handler, self._unary, handler.unary_unary),
            (False, True): (grpc.unary_stream_rpc_method_handler, self._stream, handler.unary_stream),
            (True, False): (grpc.stream_unary_rpc_method_handler, self._unary, handler.stream_unary),
            (True, True): (grpc.stream_stream_rpc_method_handler, self._stream, handler.stream_stream),
        }[(bool(handler.request_streaming), bool(handler.response_streaming))]
        factory, wrap, behavior = make
        wrapped: grpc.RpcMethodHandler[Any, Any] = factory(
            wrap(behavior, method), handler.request_deserializer, handler.response_serializer
        )
        return wrapped

    def _unary(self, behavior: Behavior, method: str) -> Behavior:
        async def call(request: Any, context: Context) -> Any:
            started = time.perf_counter()
            try:
                self._check_size(request)
                async with asyncio.timeout(self._time_left_s(context)):
                    return await behavior(request, context)
            except (Exception, asyncio.CancelledError) as error:
                await self._fail(error, context, method)
            finally:
                _SECONDS.labels(method).observe(time.perf_counter() - started)

        return call

    def _stream(self, behavior: Behavior, method: str) -> Behavior:
        async def call(request: Any, context: Context) -> AsyncIterator[Any]:
            try:
                if isinstance(request, Message):
                    self._check_size(request)
                    requests: Any = request
                else:
                    requests = self._checked(request)
                async for response in behavior(requests, context):
                    yield response
            except (Exception, asyncio.CancelledError) as error:
                await self._fail(error, context, method)

        return call

    async def _checked(self, requests: AsyncIterator[Message]) -> AsyncIterator[Message]:
        async for request in requests:
            self._check_size(request)
            yield request

    def _check_size(self, request: object) -> None:
        if isinstance(request, Message) and (size := request.ByteSize()) > self._max_bytes:
            raise ResourceExhausted(
                "MESSAGE_TOO_LARGE",
                f"The message has {size:,} bytes; send at most {self._max_bytes:,}.",
                limit_bytes=self._max_bytes,
            )

    def _time_left_s(self, context: Context) -> float:
        asked = context.time_remaining()
        return self._deadline_s if asked is None else min(asked, self._deadline_s)

    async def _fail(self, error: BaseException, context: Context, method: str) -> NoReturn:
        if isinstance(error, asyncio.CancelledError | grpc.aio.AbortError):
            raise error
        told = as_spotter_error(error)
        _ERRORS.labels(method, told.code.name).inc()
        await context.abort_with_status(rpc_status.to_status(to_status(told, self._service)))
        raise AssertionError("abort_with_status returned")
