"""From a network's outputs to detections, masks and key points, written plainly with NumPy.

    found = decode(outputs, 256, 256)                    # outputs: float32 arrays (1, h, w, channels)
    found.scores, found.labels, found.boxes              # best first
    masks = found.masks(prototypes, 256, 256)            # if the network has prototypes

Which output is which is told by its shape. The formulas are those of YOLOv8 on the chip: a box edge lies
stride * sum(i * softmax(bins)_i) from the middle of its cell; a key point at stride * (2 raw + cell);
a mask is sigmoid(coefficients . prototypes) > 0.5 within the box.
"""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

STRIDES = (8, 16, 32)
BOX = 64
COEFFICIENTS, POINTS = 32, 51


@dataclass
class Found:
    scores: np.ndarray  # (n,), falling
    labels: np.ndarray  # (n,)
    boxes: np.ndarray   # (n, 4): left, top, right, bottom in pixels of the input
    extra: np.ndarray   # (n, 32) mask coefficients; or (n, 17, 3) key points: x, y, probability to be seen

    def masks(self, prototypes: np.ndarray, height: int, width: int) -> np.ndarray:
        """bool (n, height, width); prototypes (1, height / 4, width / 4, 32)."""
        logits = np.tensordot(self.extra, prototypes[0], (1, 2))
        middle_y, middle_x = np.arange(height) + 0.5, np.arange(width) + 0.5
        result = np.zeros((len(self.boxes), height, width), bool)
        for mask, small, (left, top, right, bottom) in zip(result, logits, self.boxes):
            inside = ((middle_y > top) & (middle_y < bottom))[:, None] & ((middle_x > left) & (middle_x < right))
            mask[:] = (enlarge(small, height, width) > 0) & inside
        return result


def enlarge(small: np.ndarray, height: int, width: int) -> np.ndarray:
    """Bilinear, pixel middles aligned, edges repeated."""
    for axis, size in ((0, height), (1, width)):
        at = np.clip((np.arange(size) + 0.5) * small.shape[axis] / size - 0.5, 0, small.shape[axis] - 1)
        low = np.minimum(at.astype(int), small.shape[axis] - 2)
        share = (at - low).reshape([-1, 1] if axis == 0 else [1, -1])
        small = small.take(low, axis) * (1 - share) + small.take(low + 1, axis) * share
    return small


def prototypes_of(outputs: list[np.ndarray], height: int) -> np.ndarray:
    """The output at stride 4."""
    return next(output for output in outputs if output.shape[1] == height // 4)


def decode(outputs: list[np.ndarray], height: int, width: int, threshold: float = 0.01, overlap: float = 0.6,
           agnostic: bool = False, most: int = 100) -> Found:
    """Every class of a cell that scores `threshold` counts; of boxes of one class (agnostic: of any) that
    share more than `overlap` (IoU) the best stays."""
    columns = []
    for stride in STRIDES:
        level = {o.shape[3]: o[0] for o in outputs if o.shape[1:3] == (height // stride, width // stride)}
        box = level.pop(BOX)
        extra = level.pop(COEFFICIENTS, level.pop(POINTS, None))
        (scores,) = level.values()
        y, x, label = np.nonzero(scores >= threshold)
        bins = box[y, x].reshape(-1, 4, 16).astype(np.float64)
        shares = np.exp(bins - bins.max(2, keepdims=True))
        left, top, right, bottom = stride * ((shares * np.arange(16)).sum(2) / shares.sum(2)).T
        middle_x, middle_y = stride * (x + 0.5), stride * (y + 0.5)
        boxes = np.stack([middle_x - left, middle_y - top, middle_x + right, middle_y + bottom], 1)
        extra = np.zeros((len(x), 0)) if extra is None else extra[y, x].astype(np.float64)
        if extra.shape[1] == POINTS:
            extra = extra.reshape(-1, POINTS // 3, 3)
            extra = np.stack([stride * (2 * extra[..., 0] + x[:, None]), stride * (2 * extra[..., 1] + y[:, None]),
                              1 / (1 + np.exp(-extra[..., 2]))], 2)
        columns.append((scores[y, x, label], label, boxes, extra))
    scores, labels, boxes, extra = (np.concatenate(column) for column in zip(*columns))
    keep = suppress(scores, np.zeros_like(labels) if agnostic else labels, boxes, overlap)[:most]
    return Found(scores[keep], labels[keep], boxes[keep], extra[keep])


def suppress(scores: np.ndarray, labels: np.ndarray, boxes: np.ndarray, overlap: float) -> np.ndarray:
    """Indices of the boxes that stay, best first."""
    order, keep = np.argsort(-scores, kind="stable"), []
    while len(order):
        best, order = order[0], order[1:]
        keep.append(best)
        order = order[(iou(boxes[best][None], boxes[order])[0] <= overlap) | (labels[order] != labels[best])]
    return np.array(keep, int)


def iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(len(a), len(b)) of boxes (n, 4)."""
    size = np.clip(np.minimum(a[:, None, 2:], b[None, :, 2:]) - np.maximum(a[:, None, :2], b[None, :, :2]), 0, None)
    common = size.prod(2)
    whole = (a[:, 2:] - a[:, :2]).prod(1)[:, None] + (b[:, 2:] - b[:, :2]).prod(1)[None] - common
    return common / np.maximum(whole, 1e-9)
