"""New versions of a real model: good ones and bad ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def with_identity(source: Path, target: Path) -> Path:
    """The same numbers from another file: one more node at the front."""
    model = onnx.load(source)
    _insert_behind_input(model, [helper.make_node("Identity", ["image"], ["same_image"])], "same_image")
    onnx.save(model, target)
    return target


def with_other_weights(source: Path, target: Path, factor: float = 1.2) -> Path:
    """Other numbers: the largest weights are scaled."""
    model = onnx.load(source)
    largest = max(model.graph.initializer, key=lambda one: len(one.raw_data) or len(one.float_data))
    scaled = (numpy_helper.to_array(largest) * np.float32(factor)).astype(np.float32)
    largest.CopyFrom(numpy_helper.from_array(scaled, largest.name))
    onnx.save(model, target)
    return target


def with_wrong_shape(source: Path, target: Path) -> Path:
    """One more axis on the first output."""
    model = onnx.load(source)
    output = model.graph.output[0]
    _rename_output(model, "flat")
    model.graph.initializer.append(numpy_helper.from_array(np.array([1], np.int64), "wrong_axis"))
    model.graph.node.append(helper.make_node("Unsqueeze", ["flat", "wrong_axis"], [output.name]))
    sizes = [dim.dim_param or dim.dim_value for dim in output.type.tensor_type.shape.dim]
    output.CopyFrom(helper.make_tensor_value_info(output.name, TensorProto.FLOAT, [sizes[0], 1, *sizes[1:]]))
    onnx.save(model, target)
    return target


def truncated(source: Path, target: Path) -> Path:
    """The first half of the file."""
    data = source.read_bytes()
    target.write_bytes(data[: len(data) // 2])
    return target


def slow(source: Path, target: Path, size: int = 600, rounds: int = 12) -> Path:
    """The same numbers after long work that adds nothing to them."""
    model = onnx.load(source)
    graph = model.graph
    output = graph.output[0]
    _rename_output(model, "early")
    weights = np.random.default_rng(0).random((size, size), np.float32) / size
    graph.initializer.append(numpy_helper.from_array(weights, "slow_weights"))
    graph.initializer.append(numpy_helper.from_array(np.float32(0), "slow_zero"))
    graph.initializer.append(numpy_helper.from_array(np.float32(1e-9), "slow_tiny"))
    # The work depends on the picture, so that no optimiser does it once and for all.
    graph.node.extend(
        [
            helper.make_node("Cast", ["image"], ["slow_image"], to=TensorProto.FLOAT),
            helper.make_node("ReduceMean", ["slow_image"], ["slow_brightness"], axes=[0, 1, 2, 3], keepdims=0),
            helper.make_node("Mul", ["slow_brightness", "slow_tiny"], ["slow_hardly"]),
            helper.make_node("Add", ["slow_weights", "slow_hardly"], ["slow_0"]),
            *(helper.make_node("MatMul", [f"slow_{k}", "slow_0"], [f"slow_{k + 1}"]) for k in range(rounds)),
            helper.make_node("ReduceMean", [f"slow_{rounds}"], ["slow_mean"], axes=[0, 1], keepdims=0),
            helper.make_node("Min", ["slow_mean", "slow_zero"], ["slow_nothing"]),
            helper.make_node("Add", ["early", "slow_nothing"], [output.name]),
        ]
    )
    onnx.save(model, target)
    return target


def _rename_output(model: onnx.ModelProto, name: str) -> None:
    """Lets the first output of the graph be computed under another name."""
    old = model.graph.output[0].name
    for node in model.graph.node:
        node.output[:] = [name if one == old else one for one in node.output]
        node.input[:] = [name if one == old else one for one in node.input]


def _insert_behind_input(model: onnx.ModelProto, nodes: list[onnx.NodeProto], result: str) -> None:
    """Lets everything that took the picture take `result` instead, which `nodes` make of it."""
    for node in model.graph.node:
        node.input[:] = [result if name == "image" else name for name in node.input]
    old = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend([*nodes, *old])
