"""Runs the ONNX files of this folder: with ONNX Runtime where it is installed, else with PyTorch, node by node."""
from __future__ import annotations

import argparse
from pathlib import Path
from typing import Callable

import numpy as np


def load(path) -> Callable[[np.ndarray], dict[str, np.ndarray]]:
    """A function from the one input, named "input", to the outputs by name."""
    try:
        import onnxruntime
    except ImportError:
        return _with_torch(path)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return lambda picture: dict(zip(names, session.run(names, {"input": picture})))


def measure(report: Callable[[Path, int, int], str], folder: Path, description: str, scenes: int = 300) -> None:
    """The main() of an evaluate.py: prints report(folder of the ONNX files, scenes, first seed)."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--scenes", type=int, default=scenes, help="how many scenes; more is steadier")
    parser.add_argument("--first-seed", type=int, default=0, help="training uses seeds from 1000000 up; stay below")
    parser.add_argument("--models", type=Path, default=folder, help="folder of the ONNX files")
    arguments = parser.parse_args()
    print(report(arguments.models, arguments.scenes, arguments.first_seed))


def _with_torch(path) -> Callable[[np.ndarray], dict[str, np.ndarray]]:
    import onnx
    import torch
    from onnx import numpy_helper

    model = onnx.load(str(path))
    onnx.checker.check_model(model, full_check=True)
    weights = {w.name: torch.from_numpy(numpy_helper.to_array(w).copy()) for w in model.graph.initializer}

    def run(picture: np.ndarray) -> dict[str, np.ndarray]:
        values = {**weights, "": None, "input": torch.from_numpy(picture.copy())}
        with torch.no_grad():
            for node in model.graph.node:
                attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
                made = _apply(node.op_type, [values[name] for name in node.input], attributes)
                values.update(zip(node.output, made if isinstance(made, tuple) else (made,)))
        return {output.name: values[output.name].numpy() for output in model.graph.output}

    return run


def _apply(kind: str, x: list, attributes: dict):
    """One node of the kinds that the exporter writes for these networks."""
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
        "Flatten": lambda: x[0].flatten(attributes.get("axis", 1)),
        "MatMul": lambda: x[0] @ x[1],
        "Mul": lambda: x[0] * x[1],
        "Pow": lambda: x[0] ** x[1],
        "Reshape": lambda: x[0].reshape(x[1].tolist()),
        "ReduceMean": lambda: x[0].mean(attributes["axes"], keepdim=bool(attributes.get("keepdims", 1))),
        "Softmax": lambda: x[0].softmax(attributes.get("axis", -1)),
        "Sqrt": lambda: x[0].sqrt(),
        "Transpose": lambda: x[0].permute(*attributes["perm"]),
        "Sub": lambda: x[0] - x[1],
        "Div": lambda: x[0] / x[1],
        "Add": lambda: x[0] + x[1],
        "Identity": lambda: x[0],
        "Relu": lambda: F.relu(x[0]),
        "Flatten": lambda: x[0].flatten(attributes["axis"]),
        "Sigmoid": lambda: torch.sigmoid(x[0]),
        "Split": lambda: torch.split(x[0], x[1].tolist(), attributes["axis"]),
        "Max": lambda: torch.maximum(*x),
        "GlobalAveragePool": lambda: x[0].mean((2, 3), keepdim=True),
        "DepthToSpace": lambda: F.pixel_shuffle(x[0], attributes["blocksize"]),
    }
    if kind not in simple:
        raise ValueError(f"operator must be one of {sorted(simple)} or Conv, Resize, Constant, Clip; got {kind}")
    return simple[kind]()
