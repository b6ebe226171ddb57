#!/usr/bin/env python3
"""Measures clip-tiny on pictures that training never sees, of combinations that it has or has not seen.

    python3 evaluate.py                  640 pictures, prints the numbers of the model card
    python3 evaluate.py --scenes 100     fewer
"""
from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))
import bpe  # noqa: E402
import runner  # noqa: E402
from drawn import figures  # noqa: E402

IMAGE, TEXT = "clip-tiny-image.onnx", "clip-tiny-text.onnx"
TABLE, PROJECTION, MERGES = "clip-tiny-tokens.npy", "clip-tiny-projection.npy", "clip-tiny-bpe.txt"
TOKENS = 77


def unit(vector: np.ndarray) -> np.ndarray:
    return vector / (np.linalg.norm(vector) + 1e-8)


class Encoders:
    """Vectors of length 1 of pictures and texts, computed as hailo-clip does."""

    def __init__(self, folder: Path = HERE):
        self._image, self._text = runner.load(folder / IMAGE), runner.load(folder / TEXT)
        self._table, self._projection = np.load(folder / TABLE), np.load(folder / PROJECTION)
        self._tokenizer = bpe.Tokenizer.read(folder / MERGES)

    def picture(self, picture: np.ndarray) -> np.ndarray:
        return unit(self._image(picture[None])["embedding"][0])

    def text(self, text: str) -> np.ndarray:
        ids = self._tokenizer.ids
        row = [ids[bpe.START], *self._tokenizer.encode(text)[:TOKENS - 2], ids[bpe.END]]
        features = self._text(self._table[row + [0] * (TOKENS - len(row))][None])["features"]
        return unit(features[0, len(row) - 1] @ self._projection)


def choice_of(seed: int, unseen: bool) -> int:
    """One of the combinations that training leaves out, or of the others, in turn."""
    choices = [index for index, what in enumerate(figures.COMBINATIONS) if figures.held_out(what) == unseen]
    return choices[seed % len(choices)]


def right(encoders: Encoders, texts: np.ndarray, seeds: range, unseen: bool) -> float:
    """Share of pictures whose own caption is the nearest of all."""
    choices = [choice_of(seed, unseen) for seed in seeds]
    found = [int((texts @ encoders.picture(figures.render(seed, choice).picture)).argmax())
             for seed, choice in zip(seeds, choices)]
    return float(np.mean(np.equal(found, choices)))


def report(folder: Path = HERE, count: int = 640, first: int = 0) -> str:
    encoders = Encoders(folder)
    texts = np.stack([encoders.text(figures.caption(what)) for what in figures.COMBINATIONS])
    seeds = range(first, first + count)
    return "\n".join(f"{count} unseen pictures of combinations that training {what}: the right one of {len(texts)} "
                     f"captions for {right(encoders, texts, seeds, unseen):.4f}"
                     for what, unseen in (("leaves out", True), ("has", False)))


if __name__ == "__main__":
    runner.measure(report, HERE, "Compare each picture with the captions of all combinations.", scenes=640)
