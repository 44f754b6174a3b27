"""Errors that cross a process, and how they become a gRPC status.

* SpotterError -- anything that is told to a caller
  x InvalidArgument -- a field of the request can't be used; names the field
  x NotFound -- the id doesn't exist in this gym
  x AlreadyExists -- the id is taken
  x FailedPrecondition -- the request is fine, the state isn't
  x Unauthenticated -- no token, or one that doesn't hold
  x PermissionDenied -- the token doesn't allow it
  x ResourceExhausted -- too large, too many, too often
  x Unavailable -- something it needs is gone; trying again helps
  x DeadlineExceeded -- it took too long
  x Internal -- a defect of ours; details are in the log only
* StartupError -- a process can't start; says which setting, what was found, what to do
"""

from __future__ import annotations

from functools import singledispatch

import grpc
from google.protobuf import any_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2

ERROR_DOMAIN_SUFFIX = "spotter"


class SpotterError(Exception):
    """An error with a gRPC code, a stable reason (UPPER_SNAKE) and a sentence that says what to do.

    `metadata` goes into ErrorInfo: ids and limits, never a name, a token or a biometric vector.
    """

    code: grpc.StatusCode = grpc.StatusCode.UNKNOWN

    def __init__(self, reason: str, message: str, *, code: grpc.StatusCode | None = None, **metadata: object) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.metadata = {key: str(value) for key, value in metadata.items()}
        if code is not None:
            self.code = code


class InvalidArgument(SpotterError):
    """A field of the request can't be used."""

    code = grpc.StatusCode.INVALID_ARGUMENT

    def __init__(self, field: str, message: str, *, reason: str = "INVALID_FIELD", **metadata: object) -> None:
        super().__init__(reason, message, field=field)
        self.metadata |= {key: str(value) for key, value in metadata.items()}
        self.field = field


class NotFound(SpotterError):
    """The id doesn't exist in this gym."""

    code = grpc.StatusCode.NOT_FOUND


class AlreadyExists(SpotterError):
    """The id is taken."""

    code = grpc.StatusCode.ALREADY_EXISTS


class FailedPrecondition(SpotterError):
    """The request is fine, the state isn't."""

    code = grpc.StatusCode.FAILED_PRECONDITION


class Unauthenticated(SpotterError):
    """No token, or one that doesn't hold."""

    code = grpc.StatusCode.UNAUTHENTICATED


class PermissionDenied(SpotterError):
    """The token doesn't allow it."""

    code = grpc.StatusCode.PERMISSION_DENIED


class ResourceExhausted(SpotterError):
    """Too large, too many, too often."""

    code = grpc.StatusCode.RESOURCE_EXHAUSTED


class Unavailable(SpotterError):
    """Something it needs is gone; trying again helps."""

    code = grpc.StatusCode.UNAVAILABLE


class DeadlineExceeded(SpotterError):
    """It took too long."""

    code = grpc.StatusCode.DEADLINE_EXCEEDED


class Internal(SpotterError):
    """A defect of ours; details are in the log only."""

    code = grpc.StatusCode.INTERNAL


class StartupError(Exception):
    """A process can't start; the message says which setting, what was found, and what to do."""


@singledispatch
def is_passing(error: BaseException) -> bool:
    """True where something it needs is gone for a moment, so that doing the same again later makes sense.

    Modules that bring in libraries register what their exceptions mean: `@is_passing.register(...)`.
    """
    return isinstance(error, Unavailable)


def to_status(error: SpotterError, service: str) -> status_pb2.Status:
    """The error as google.rpc.Status with exactly one ErrorInfo, and BadRequest where a field is wrong."""
    status = status_pb2.Status(code=error.code.value[0], message=error.message)
    info = error_details_pb2.ErrorInfo(
        reason=error.reason, domain=f"{service}.{ERROR_DOMAIN_SUFFIX}", metadata=error.metadata
    )
    _attach(status, info)
    if isinstance(error, InvalidArgument):
        violation = error_details_pb2.BadRequest.FieldViolation(field=error.field, description=error.message)
        _attach(status, error_details_pb2.BadRequest(field_violations=[violation]))
    return status


def from_status(status: status_pb2.Status) -> SpotterError:
    """The error that a server told us, so that it can be passed on or handled by reason."""
    info = error_details_pb2.ErrorInfo()
    for detail in status.details:
        if detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
            detail.Unpack(info)
    metadata = {key: value for key, value in info.metadata.items() if key not in {"reason", "message", "code"}}
    return SpotterError(info.reason or _name(status.code), status.message, code=_status_code(status.code), **metadata)


def from_rpc_error(error: grpc.aio.AioRpcError, service: str) -> SpotterError:
    """The error of a call to `service`: its own where it told one, otherwise a sentence about the connection."""
    from grpc_status import rpc_status

    try:
        status = rpc_status.from_call(error)
    except ValueError:
        status = None
    if status is not None:
        return from_status(status)
    if error.code() is grpc.StatusCode.UNAVAILABLE:
        return Unavailable(
            "UPSTREAM_UNAVAILABLE",
            f"The {service} service can't be reached just now; try again in a few seconds.",
            service=service,
        )
    return SpotterError(
        error.code().name, error.details() or f"The {service} service answered {error.code().name}.", code=error.code()
    )


def _attach(status: status_pb2.Status, detail: error_details_pb2.ErrorInfo | error_details_pb2.BadRequest) -> None:
    packed = any_pb2.Any()
    packed.Pack(detail)
    status.details.append(packed)


def _name(code: int) -> str:
    return str(code_pb2.Code.Name(code))


def _status_code(code: int) -> grpc.StatusCode:
    return next((known for known in grpc.StatusCode if known.value[0] == code), grpc.StatusCode.UNKNOWN)
