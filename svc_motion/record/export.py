"""The record as a file: CSV (RFC 4180) or JSON Lines, a line for each set or repetition, in pieces of whole lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

LARGEST_PIECE_BYTES = 64 * 1024
SETS_AT_ONCE = 200
"""Sets read at once: all that is ever held in memory, however long the record."""

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
    "faults": lambda row: [fault["name"] for fault in row.faults],
    "camera_id": lambda row: row.camera_id,
}


def set_line(row: Any) -> dict[str, Any]:
    """One set."""
    return {name: value(row) for name, value in _SET_COLUMNS.items()}


def repetition_lines(row: Any, repetitions: Sequence[Any]) -> Iterator[dict[str, Any]]:
    """A line for each repetition of a set, with its set; one without a repetition where there is none."""
    of_set = set_line(row)
    for repetition in repetitions:
        yield of_set | {name: value(repetition) for name, value in _REPETITION_COLUMNS.items()}
    if not repetitions:
        yield of_set | dict.fromkeys(_REPETITION_COLUMNS)


def column_names(with_repetitions: bool) -> list[str]:
    """Names of the columns, in order."""
    return [*_SET_COLUMNS, *(_REPETITION_COLUMNS if with_repetitions else ())]


def csv_line(values: Sequence[Any]) -> bytes:
    """Values as a line of CSV: nothing where there is no value, lists and counts as `a b` and `a=1 b=2`."""
    line = io.StringIO()
    csv.writer(line).writerow([_cell(value) for value in values])
    return line.getvalue().encode()


def json_line(values: Mapping[str, Any]) -> bytes:
    """Values as one line of JSON."""
    return json.dumps(values, separators=(",", ":")).encode() + b"\n"


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
    if isinstance(value, dict):
        return " ".join(f"{name}={count}" for name, count in sorted(value.items()))
    if isinstance(value, list):
        return " ".join(value)
    if isinstance(value, bool):
        return str(value).lower()
    return value


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def _first(corrected: Any, measured: Any) -> Any:
    return measured if corrected is None else corrected
