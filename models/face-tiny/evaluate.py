#!/usr/bin/env python3
"""Measures face-tiny.onnx on drawn people that training never sees.

    python3 evaluate.py                  300 people, prints the numbers of the model card
    python3 evaluate.py --scenes 40      fewer
"""
from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))
import runner  # noqa: E402
from drawn import faces  # noqa: E402

FACE = "face-tiny.onnx"
LOOKS = 6  # pictures of each person
# Of the cosine, from which on two pictures are said to show one person: a little above where it is right most often, so that
# strangers are rarely named among many. hailo-face has the same.
THRESHOLD = 0.55


def embeddings(run, people) -> np.ndarray:
    """(people, looks, dimension), each of length 1."""
    made = np.stack([[next(iter(run(faces.render(faces.identity(number), number * 1000 + look)[None]).values()))[0]
                      for look in range(LOOKS)] for number in people])
    return made / np.linalg.norm(made, axis=-1, keepdims=True)


def pairs(made: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cosines of all pairs of one person, and of as many pairs of two people, as in LFW."""
    upper = np.triu_indices(made.shape[1], 1)
    same = np.einsum("pid,pjd->pij", made, made)[:, upper[0], upper[1]].ravel()
    random = np.random.default_rng(7)
    first = random.integers(0, len(made), len(same))
    second = (first + random.integers(1, len(made), len(same))) % len(made)
    look = random.integers(0, made.shape[1], (2, len(same)))
    other = np.einsum("nd,nd->n", made[first, look[0]], made[second, look[1]])
    return same, other


def accuracy(same: np.ndarray, other: np.ndarray, threshold: float) -> float:
    return ((same > threshold).mean() + (other <= threshold).mean()) / 2


def report(folder: Path = HERE, count: int = 300, first: int = 0) -> str:
    same, other = pairs(embeddings(runner.load(folder / FACE), range(first, first + count)))
    best = max(np.linspace(-0.2, 1, 121), key=lambda threshold: accuracy(same, other, threshold))
    return (f"{count} unseen people, {2 * len(same)} pairs: verification accuracy {accuracy(same, other, THRESHOLD):.4f} at {THRESHOLD}, "
            f"{accuracy(same, other, best):.4f} at {best:.2f}; the same person {np.quantile(same, 0.05):.2f} and more (95 %), "
            f"somebody else {np.quantile(other, 0.999):.2f} and less (99.9 %)")


if __name__ == "__main__":
    runner.measure(report, HERE, "Compare pictures of unseen people with each other.")
