"""Compares a model file and its `config.pbtxt` with the tensors that the manifest promises."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import onnxruntime
from google.protobuf import text_format

from triton_models.manifest import INPUT_NAME, Model

CLASSES_PROPERTY = "classes"
_ONNX_TYPES = {"TYPE_UINT8": "tensor(uint8)", "TYPE_FP32": "tensor(float)"}


def tensors(model: Model) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Name → Triton's type and dims without the batch, the input first."""
    outputs = {output.name: ("TYPE_FP32", output.dims) for output in model.outputs}
    if model.tensor:
        return {model.tensor.name: ("TYPE_FP32", model.tensor.dims), **outputs}
    return {INPUT_NAME: ("TYPE_UINT8", model.picture), **outputs}


def config_problems(path: Path, model: Model) -> Iterator[str]:
    """What a configuration says other than the manifest, one sentence each."""
    from tritonclient.grpc.model_config_pb2 import DataType, ModelConfig

    try:
        config = text_format.Parse(path.read_text(encoding="utf-8"), ModelConfig())
    except OSError as error:
        yield f"{path} can't be read ({error.strerror}); build the model again: `{model.hint}`"
        return
    except text_format.ParseError as error:
        yield f"{path} is not a Triton model configuration: {error}"
        return
    found = {
        tensor.name: (DataType.Name(tensor.data_type), tuple(tensor.dims))
        for tensor in (*config.input, *config.output)
    }  # fmt: skip
    if config.name != model.name:
        yield f'{path} is for "{config.name}"'
    for name, (kind, dims) in tensors(model).items():
        if found.get(name) != (kind, dims):
            yield f"{path}: {name} is {_told(found.get(name))}, expected {_told((kind, dims))}"


def session_problems(session: onnxruntime.InferenceSession, model: Model) -> Iterator[str]:
    """What a loaded graph has other than the manifest, one sentence each."""
    found = {tensor.name: tensor for tensor in (*session.get_inputs(), *session.get_outputs())}
    for name, (kind, dims) in tensors(model).items():
        tensor = found.get(name)
        if tensor is None:
            yield f"there is no tensor {name}; the graph has {', '.join(sorted(found))}"
        elif tensor.type != _ONNX_TYPES[kind]:
            yield f"{name} has the type {tensor.type}, expected {_ONNX_TYPES[kind]}"
        elif not _fits(tensor.shape, dims):
            yield f"{name} has the shape {tuple(tensor.shape)}, expected (any batch, {', '.join(map(str, dims))})"
    if model.classes:
        yield from _class_problems(session, model)


def _class_problems(session: onnxruntime.InferenceSession, model: Model) -> Iterator[str]:
    """Whoever reads the answers knows them by their places: other names, or another order, are another model."""
    told = session.get_modelmeta().custom_metadata_map.get(CLASSES_PROPERTY, "")
    found = tuple(told.split(",")) if told else ()
    if found == model.classes:
        return
    if not found:
        yield f"its metadata has no property {CLASSES_PROPERTY} with the names of its classes, separated by commas"
        return
    lacking, foreign = (", ".join(sorted({*a} - {*b})) for a, b in ((model.classes, found), (found, model.classes)))
    what = [f"lack {lacking}"] * bool(lacking) + [f"have {foreign} instead or as well"] * bool(foreign)
    yield f"its classes {' and '.join(what) or 'are in another order'}; expected {','.join(model.classes)}"


def _fits(shape: Sequence[Any], dims: tuple[int, ...]) -> bool:
    """A symbolic size (a name) may be any number; a free size of the contract must not be fixed."""
    if len(shape) != len(dims) + 1 or isinstance(shape[0], int):
        return False
    pairs = zip(shape[1:], dims, strict=True)
    return all(size == wanted if wanted > 0 else not isinstance(size, int) for size, wanted in pairs)


def _told(tensor: tuple[str, tuple[int, ...]] | None) -> str:
    return f"{tensor[0]} {list(tensor[1])}" if tensor else "missing"
