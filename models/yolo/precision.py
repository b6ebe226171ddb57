"""Average precision as COCO defines it, at one threshold of overlap. NumPy only.

    images = [Image(scores, labels, true_labels, overlaps), ...]
    average_precision(images)      # {label: AP}; their mean is mAP

overlaps (detections, truths) holds IoU of boxes or masks, or OKS. As in pycocotools' cocoeval: in
falling order of score each detection takes the free truth of its label that it overlaps most, if by
the threshold at least; precision is made falling and read at the 101 recalls 0, 0.01, ..., 1.
"""
from __future__ import annotations

from typing import NamedTuple

import numpy as np

# COCO's fall-off of each key point.
SIGMAS = np.array([.26, .25, .25, .35, .35, .79, .79, .72, .72, .62, .62, 1.07, 1.07, .87, .87, .89, .89]) / 10


class Image(NamedTuple):
    """What was found in a picture, and what there is."""
    scores: np.ndarray
    labels: np.ndarray
    true_labels: np.ndarray
    overlaps: np.ndarray


def mask_iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(len(a), len(b)) of masks (n, height, width)."""
    a, b = (m.reshape(len(m), -1).astype(np.float32) for m in (a, b))
    common = a @ b.T
    return common / np.maximum(a.sum(1)[:, None] + b.sum(1)[None] - common, 1e-9)


def oks(found: np.ndarray, truth: np.ndarray, areas: np.ndarray) -> np.ndarray:
    """(len(found), len(truth)) similarity of key points (n, 17, 3); areas of the true figures in pixels.

    Over the true points with visibility above 0; a truth without any counts 0."""
    distance = ((found[:, None, :, :2] - truth[None, :, :, :2]) ** 2).sum(3)
    error = distance / (2 * SIGMAS) ** 2 / (2 * areas[None, :, None])
    known = truth[None, :, :, 2] > 0
    return (np.exp(-error) * known).sum(2) / np.maximum(known.sum(2), 1)


def average_precision(images: list[Image], threshold: float = 0.5) -> dict[int, float]:
    """AP of each label that there is."""
    labels = np.unique(np.concatenate([image.true_labels for image in images]))
    return {int(label): _of_label(images, label, threshold) for label in labels}


def _of_label(images: list[Image], label: int, threshold: float) -> float:
    scores, right, truths = [], [], 0
    for image in images:
        mine, true = np.flatnonzero(image.labels == label), np.flatnonzero(image.true_labels == label)
        truths += len(true)
        free = image.overlaps[np.ix_(mine, true)].astype(float)
        order = np.argsort(-image.scores[mine], kind="stable")
        for detection in order:
            best = int(free[detection].argmax()) if len(true) else -1
            hit = best >= 0 and free[detection, best] >= threshold
            if hit:
                free[:, best] = -1
            scores.append(image.scores[mine[detection]])
            right.append(hit)
    order = np.argsort(-np.array(scores), kind="stable")
    hits = np.array(right, float)[order]
    recall = np.cumsum(hits) / truths
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(recall, np.linspace(0, 1, 101), side="left")
    return float(np.append(precision, 0)[np.minimum(at, len(precision))].mean())
