"""Errors of the vision domain.

- `ModelError`: a model can't be loaded or was called wrongly.
- `CodecError`: a camera sends a codec that can't be decoded.

The message says what was found and what to do; `reason` is for programs.
"""


class VisionError(Exception):
    """Base of what the vision domain raises."""

    def __init__(self, reason: str, message: str) -> None:
        """Keeps `reason` (UPPER_SNAKE, for programs) beside the sentence for people."""
        super().__init__(message)
        self.reason = reason
        self.message = message


class ModelError(VisionError):
    """A model is absent, damaged, or was called with other tensors than it takes."""


class CodecError(VisionError):
    """A stream's codec is unknown or its parameters are unusable."""
