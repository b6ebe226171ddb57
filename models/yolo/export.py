"""Writes a trained network as ONNX, with the layers that the published files for the chip have."""
from __future__ import annotations

from pathlib import Path

import onnx
import torch
from torch import nn

from yolo.network import STRIDES, Network, normalise

SIDE = 256


class Exported(nn.Module):
    """uint8 (1, 256, 256, 3) to float32 (1, h, w, channels): for each stride boxes, scores and, if asked,
    extra, then prototypes if there are any; scores are probabilities."""

    def __init__(self, network: Network, extra: bool):
        super().__init__()
        self.network, self.extra = network, extra

    def names(self) -> list[str]:
        third = ["coefficients" if self.network.shape.prototypes else "keypoints"] if self.extra else []
        names = [f"{part}_{stride}" for stride in STRIDES for part in ("boxes", "scores", *third)]
        return names + ["prototypes"] * (self.extra and self.network.shape.prototypes)

    def forward(self, picture):
        levels, prototypes = self.network(normalise(picture.permute(0, 3, 1, 2).float()))
        outputs = []
        for boxes, logits, extra in levels:
            outputs += [boxes, logits.sigmoid(), *([extra] if self.extra else [])]
        if self.extra and prototypes is not None:
            outputs.append(prototypes)
        return tuple(output.permute(0, 2, 3, 1) for output in outputs)


def write(network: Network, path: Path, extra: bool) -> None:
    """Writes and checks the file."""
    graph = Exported(network.eval(), extra).eval()
    torch.onnx.export(graph, torch.zeros(1, SIDE, SIDE, 3, dtype=torch.uint8), str(path),
                      input_names=["input"], output_names=graph.names(), opset_version=13)
    onnx.checker.check_model(onnx.load(str(path)), full_check=True)
