"""Errors of the vision domain.

* SpotterError
  x ModelError -- a model can't be loaded, or was called with other tensors than it takes
  x CodecError -- a camera sends a codec that can't be decoded
"""

import grpc

from mesh.errors import SpotterError


class ModelError(SpotterError):
    """A model is absent, damaged, or was called with other tensors than it takes."""

    code = grpc.StatusCode.FAILED_PRECONDITION


class CodecError(SpotterError):
    """A stream's codec is unknown or its parameters are unusable."""

    code = grpc.StatusCode.INVALID_ARGUMENT
