"""Read masks: which fields of an answer are wanted (AIP-157), with `*` for the elements of repeated ones (AIP-161)."""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message

from mesh.errors import InvalidArgument

EVERYTHING = "*"


class ReadMask:
    """A mask that fits a message type. Raises InvalidArgument that names the path that doesn't."""

    def __init__(self, mask: FieldMask, descriptor: Descriptor) -> None:
        self._wanted: dict[str, Any] | None = None
        paths = [path for path in mask.paths if path]
        if paths and EVERYTHING not in paths:
            self._wanted = {}
            for path in paths:
                _check(path, descriptor)
                _add(self._wanted, path.split("."))

    def wants(self, field: str) -> bool:
        """True where a field of the message, or something in it, is wanted: what isn't need not be read."""
        return self._wanted is None or field in self._wanted

    def applied(self, message: Any) -> Any:
        """The message, without what isn't wanted."""
        if self._wanted is not None:
            _prune(message, self._wanted)
        return message


def _check(path: str, descriptor: Descriptor) -> None:
    at: Descriptor | None = descriptor
    parts = path.split(".")
    for index, part in enumerate(parts):
        field = at.fields_by_name.get(part) if at is not None else None
        if part == EVERYTHING and index > 0:
            continue
        if field is None:
            raise InvalidArgument(
                "read_mask",
                f"read_mask: {descriptor.name} has no field {path[:80]!r}; name its fields as the contract does, those "
                "of repeated ones as in 'sets.*.exercise'.",
            )
        repeated = field.is_repeated and not _is_map(field)
        if repeated and index + 1 < len(parts) and parts[index + 1] != EVERYTHING:
            raise InvalidArgument("read_mask", f"read_mask: {part!r} is repeated; write '{part}.*.…' for its elements.")
        at = None if _is_map(field) else field.message_type


def _add(wanted: dict[str, Any], parts: list[str]) -> None:
    parts = [part for part in parts if part != EVERYTHING]
    for part in parts[:-1]:
        inner = wanted.setdefault(part, {})
        if inner is None:
            return
        wanted = inner
    wanted[parts[-1]] = None


def _prune(message: Message, wanted: dict[str, Any]) -> None:
    for field, value in message.ListFields():
        if field.name not in wanted:
            message.ClearField(field.name)
        elif wanted[field.name] is not None:
            for element in value if field.is_repeated else [value]:
                _prune(element, wanted[field.name])


def _is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry
