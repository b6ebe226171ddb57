"""Writes trained encoders as the published pair for the chip has them: two graphs, and what the host keeps."""
from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn

from evaluate import IMAGE, MERGES, PROJECTION, TABLE, TEXT
from network import SIDE, TOKENS, WIDTH, Clip


class _Picture(nn.Module):
    """uint8 (1, 64, 64, 3) to float32 (1, 64)."""

    def __init__(self, clip: Clip):
        super().__init__()
        self.encoder = clip.image

    def forward(self, picture):
        return self.encoder(picture.permute(0, 3, 1, 2).float())


def _write(graph: nn.Module, example: torch.Tensor, path: Path, output: str, batch: bool) -> None:
    free = {"input": {0: "count"}, output: {0: "count"}} if batch else {}
    torch.onnx.export(graph.eval(), example, str(path), input_names=["input"], output_names=[output], opset_version=13,
                      dynamic_axes=free)
    if batch:  # the exporter says of all sides that it does not follow
        model = onnx.load(str(path))
        for side, known in zip(model.graph.output[0].type.tensor_type.shape.dim[1:], example.shape[1:]):
            side.dim_value = known
        onnx.save(model, str(path))
    onnx.checker.check_model(onnx.load(str(path)), full_check=True)
    print(f"{path.name}: {path.stat().st_size} bytes", flush=True)


def write(clip: Clip, merges: list[str], folder: Path) -> None:
    _write(_Picture(clip), torch.zeros(1, SIDE, SIDE, 3, dtype=torch.uint8), folder / IMAGE, "embedding", batch=False)
    _write(clip.text, torch.zeros(1, TOKENS, WIDTH), folder / TEXT, "features", batch=True)
    np.save(folder / TABLE, clip.table.detach().numpy())
    np.save(folder / PROJECTION, clip.projection.detach().numpy())
    (folder / MERGES).write_text("\n".join(merges) + "\n", "utf-8")
