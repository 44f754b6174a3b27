"""What can go wrong while a checkpoint becomes a model; each message says what was found and what to do."""


class ExportError(Exception):
    """The checkpoint can't be exported."""
