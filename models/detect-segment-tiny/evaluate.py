#!/usr/bin/env python3
"""Measures detect-tiny.onnx and segment-tiny.onnx on drawn scenes that training never sees.

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
from drawn import things  # noqa: E402
from yolo import decode, precision  # noqa: E402

SEGMENT, DETECT = "segment-tiny.onnx", "detect-tiny.onnx"
SIDE = 256


def found_in(run, seeds):
    """The scene, what is found in it and the raw outputs, of each seed."""
    for seed in seeds:
        scene = things.render(seed, SIDE, SIDE)
        outputs = list(run(scene.picture[None]).values())
        yield scene, decode.decode(outputs, SIDE, SIDE), outputs


def box_images(run, seeds) -> list[precision.Image]:
    return [precision.Image(found.scores, found.labels, scene.labels, decode.iou(found.boxes, scene.boxes))
            for scene, found, _ in found_in(run, seeds)]


def mask_images(run, seeds) -> list[precision.Image]:
    images = []
    for scene, found, outputs in found_in(run, seeds):
        masks = found.masks(decode.prototypes_of(outputs, SIDE), SIDE, SIDE)
        truth = np.array([scene.mask(index) for index in range(len(scene.labels))])
        images.append(precision.Image(found.scores, found.labels, scene.labels, precision.mask_iou(masks, truth)))
    return images


def report(folder: Path = HERE, count: int = 300, first: int = 0) -> str:
    """Means over the classes and a line for each."""
    seeds = range(first, first + count)
    boxes = precision.average_precision(box_images(runner.load(folder / DETECT), seeds))
    masks = precision.average_precision(mask_images(runner.load(folder / SEGMENT), seeds))
    lines = [f"{count} unseen scenes: box mAP@0.5 {np.mean(list(boxes.values())):.4f}, "
             f"mask mAP@0.5 {np.mean(list(masks.values())):.4f}"]
    lines += [f"{things.NAMES[label]:6} box {boxes[label]:.3f}  mask {masks[label]:.3f}" for label in sorted(boxes)]
    return "\n".join(lines)


if __name__ == "__main__":
    runner.measure(report, HERE, "Compare both files with the truth of unseen scenes.")
