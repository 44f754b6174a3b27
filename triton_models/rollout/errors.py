"""Why a version isn't put into service.

ModelRepositoryError
└─ RolloutRefused -- a version was not rolled out or taken back; what served before still serves
"""

from __future__ import annotations

from triton_models.errors import ModelRepositoryError


class RolloutRefused(ModelRepositoryError):
    """A version was not rolled out or taken back; what served before still serves."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        """UPPER_SNAKE, for programs."""


def first_line(error: BaseException) -> str:
    """What an exception says, without the traceback that onnxruntime and Triton append."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
