"""How good a depth map is. NumPy only.

    x = network output; depth = raw_to_depth(x)
    abs_rel(depth, truth)   0 is perfect, scale does not matter
    spearman(depth, truth)  1 is perfect order
"""
from __future__ import annotations

import numpy as np


def raw_to_depth(x: np.ndarray) -> np.ndarray:
    """Depth for the network's raw output: 1 / (10 * sigmoid(x) + 0.009), 0.0999 to 111."""
    x = np.asarray(x, np.float64)
    return 1 / (10 / (1 + np.exp(-x)) + 0.009)


def depth_to_raw(depth: np.ndarray) -> np.ndarray:
    """Inverse of raw_to_depth, for depths strictly between 0.0999 and 111."""
    share = (1 / np.asarray(depth, np.float64) - 0.009) / 10
    return np.log(share / (1 - share))


def abs_rel(pred_depth: np.ndarray, true_depth: np.ndarray) -> float:
    """Mean |pred - true| / true over all pixels after pred is scaled to the median of true.

    Both in any shape of equal size, positive.
    """
    pred, true = np.ravel(pred_depth).astype(np.float64), np.ravel(true_depth).astype(np.float64)
    scaled = pred * (np.median(true) / np.median(pred))
    return float(np.mean(np.abs(scaled - true) / true))


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 0; equal values share the mean of their ranks."""
    _, inverse, counts = np.unique(np.ravel(values), return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts + 1) / 2)[np.ravel(inverse)]


def spearman(a: np.ndarray, b: np.ndarray) -> float:
    """Rank correlation, -1..1; 0 when either side is constant."""
    ra, rb = (r - r.mean() for r in (_ranks(a), _ranks(b)))
    scale = np.sqrt((ra * ra).sum() * (rb * rb).sum())
    return float((ra * rb).sum() / scale) if scale > 0 else 0.0
