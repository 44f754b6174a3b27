"""Reads a .tflite flatbuffer into plain dataclasses: tensors, constants and operators in execution order."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import tflite
from numpy.typing import NDArray

from triton_models.errors import ConversionError

_DTYPES: dict[int, type[np.generic]] = {
    tflite.TensorType.FLOAT32: np.float32,
    tflite.TensorType.FLOAT16: np.float16,
    tflite.TensorType.INT32: np.int32,
    tflite.TensorType.UINT8: np.uint8,
    tflite.TensorType.INT64: np.int64,
    tflite.TensorType.INT8: np.int8,
}
_OPERATOR_NAMES: dict[int, str] = {
    code: name for name, code in vars(tflite.BuiltinOperator).items() if not name.startswith("_")
}
_OPTION_NAMES: dict[int, str] = {
    code: name for name, code in vars(tflite.BuiltinOptions).items() if not name.startswith("_")
}


@dataclass(frozen=True, slots=True)
class Operator:
    """One operation; `options` is the generated reader of its options table, None when it has none."""

    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Any


@dataclass(frozen=True, slots=True)
class TfliteModel:
    """The first subgraph of a model; tensors are named by their index."""

    names: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    constants: dict[int, NDArray[Any]]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def read_model(data: bytes) -> TfliteModel:
    """Parses the bytes of a .tflite file.

    Raises:
        ConversionError: not a tflite file, or it holds a data type or sparsity that is not supported.
    """
    if data[4:8] != b"TFL3":
        raise ConversionError("the source model is not a .tflite file (identifier TFL3 missing)")
    model = tflite.Model.GetRootAs(data, 0)
    graph = model.Subgraphs(0)
    tensors = [graph.Tensors(index) for index in range(graph.TensorsLength())]
    shapes = tuple(tuple(int(n) for n in _vector(t.ShapeAsNumpy())) for t in tensors)
    constants = {}
    for index, tensor in enumerate(tensors):
        values = model.Buffers(tensor.Buffer()).DataAsNumpy()
        if isinstance(values, np.ndarray) and values.size:
            constants[index] = _constant(tensor, shapes[index], values)
    return TfliteModel(
        names=tuple(t.Name().decode() for t in tensors),
        shapes=shapes,
        constants=constants,
        operators=tuple(_operator(model, graph.Operators(i)) for i in range(graph.OperatorsLength())),
        inputs=tuple(int(i) for i in _vector(graph.InputsAsNumpy())),
        outputs=tuple(int(i) for i in _vector(graph.OutputsAsNumpy())),
    )


def _vector(values: Any) -> NDArray[Any]:
    """The generated readers answer 0 for an absent vector."""
    return values if isinstance(values, np.ndarray) else np.zeros(0, np.int32)


def _constant(tensor: Any, shape: tuple[int, ...], raw: NDArray[Any]) -> NDArray[Any]:
    dtype = _DTYPES.get(tensor.Type())
    if dtype is None:
        raise ConversionError(f"tensor {tensor.Name().decode()} has the unsupported tflite type {tensor.Type()}")
    values: NDArray[Any] = raw.view(dtype)
    sparsity = tensor.Sparsity()
    return values.reshape(shape) if sparsity is None else _densify(sparsity, shape, values)


def _densify(sparsity: Any, shape: tuple[int, ...], values: NDArray[Any]) -> NDArray[Any]:
    """Expands weights stored as compressed sparse rows along their last dimension."""
    levels = [sparsity.DimMetadata(i) for i in range(sparsity.DimMetadataLength())]
    formats = [level.Format() for level in levels]
    dense = tflite.DimensionType.DENSE
    supported = len(levels) == len(shape) and formats[:-1] == [dense] * (len(shape) - 1) and formats[-1] != dense
    if not supported or list(_vector(sparsity.TraversalOrderAsNumpy())) != list(range(len(shape))):
        raise ConversionError(f"a sparse tensor of shape {shape} is not in rows compressed along the last dimension")
    last = levels[-1]
    segments = _sparse_vector(last.ArraySegmentsType(), last.ArraySegments())
    columns = _sparse_vector(last.ArrayIndicesType(), last.ArrayIndices())
    rows = np.repeat(np.arange(len(segments) - 1), np.diff(segments))
    out = np.zeros((len(segments) - 1, shape[-1]), values.dtype)
    out[rows, columns] = values[: len(columns)]
    return out.reshape(shape)


def _sparse_vector(kind: int, table: Any) -> NDArray[np.int64]:
    names = {1: "Int32Vector", 2: "Uint16Vector", 3: "Uint8Vector"}
    reader = getattr(tflite, names[kind])()
    reader.Init(table.Bytes, table.Pos)
    return _vector(reader.ValuesAsNumpy()).astype(np.int64)


def _operator(model: Any, operator: Any) -> Operator:
    code = model.OperatorCodes(operator.OpcodeIndex())
    kind = _OPERATOR_NAMES[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
    options = None
    table = operator.BuiltinOptions()
    if table is not None and operator.BuiltinOptionsType() != tflite.BuiltinOptions.NONE:
        options = getattr(tflite, _OPTION_NAMES[operator.BuiltinOptionsType()])()
        options.Init(table.Bytes, table.Pos)
    return Operator(
        kind=kind,
        inputs=tuple(int(i) for i in _vector(operator.InputsAsNumpy())),
        outputs=tuple(int(i) for i in _vector(operator.OutputsAsNumpy())),
        options=options,
    )
