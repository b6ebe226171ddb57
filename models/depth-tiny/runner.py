"""Runs depth-tiny.onnx: with ONNX Runtime where it is installed, else with PyTorch, node by node."""
from __future__ import annotations

from typing import Callable

import numpy as np


def load(path) -> Callable[[np.ndarray], np.ndarray]:
    """A function from uint8 (1, 256, 320, 3) to float32 (1, 256, 320, 1)."""
    try:
        import onnxruntime
    except ImportError:
        return _with_torch(path)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return lambda picture: session.run(["output"], {"input": picture})[0]


def _with_torch(path) -> Callable[[np.ndarray], np.ndarray]:
    import onnx
    import torch
    from onnx import numpy_helper

    model = onnx.load(str(path))
    onnx.checker.check_model(model, full_check=True)
    weights = {w.name: torch.from_numpy(numpy_helper.to_array(w).copy()) for w in model.graph.initializer}

    def run(picture: np.ndarray) -> np.ndarray:
        values = {**weights, "": None, "input": torch.from_numpy(picture.copy())}
        with torch.no_grad():
            for node in model.graph.node:
                attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
                values[node.output[0]] = _apply(node.op_type, [values[name] for name in node.input], attributes)
        return values["output"].numpy()

    return run


def _apply(kind: str, x: list, attributes: dict):
    """One node of the kinds that the exporter writes for this network."""
    import torch
    from onnx import numpy_helper
    from torch.nn import functional as F

    if kind == "Conv":
        pads = attributes["pads"]
        return F.conv2d(*x, stride=attributes["strides"], padding=pads[: len(pads) // 2], groups=attributes["group"])
    if kind == "Resize":
        mode = attributes["mode"].decode()
        scale = tuple(x[2][2:].tolist())
        if mode == "nearest":
            return F.interpolate(x[0], scale_factor=scale, mode="nearest")
        return F.interpolate(x[0], scale_factor=scale, mode="bilinear", align_corners=False)
    if kind == "Constant":
        return torch.from_numpy(np.array(numpy_helper.to_array(attributes["value"])))
    if kind == "Clip":
        return torch.clamp(x[0], min=x[1], max=x[2] if len(x) > 2 else None)
    simple = {
        "Cast": lambda: x[0].float(),
        "Transpose": lambda: x[0].permute(*attributes["perm"]),
        "Sub": lambda: x[0] - x[1],
        "Div": lambda: x[0] / x[1],
        "Add": lambda: x[0] + x[1],
        "Identity": lambda: x[0],
        "Relu": lambda: F.relu(x[0]),
        "Max": lambda: torch.maximum(*x),
        "GlobalAveragePool": lambda: x[0].mean((2, 3), keepdim=True),
        "DepthToSpace": lambda: F.pixel_shuffle(x[0], attributes["blocksize"]),
    }
    if kind not in simple:
        raise ValueError(f"operator must be one of {sorted(simple)} or Conv, Resize, Constant, Clip; got {kind}")
    return simple[kind]()
