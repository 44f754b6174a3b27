"""Converts a convolutional .tflite model to ONNX with a uint8 image input and a dynamic batch.

Covers the operators of BlazePose. tflite computes in NHWC and ONNX in NCHW, so every 4-D tensor is kept as NCHW:
transposed once behind the input, before each reshape, and at 4-D outputs.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import tflite
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from triton_models.errors import ConversionError
from triton_models.tflite_model import Operator, TfliteModel

OPSET = 17
IR_VERSION = 8
_TO_NCHW = [0, 3, 1, 2]
_TO_NHWC = [0, 2, 3, 1]


def convert(model: TfliteModel, name: str, outputs: Mapping[str, str], scale: float, offset: float) -> onnx.ModelProto:
    """Builds the ONNX model `name`.

    Args:
        model: the parsed source with one NHWC image input.
        outputs: name of a source output → name in ONNX; outputs not named are dropped with all that only they need.
        scale: the network sees `pixel * scale + offset`; the input tensor is called "image", uint8 (N, H, W, 3).
        offset: see `scale`.

    Raises:
        ConversionError: an operator, activation or output is not supported.
    """
    return _Converter(model).run(name, outputs, scale, offset)


class _Converter:
    def __init__(self, model: TfliteModel) -> None:
        self._model = model
        self._constants = dict(model.constants)
        self._nodes: list[onnx.NodeProto] = []
        self._initializers: dict[str, onnx.TensorProto] = {}
        self._handlers: dict[str, Callable[[Operator], None]] = {
            "DEQUANTIZE": self._fold,
            "DENSIFY": self._fold,
            "CONV_2D": self._convolution,
            "DEPTHWISE_CONV_2D": self._convolution,
            "ADD": self._add,
            "PAD": self._pad,
            "MAX_POOL_2D": self._max_pool,
            "RESIZE_BILINEAR": self._resize,
            "DEPTH_TO_SPACE": self._depth_to_space,
            "LOGISTIC": self._logistic,
            "CONCATENATION": self._concatenate,
            "RESHAPE": self._reshape,
        }

    def run(self, name: str, outputs: Mapping[str, str], scale: float, offset: float) -> onnx.ModelProto:
        image = self._model.inputs[0]
        self._normalise(image, scale, offset)
        for operator in self._model.operators:
            handler = self._handlers.get(operator.kind)
            if handler is None:
                raise ConversionError(f"{name} uses the tflite operator {operator.kind}, which is not supported")
            handler(operator)
        declared = [self._output(source, target) for source, target in outputs.items()]
        nodes, used = _reachable(self._nodes, set(outputs.values()))
        declared_input = helper.make_tensor_value_info(
            "image", TensorProto.UINT8, ["N", *self._model.shapes[image][1:]]
        )
        kept = [tensor for key, tensor in self._initializers.items() if key in used]
        graph = helper.make_graph(nodes, name, [declared_input], declared, kept)
        proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="spotter")
        proto.ir_version = IR_VERSION
        onnx.checker.check_model(proto, full_check=True)
        return proto

    def _normalise(self, image: int, scale: float, offset: float) -> None:
        self._node("Transpose", ["image"], ["image_nchw"], perm=_TO_NCHW)
        self._node("Cast", ["image_nchw"], ["image_float"], to=TensorProto.FLOAT)
        self._node("Mul", ["image_float", self._constant("image_scale", np.float32(scale))], ["image_scaled"])
        shift = self._constant("image_offset", np.float32(offset))
        self._node("Add", ["image_scaled", shift], [_name(image)])

    def _output(self, source: str, target: str) -> onnx.ValueInfoProto:
        index = next((i for i in self._model.outputs if self._model.names[i] == source), None)
        if index is None:
            raise ConversionError(f"the source model has no output {source}")
        shape = self._model.shapes[index]
        if len(shape) == 4:
            self._node("Transpose", [_name(index)], [target], perm=_TO_NHWC)
        else:
            self._node("Identity", [_name(index)], [target])
        return helper.make_tensor_value_info(target, TensorProto.FLOAT, ["N", *shape[1:]])

    def _node(self, kind: str, inputs: Sequence[str], outputs: Sequence[str], **attributes: Any) -> None:
        name = f"{kind}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), list(outputs), name=name, **attributes))

    def _constant(self, name: str, value: NDArray[Any] | np.generic) -> str:
        self._initializers[name] = numpy_helper.from_array(np.ascontiguousarray(value).reshape(np.shape(value)), name)
        return name

    def _activated(self, kind: str, inputs: Sequence[str], operator: Operator, **attributes: Any) -> None:
        """Adds a node followed by the activation that tflite fuses into it."""
        target = _name(operator.outputs[0])
        activation = operator.options.FusedActivationFunction() if operator.options else 0
        raw = target if activation == tflite.ActivationFunctionType.NONE else f"{target}_raw"
        self._node(kind, inputs, [raw], **attributes)
        if activation == tflite.ActivationFunctionType.RELU:
            self._node("Relu", [raw], [target])
        elif activation == tflite.ActivationFunctionType.RELU6:
            low, high = self._constant("zero", np.float32(0)), self._constant("six", np.float32(6))
            self._node("Clip", [raw, low, high], [target])
        elif raw != target:
            raise ConversionError(f"{operator.kind} has the fused activation {activation}, which is not supported")

    def _fold(self, operator: Operator) -> None:
        """DEQUANTIZE (float16 → float32) and DENSIFY of constants happen here, once."""
        value = self._constants.get(operator.inputs[0])
        if value is None:
            raise ConversionError(f"{operator.kind} of a tensor that is not constant is not supported")
        self._constants[operator.outputs[0]] = value.astype(np.float32)

    def _convolution(self, operator: Operator) -> None:
        options = operator.options
        depthwise = operator.kind == "DEPTHWISE_CONV_2D"
        if depthwise and options.DepthMultiplier() not in (0, 1):
            raise ConversionError("a depthwise convolution with a depth multiplier is not supported")
        source = self._constants[operator.inputs[1]].astype(np.float32)
        weights = source.transpose((3, 0, 1, 2) if depthwise else _TO_NCHW)
        kernel = (weights.shape[2], weights.shape[3])
        strides = (options.StrideH(), options.StrideW())
        dilations = (options.DilationHFactor(), options.DilationWFactor())
        shape = self._model.shapes[operator.inputs[0]]
        inputs = [_name(operator.inputs[0]), self._constant(f"w{operator.outputs[0]}", weights)]
        if len(operator.inputs) > 2 and operator.inputs[2] >= 0:
            bias = self._constants[operator.inputs[2]].astype(np.float32)
            inputs.append(self._constant(f"b{operator.outputs[0]}", bias))
        self._activated(
            "Conv", inputs, operator, kernel_shape=kernel, strides=strides, dilations=dilations,
            group=shape[3] if depthwise else 1, pads=_pads(shape, kernel, strides, dilations, options.Padding()),
        )  # fmt: skip

    def _add(self, operator: Operator) -> None:
        inputs = []
        for index in operator.inputs:
            constant = self._constants.get(index)
            if constant is None:
                inputs.append(_name(index))
            else:
                nchw = constant.transpose(_TO_NCHW) if constant.ndim == 4 else constant.reshape(1, -1, 1, 1)
                inputs.append(self._constant(f"c{index}", nchw.astype(np.float32)))
        self._activated("Add", inputs, operator)

    def _pad(self, operator: Operator) -> None:
        amounts = self._constants[operator.inputs[1]][_TO_NCHW]
        pads = np.concatenate([amounts[:, 0], amounts[:, 1]]).astype(np.int64)
        inputs = [_name(operator.inputs[0]), self._constant(f"p{operator.outputs[0]}", pads)]
        self._node("Pad", inputs, [_name(operator.outputs[0])], mode="constant")

    def _max_pool(self, operator: Operator) -> None:
        options = operator.options
        kernel = (options.FilterHeight(), options.FilterWidth())
        strides = (options.StrideH(), options.StrideW())
        pads = _pads(self._model.shapes[operator.inputs[0]], kernel, strides, (1, 1), options.Padding())
        self._activated(
            "MaxPool", [_name(operator.inputs[0])], operator, kernel_shape=kernel, strides=strides, pads=pads
        )

    def _resize(self, operator: Operator) -> None:
        height, width = (float(n) for n in self._constants[operator.inputs[1]])
        shape = self._model.shapes[operator.inputs[0]]
        scales = np.array([1, 1, height / shape[1], width / shape[2]], np.float32)
        mode = "asymmetric"
        if operator.options.AlignCorners():
            mode = "align_corners"
        elif operator.options.HalfPixelCenters():
            mode = "half_pixel"
        inputs = [_name(operator.inputs[0]), "", self._constant(f"s{operator.outputs[0]}", scales)]
        output = [_name(operator.outputs[0])]
        self._node("Resize", inputs, output, mode="linear", coordinate_transformation_mode=mode)

    def _depth_to_space(self, operator: Operator) -> None:
        block = operator.options.BlockSize()
        names = [_name(operator.inputs[0])], [_name(operator.outputs[0])]
        self._node("DepthToSpace", *names, blocksize=block, mode="DCR")

    def _logistic(self, operator: Operator) -> None:
        self._node("Sigmoid", [_name(operator.inputs[0])], [_name(operator.outputs[0])])

    def _concatenate(self, operator: Operator) -> None:
        rank = len(self._model.shapes[operator.outputs[0]])
        axis = operator.options.Axis() % rank
        axis = _TO_NHWC[axis] if rank == 4 else axis
        self._node("Concat", [_name(i) for i in operator.inputs], [_name(operator.outputs[0])], axis=axis)

    def _reshape(self, operator: Operator) -> None:
        source, target = operator.inputs[0], operator.outputs[0]
        shape = self._model.shapes[target]
        if len(shape) == 4:
            raise ConversionError("a reshape to four dimensions is not supported")
        name = _name(source)
        if len(self._model.shapes[source]) == 4:
            self._node("Transpose", [name], [f"{name}_nhwc{target}"], perm=_TO_NHWC)
            name = f"{name}_nhwc{target}"
        wanted = self._constant(f"r{target}", np.array([-1, *shape[1:]], np.int64))
        self._node("Reshape", [name, wanted], [_name(target)])


def _name(index: int) -> str:
    return f"t{index}"


def _pads(
    shape: Sequence[int], kernel: Sequence[int], strides: Sequence[int], dilations: Sequence[int], padding: int
) -> list[int]:
    """Static ONNX pads (top, left, bottom, right); tflite SAME puts the odd pixel at the end."""
    if padding == tflite.Padding.VALID:
        return [0, 0, 0, 0]
    before, after = [], []
    for size, k, stride, dilation in zip(shape[1:3], kernel, strides, dilations, strict=True):
        total = max((-(-size // stride) - 1) * stride + (k - 1) * dilation + 1 - size, 0)
        before.append(total // 2)
        after.append(total - total // 2)
    return before + after


def _reachable(nodes: Sequence[onnx.NodeProto], wanted: set[str]) -> tuple[list[onnx.NodeProto], set[str]]:
    """Nodes that the wanted tensors depend on, in order, and every tensor name they read."""
    needed, kept = set(wanted), []
    for node in reversed(nodes):
        if needed.intersection(node.output):
            kept.append(node)
            needed.update(node.input)
    return kept[::-1], needed
