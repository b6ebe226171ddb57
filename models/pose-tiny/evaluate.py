#!/usr/bin/env python3
"""Measures pose-tiny.onnx on drawn figures that training never sees.

    python3 evaluate.py                  300 scenes, prints the numbers of the model card
    python3 evaluate.py --scenes 40      fewer
"""
from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))
import runner  # noqa: E402
from drawn import people  # noqa: E402
from yolo import decode, precision  # noqa: E402

POSE = "pose-tiny.onnx"
SIDE = 256


def images(run, seeds) -> tuple[list[precision.Image], list[precision.Image], np.ndarray]:
    """For OKS, for boxes, and (points, 2): the errors of the points of figures found, in pixels, and which point."""
    poses, boxes, errors = [], [], []
    for seed in seeds:
        scene = people.render(seed, SIDE, SIDE)
        found = decode.decode(list(run(scene.picture[None]).values()), SIDE, SIDE, agnostic=True)
        areas = np.array([scene.mask(index).sum() for index in range(len(scene.labels))])
        overlaps = precision.oks(found.extra, scene.keypoints, areas)
        shared = decode.iou(found.boxes, scene.boxes)
        poses.append(precision.Image(found.scores, found.labels, scene.labels, overlaps))
        boxes.append(precision.Image(found.scores, found.labels, scene.labels, shared))
        for index, truth in enumerate(scene.keypoints):
            near = np.flatnonzero((shared[:, index] > 0.5) & (found.scores > 0.25))
            if len(near):
                known = np.flatnonzero(truth[:, 2] > 0)
                off = np.linalg.norm(found.extra[near[0], known, :2] - truth[known, :2], axis=1)
                errors.append(np.stack([off, known], 1))
    return poses, boxes, np.concatenate(errors) if errors else np.zeros((0, 2))


def report(folder: Path = HERE, count: int = 300, first: int = 0) -> str:
    """AP of poses and boxes, and a line for each key point."""
    poses, boxes, errors = images(runner.load(folder / POSE), range(first, first + count))
    lines = [f"{count} unseen scenes: OKS AP@0.5 {precision.average_precision(poses)[0]:.4f}, "
             f"box AP@0.5 {precision.average_precision(boxes)[0]:.4f}"]
    for index, name in enumerate(people.KEYPOINTS):
        of_point = errors[errors[:, 1] == index, 0]
        if len(of_point):
            lines.append(f"{name:15} median {np.median(of_point):4.1f} px off, "
                         f"worst tenth from {np.quantile(of_point, 0.9):.1f}")
    return "\n".join(lines)


if __name__ == "__main__":
    runner.measure(report, HERE, "Compare the model with the truth of unseen figures.")
