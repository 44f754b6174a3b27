"""Writes the exercise network as an ONNX graph, from weights with their batch normalisation folded in.

Input `windows` (N, 30, 136) float32, the features of `svc_motion.network.features`; output `probabilities`
(N, classes) float32, their sum 1. The class names stand in the metadata property `classes`, separated by commas.
Weights are kept in half precision and cast when the session loads.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from svc_motion.network import DILATIONS, FEATURES, SAMPLES

OPSET = 17
IR_VERSION = 8
"""The oldest that knows the opset, so that older runtimes read the file."""


class _Graph:
    """Nodes and constants in the making; each method returns the name of what it made."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def node(self, operator: str, *inputs: str, **attributes: Any) -> str:
        made = f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [made], **attributes))
        return made

    def constant(self, values: NDArray[np.generic]) -> str:
        made = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), made))
        return made

    def weight(self, values: NDArray[np.floating]) -> str:
        return self.node("Cast", self.constant(values.astype(np.float16)), to=TensorProto.FLOAT)

    def number(self, value: float) -> str:
        return self.constant(np.array(value, dtype=np.float32))

    def gelu(self, x: str) -> str:
        """Hendrycks and Gimpel 2016, arXiv:1606.08415, in its tanh form, as the network was trained."""
        cube = self.node("Mul", self.node("Mul", x, x), x)
        inner = self.node("Add", x, self.node("Mul", cube, self.number(0.044715)))
        curve = self.node("Tanh", self.node("Mul", inner, self.number(0.79788456)))
        return self.node("Mul", self.node("Mul", x, self.number(0.5)), self.node("Add", curve, self.number(1)))

    def convolution(self, x: str, weight: NDArray[np.floating], bias: NDArray[np.floating], dilation: int) -> str:
        """Same-length convolution of (N, C, T); the weight comes as (taps, in, out)."""
        taps = weight.shape[0]
        padding = dilation * (taps // 2)
        kernel = self.weight(weight.transpose(2, 1, 0))
        return self.node("Conv", x, kernel, self.weight(bias), dilations=[dilation], pads=[padding, padding])


def onnx_model(classes: Sequence[str], weights: Mapping[str, NDArray[np.floating]]) -> onnx.ModelProto:
    """The network as an ONNX model that `onnx.checker` accepts."""
    graph = _Graph()
    x = graph.node("Transpose", "windows", perm=[0, 2, 1])
    x = graph.gelu(graph.convolution(x, weights["input.weight"][None], weights["input.bias"], 1))
    for block, dilation in enumerate(DILATIONS):
        name = f"block{block}"
        y = graph.convolution(x, weights[f"{name}.first.weight"], weights[f"{name}.first.bias"], dilation)
        y = graph.convolution(graph.gelu(y), weights[f"{name}.second.weight"], weights[f"{name}.second.bias"], 1)
        x = graph.gelu(graph.node("Add", x, y))
    pooled = [graph.node(operator, x, axes=[2], keepdims=0) for operator in ("ReduceMean", "ReduceMax")]
    scores = graph.node(
        "Gemm",
        graph.node("Concat", *pooled, axis=1),
        graph.weight(weights["output.weight"]),
        graph.weight(weights["output.bias"]),
    )
    graph.nodes.append(helper.make_node("Softmax", [scores], ["probabilities"], axis=1))
    windows = helper.make_tensor_value_info("windows", TensorProto.FLOAT, ["N", SAMPLES, FEATURES])
    probabilities = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", len(classes)])
    model = helper.make_model(
        helper.make_graph(graph.nodes, "exercise_network", [windows], [probabilities], graph.constants),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="svc_motion.training",
    )
    helper.set_model_props(model, {"classes": ",".join(classes)})
    onnx.checker.check_model(model, full_check=True)
    return model


def write_onnx(path: Path, classes: Sequence[str], weights: Mapping[str, NDArray[np.floating]]) -> None:
    """Write the network; the same weights give the same bytes."""
    path.write_bytes(onnx_model(classes, weights).SerializeToString(deterministic=True))
