"""The record as a file: CSV (RFC 4180) or JSON Lines, a line for each set or repetition, in pieces of whole lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

LARGEST_PIECE_BYTES = 64 * 1024
SETS_AT_ONCE = 50
"""Sets read at once: all that is ever held in memory, however long the record. Raised: fewer queries, and each holds up
others longer."""
_json = json.JSONEncoder(separators=(",", ":")).encode

_SET_COLUMNS: dict[str, Callable[[Any], Any]] = {
    "set_id": lambda row: row.set_id,
    "day": lambda row: row.day.isoformat(),
    "set_number": lambda row: row.number,
    "superset_number": lambda row: row.superset_number,
    "exercise": lambda row: row.corrected_exercise or row.exercise,
    "measured_exercise": lambda row: row.exercise,
    "set_start_time": lambda row: _iso(row.start_time),
    "set_end_time": lambda row: _iso(row.end_time),
    "repetitions": lambda row: _first(row.corrected_repetitions, row.repetitions),
    "measured_repetitions": lambda row: row.repetitions,
    "hold_s": lambda row: _first(row.corrected_hold_s, row.hold_s),
    "measured_hold_s": lambda row: row.hold_s,
    "set_score": lambda row: row.score,
    "set_faults": lambda row: row.fault_counts,
}
_REPETITION_COLUMNS: dict[str, Callable[[Any], Any]] = {
    "number": lambda row: row.number,
    "start_time": lambda row: _iso(row.start_time),
    "end_time": lambda row: _iso(row.end_time),
    "range_of_motion_deg": lambda row: row.range_of_motion_deg,
    "out_s": lambda row: row.out_s,
    "pause_s": lambda row: row.pause_s,
    "back_s": lambda row: row.back_s,
    "score": lambda row: row.score,
    "partial": lambda row: row.partial,
    "faults": lambda row: [fault["name"] for fault in row.faults or ()],
    "camera_id": lambda row: row.camera_id,
}


class Form(Protocol):
    """How a file is written. A line is joined of parts: what is said of a set is put into words once, not for each of
    its repetitions.
    """

    def header(self, names: Sequence[str]) -> bytes:
        """The first line; empty for none."""

    def part(self, values: Mapping[str, Any]) -> str:
        """Values of some columns that follow each other."""

    def line(self, *parts: str) -> bytes:
        """A whole line."""


class Csv:
    """RFC 4180: nothing where there is no value, lists and counts as `a b` and `a=1 b=2`."""

    def header(self, names: Sequence[str]) -> bytes:
        """The names of the columns."""
        return self.line(*names)

    def part(self, values: Mapping[str, Any]) -> str:
        """Cells, with commas between them."""
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(map(_cell, values.values()))
        return line.getvalue()

    def line(self, *parts: str) -> bytes:
        """A record."""
        return (",".join(parts) + "\r\n").encode()


class JsonLines:
    """One JSON object a line."""

    def header(self, names: Sequence[str]) -> bytes:
        """None: every line has its names."""
        return b""

    def part(self, values: Mapping[str, Any]) -> str:
        """Members, with commas between them."""
        return _json(values)[1:-1]

    def line(self, *parts: str) -> bytes:
        """An object."""
        return ("{" + ",".join(parts) + "}\n").encode()


def lines(form: Form, row: Any, repetitions: Sequence[Any] | None) -> Iterator[bytes]:
    """A line for each repetition of a set, with its set; one without a repetition where it has none.

    Where `repetitions` is None the set alone is a line.
    """
    of_set = form.part({name: value(row) for name, value in _SET_COLUMNS.items()})
    if repetitions is None:
        yield form.line(of_set)
        return
    for repetition in repetitions:
        yield form.line(of_set, form.part({name: value(repetition) for name, value in _REPETITION_COLUMNS.items()}))
    if not repetitions:
        yield form.line(of_set, form.part(dict.fromkeys(_REPETITION_COLUMNS)))


def column_names(with_repetitions: bool) -> list[str]:
    """Names of the columns, in order."""
    return [*_SET_COLUMNS, *(_REPETITION_COLUMNS if with_repetitions else ())]


async def pieces(lines: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Lines joined to pieces of at most LARGEST_PIECE_BYTES."""
    piece = bytearray()
    async for line in lines:
        if piece and len(piece) + len(line) > LARGEST_PIECE_BYTES:
            yield bytes(piece)
            piece.clear()
        piece += line
    if piece:
        yield bytes(piece)


def _cell(value: Any) -> Any:
    kind = type(value)
    if kind is dict:
        return " ".join(f"{name}={count}" for name, count in sorted(value.items()))
    if kind is list:
        return " ".join(value)
    if kind is bool:
        return "true" if value else "false"
    return value


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def _first(corrected: Any, measured: Any) -> Any:
    return measured if corrected is None else corrected
