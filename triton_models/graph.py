"""Gives an ONNX graph the repository's contract: uint8 RGB in, normalisation inside, any batch, fixed names.

Scale and order of colours go into the first convolution's weights, where they cost nothing and leave the bytes exact
(0 to 255 fit bfloat16); only a mean that isn't zero needs a node of its own, because the convolution pads with zeros
behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from triton_models.errors import ConversionError
from triton_models.manifest import INPUT_NAME, Model

PRODUCER = "spotter"


@dataclass(frozen=True, slots=True)
class Description:
    """What a file of the repository says of itself."""

    model: str
    """Name in the manifest."""
    licence: str
    architecture: str
    exporter: str
    """Program that made it of a checkpoint; empty where it was made of another graph."""


def describe(data: bytes) -> Description | None:
    """What a graph with the repository's contract says of itself; None where the bytes are anything else."""
    try:
        proto = onnx.load_model_from_string(data)
    except DecodeError:
        return None
    if proto.producer_name != PRODUCER:
        return None
    said = {entry.key: entry.value for entry in proto.metadata_props}
    return Description(
        proto.graph.name, said.get("licence", ""), said.get("architecture", ""), said.get("exporter", "")
    )


def convert(data: bytes, model: Model, metadata: Mapping[str, str]) -> onnx.ModelProto:
    """The graph of the repository, made of a source graph.

    Args:
        data: serialised ONNX with one float32 (N, 3, H, W) image input that a convolution reads.
        model: what the manifest says.
        metadata: kept in the file, for whoever finds it alone (licence, digest of the source).

    Raises:
        ConversionError: it is no ONNX, or not what the manifest describes.
    """
    proto = _parse(data, model.name)
    graph = proto.graph
    _drop_weights_from_inputs(graph)
    _require_names(graph, model)
    _free_the_batch(graph)
    _keep_outputs(graph, model)
    _prepend_image(graph, model)
    _append_unit_length(graph, model)
    _declare(graph, model)
    graph.name = model.name
    proto.producer_name, proto.producer_version = PRODUCER, ""
    helper.set_model_props(proto, dict(metadata))
    try:
        onnx.checker.check_model(proto, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise ConversionError(f"{model.name}: the graph is not valid with the new input: {error}") from error
    return proto


def _parse(data: bytes, name: str) -> onnx.ModelProto:
    try:
        proto = onnx.load_model_from_string(data)
    except DecodeError as error:
        raise ConversionError(f"{name}: the source is no ONNX model, or only a part of one") from error
    if not proto.graph.node:
        raise ConversionError(f"{name}: the source is no ONNX model: it has no nodes")
    return proto


def _drop_weights_from_inputs(graph: onnx.GraphProto) -> None:
    """Old exporters list weights as inputs too, which keeps runtimes from folding them."""
    weights = {tensor.name for tensor in graph.initializer}
    kept = [value for value in graph.input if value.name not in weights]
    del graph.input[:]
    graph.input.extend(kept)


def _require_names(graph: onnx.GraphProto, model: Model) -> None:
    inputs = [value.name for value in graph.input]
    if inputs != [model.build.input]:
        raise ConversionError(f'{model.name}: the source\'s inputs are {inputs}, expected ["{model.build.input}"]')
    outputs = {value.name for value in graph.output}
    absent = sorted(set(model.build.outputs) - outputs)
    if absent:
        raise ConversionError(f"{model.name}: the source has the outputs {sorted(outputs)}, but not {absent}")


def _free_the_batch(graph: onnx.GraphProto) -> None:
    """Exports for one picture reshape to (1, ...); 0 there means: as many as come in."""
    if graph.input[0].type.tensor_type.shape.dim[0].dim_value != 1:
        return
    shapes = {node.input[1] for node in graph.node if node.op_type == "Reshape"}
    constants = {node.output[0]: node.attribute[0].t for node in graph.node if node.op_type == "Constant"}
    constants |= {tensor.name: tensor for tensor in graph.initializer}
    for name in shapes & set(constants):
        value = numpy_helper.to_array(constants[name]).copy()
        if value.ndim == 1 and value.size > 1 and value[0] == 1 and -1 in value[1:]:
            value[0] = 0
            constants[name].CopyFrom(numpy_helper.from_array(value, constants[name].name))


def _keep_outputs(graph: onnx.GraphProto, model: Model) -> None:
    kept = [value for value in graph.output if value.name in model.build.outputs]
    del graph.output[:]
    graph.output.extend(kept)
    for source, target in model.build.outputs.items():
        if source != target:
            _rename(graph, source, target)


def _rename(graph: onnx.GraphProto, old: str, new: str) -> None:
    for node in graph.node:
        for names in (node.input, node.output):
            for index, name in enumerate(names):
                if name == old:
                    names[index] = new
    for value in graph.output:
        if value.name == old:
            value.name = new


def _prepend_image(graph: onnx.GraphProto, model: Model) -> None:
    build = model.build
    std, mean = np.array(build.std, np.float32), np.array(build.mean, np.float32)
    order = [2, 1, 0] if build.channels == "bgr" else [0, 1, 2]
    _scale_first_convolution(graph, model, (np.float32(1) / std)[order], order)
    nodes = [
        helper.make_node("Transpose", [INPUT_NAME], ["image_nchw"], name="image_to_nchw", perm=[0, 3, 1, 2]),
        helper.make_node(
            "Cast", ["image_nchw"], ["image_float" if mean.any() else str(build.input)], name="image_to_float",
            to=TensorProto.FLOAT,
        ),
    ]  # fmt: skip
    if mean.any():
        graph.initializer.append(numpy_helper.from_array(mean[order].reshape(1, 3, 1, 1), "image_mean"))
        nodes.append(helper.make_node("Sub", ["image_float", "image_mean"], [str(build.input)], name="image_centred"))
    for node in reversed(nodes):
        graph.node.insert(0, node)


def _scale_first_convolution(
    graph: onnx.GraphProto, model: Model, factors: NDArray[np.float32], order: list[int]
) -> None:
    """Multiplies the weights of the only reader of the image, by channel of the repository's RGB input."""
    # A node that asks for the size of the picture doesn't mind its scale.
    readers = [node for node in graph.node if model.build.input in node.input and node.op_type != "Shape"]
    weights = {tensor.name: tensor for tensor in graph.initializer}
    if len(readers) != 1 or readers[0].op_type != "Conv" or readers[0].input[1] not in weights:
        kinds = ", ".join(node.op_type for node in readers)
        raise ConversionError(f"{model.name}: one convolution should read the image of the source, found: {kinds}")
    tensor = weights[readers[0].input[1]]
    if sum(tensor.name in node.input for node in graph.node) != 1:
        raise ConversionError(f"{model.name}: the weights of the first convolution are used twice")
    value = numpy_helper.to_array(tensor).astype(np.float32)[:, order]
    scaled = np.ascontiguousarray(value * factors.reshape(1, 3, 1, 1))
    tensor.CopyFrom(numpy_helper.from_array(scaled, tensor.name))


def _append_unit_length(graph: onnx.GraphProto, model: Model) -> None:
    for name in model.build.normalise:
        raw = f"{name}_raw"
        _rename(graph, name, raw)
        graph.node.append(helper.make_node("LpNormalization", [raw], [name], name=f"{name}_unit", axis=1, p=2))


def _declare(graph: onnx.GraphProto, model: Model) -> None:
    """Input and outputs as the manifest says; what was noted of shapes in between held for the old input."""
    del graph.value_info[:], graph.input[:], graph.output[:]
    image = ["N", *(size if size > 0 else name for size, name in zip(model.picture, ("H", "W", "C"), strict=True))]
    graph.input.append(helper.make_tensor_value_info(INPUT_NAME, TensorProto.UINT8, image))
    for output in model.outputs:
        dims = [size if size > 0 else f"{output.name}_{axis}" for axis, size in enumerate(output.dims)]
        graph.output.append(helper.make_tensor_value_info(output.name, TensorProto.FLOAT, ["N", *dims]))
