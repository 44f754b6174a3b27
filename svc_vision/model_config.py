"""Reads the part of Triton's `config.pbtxt` that running a model in process needs.

The file is protobuf text format; this module parses its general shape (fields, messages, lists) and leaves
unknown fields alone, so that a file written for Triton works unchanged.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from svc_vision.errors import ModelError

_TOKEN = re.compile(r'\s+|#[^\n]*|(?P<token>"(?:\\.|[^"\\])*"|[{}\[\]:,;]|[A-Za-z0-9_.+-]+)')
_BACKENDS = {"onnxruntime"}


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """One input or output without its batch axis; -1 in `dims` is any size."""

    name: str
    data_type: str
    dims: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """What `config.pbtxt` says."""

    name: str
    backend: str
    max_batch_size: int
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    parameters: dict[str, str]


def read_config(path: Path) -> ModelConfig:
    """Reads a model's configuration.

    Raises:
        ModelError: the file is absent, not text format, or names a backend this executor lacks.
    """
    try:
        fields = _Parser(path.read_text()).message()
        config = ModelConfig(
            name=str(_last(fields, "name", path.parent.name)),
            backend=str(_last(fields, "backend", "")),
            max_batch_size=int(_last(fields, "max_batch_size", "0")),
            inputs=tuple(_tensor(value) for value in _items(fields, "input")),
            outputs=tuple(_tensor(value) for value in _items(fields, "output")),
            parameters={
                str(_last(p, "key", "")): str(_last(_last(p, "value", {}), "string_value", ""))
                for p in _items(fields, "parameters")
            },
        )
    except OSError as error:
        raise ModelError(
            "MODEL_CONFIG_MISSING", f"{path} can't be read ({error.strerror}); run `spotter models build`"
        ) from error
    except (ValueError, KeyError) as error:
        raise ModelError("MODEL_CONFIG_INVALID", f"{path} is not a Triton model configuration: {error}") from error
    if config.backend not in _BACKENDS:
        raise ModelError(
            "MODEL_BACKEND_UNSUPPORTED",
            f'{path} asks for the backend "{config.backend}"; this executor has {", ".join(sorted(_BACKENDS))}',
        )
    return config


_Fields = dict[str, list[Any]]


class _Parser:
    """Recursive descent over protobuf text format: every field becomes a list of strings or nested fields."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokenise(text))
        self._position = 0

    def message(self, end: str | None = None) -> _Fields:
        fields: _Fields = {}
        while (token := self._next(end is None)) != end:
            if token is None or not re.fullmatch(r"[A-Za-z_]\w*", token):
                raise ValueError(f"a field name was expected, found {token!r}")
            fields.setdefault(token, []).extend(self._value())
            if self._peek() in {",", ";"}:
                self._next()
        return fields

    def _value(self) -> list[Any]:
        token = self._next()
        if token == ":":
            token = self._next()
        if token == "{":
            return [self.message("}")]
        if token == "[":
            return self._list()
        return [_scalar(token)]

    def _list(self) -> list[Any]:
        values: list[Any] = []
        while (token := self._next()) != "]":
            if token == ",":
                continue
            values.append(self.message("}") if token == "{" else _scalar(token))
        return values

    def _peek(self) -> str | None:
        return self._tokens[self._position] if self._position < len(self._tokens) else None

    def _next(self, may_end: bool = False) -> str | None:
        token = self._peek()
        if token is None and not may_end:
            raise ValueError("it ends in the middle of a message")
        self._position += 1
        return token


def _tokenise(text: str) -> Iterator[str]:
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ValueError(f"unexpected character {text[position]!r}")
        position = match.end()
        if match["token"]:
            yield match["token"]


def _scalar(token: str | None) -> str:
    if token is None or token in "{}[]:,;":
        raise ValueError(f"a value was expected, found {token!r}")
    return token[1:-1] if token.startswith('"') else token


def _items(fields: _Fields, name: str) -> list[_Fields]:
    values = fields.get(name, [])
    if not all(isinstance(value, dict) for value in values):
        raise ValueError(f"field {name} is not a message")
    return values


def _last(fields: _Fields, name: str, default: Any) -> Any:
    values = fields.get(name)
    return values[-1] if values else default


def _tensor(fields: _Fields) -> TensorSpec:
    return TensorSpec(
        name=str(fields["name"][-1]),
        data_type=str(fields["data_type"][-1]),
        dims=tuple(int(value) for value in fields["dims"]),
    )
