"""The encoder as an ONNX graph in int8: one text a call, no padding and so no mask."""

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from training.encoder.base import ATTENTION_HEADS, WIDTH, Floats
from training.encoder.bert import EPSILON

# Seven bits, so that processors without VNNI, which add pairs of products in 16 bits, do not saturate.
_LARGEST = 63
_SIZE = WIDTH // ATTENTION_HEADS
OPSET = 20


class Graph:
    """Nodes and weights as they are added; each method returns the name of its result."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []

    def constant(self, values: Any) -> str:
        """A weight of the file."""
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def add(self, kind: str, *inputs: str, outputs: int = 1, **attributes: Any) -> Any:
        """A node; a tuple of names when it has several outputs."""
        names = [f"n{len(self.nodes)}_{index}" for index in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, **attributes))
        return names[0] if outputs == 1 else tuple(names)

    def dense(self, values: str, weights: Floats, bias: Floats) -> str:
        """`values @ weights + bias`, weights int8 with a scale a column, values quantised as they come."""
        whole, scales = quantise(weights, axis=0)
        rounded, scale, zero = self.add("DynamicQuantizeLinear", values, outputs=3)
        product = self.add("MatMulInteger", rounded, self.constant(whole), zero)
        scale = self.add("Mul", scale, self.constant(scales[0]))
        product = self.add("Mul", self.add("Cast", product, to=TensorProto.FLOAT), scale)
        return str(self.add("Add", product, self.constant(bias)))

    def norm(self, values: str, params: dict[str, Floats]) -> str:
        """Layer normalisation."""
        weights = self.constant(params["g"]), self.constant(params["b"])
        return str(self.add("LayerNormalization", values, *weights, axis=-1, epsilon=EPSILON))


def quantise(weights: Floats, axis: int) -> tuple[Any, Floats]:
    """Whole numbers from -63 to 63 and scales, of which `axis` has one for all."""
    scales = np.maximum(np.abs(weights).max(axis, keepdims=True), 1e-8) / _LARGEST
    return np.rint(weights / scales).astype(np.int8), scales.astype(np.float32)


def build_model(params: dict[str, Any]) -> onnx.ModelProto:
    """The model: `ids`, int64 (pieces), in; `logits`, float32 (outputs), out."""
    graph = Graph()
    hidden = _embed(graph, params)
    for layer in params["layers"]:
        hidden = _layer(graph, hidden, layer)
    first = graph.constant(np.array([0], np.int64))
    mean = graph.add("ReduceMean", hidden, first, keepdims=0)
    most = graph.add("ReduceMax", hidden, first, keepdims=0)
    pooled = graph.add("Concat", mean, most, axis=0)
    product = graph.add("MatMul", pooled, graph.constant(params["head"]["w"]))
    bias = graph.constant(params["head"]["b"])
    graph.nodes.append(helper.make_node("Add", [product, bias], ["logits"]))
    outputs = params["head"]["b"].shape[0]
    body = helper.make_graph(
        graph.nodes,
        "encoder",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, ["pieces"])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [outputs])],
        graph.weights,
    )
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    return model


def _embed(graph: Graph, params: dict[str, Any]) -> str:
    whole, scales = quantise(params["tokens"], axis=1)
    rows = graph.add("Gather", graph.constant(whole), "ids")
    scale = graph.add("Gather", graph.constant(scales), "ids")
    tokens = graph.add("Mul", graph.add("Cast", rows, to=TensorProto.FLOAT), scale)
    zero = graph.constant(np.array([0], np.int64))
    places = graph.add("Slice", graph.constant(params["places"]), zero, graph.add("Shape", "ids"))
    return graph.norm(graph.add("Add", tokens, places), params["norm"])


def _layer(graph: Graph, hidden: str, layer: dict[str, Any]) -> str:
    mixed = _attend(graph, hidden, layer["qkv"])
    mixed = graph.dense(mixed, layer["out"]["w"], layer["out"]["b"])
    hidden = graph.norm(graph.add("Add", hidden, mixed), layer["norm1"])
    inner = graph.add("Gelu", graph.dense(hidden, layer["up"]["w"], layer["up"]["b"]))
    inner = graph.dense(inner, layer["down"]["w"], layer["down"]["b"])
    return graph.norm(graph.add("Add", hidden, inner), layer["norm2"])


def _attend(graph: Graph, hidden: str, qkv: dict[str, Floats]) -> str:
    """Query, key and value in one product; the queries' scale is folded into their weights."""
    shrink = np.ones(3 * WIDTH, np.float32)
    shrink[:WIDTH] = _SIZE**-0.5
    joined = graph.dense(hidden, qkv["w"] * shrink, qkv["b"] * shrink)
    shape = graph.constant(np.array([-1, 3, ATTENTION_HEADS, _SIZE], np.int64))
    parts = graph.add("Transpose", graph.add("Reshape", joined, shape), perm=[1, 2, 0, 3])
    zero = graph.constant(np.array([0], np.int64))
    query, key, value = (
        graph.add("Squeeze", part, zero)
        for part in graph.add("Split", parts, outputs=3, axis=0, num_outputs=3)
    )
    looks = graph.add("MatMul", query, graph.add("Transpose", key, perm=[0, 2, 1]))
    mixed = graph.add("MatMul", graph.add("Softmax", looks, axis=-1), value)
    flat = graph.constant(np.array([-1, WIDTH], np.int64))
    return str(graph.add("Reshape", graph.add("Transpose", mixed, perm=[1, 0, 2]), flat))
