#!/usr/bin/env python3
"""Trains pose-tiny from nothing on drawn figures and writes pose-tiny.onnx.

    python3 train.py                                the shipped model
    python3 train.py --scenes 200 --minutes 1 --out /tmp    a quick look

Needs PyTorch, ONNX, NumPy and Pillow; no GPU, no data set.
"""
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import evaluate
from drawn import people
from yolo import train
from yolo.network import Shape

if __name__ == "__main__":
    train.run("Render scenes of figures, train the network on them, write and measure the ONNX file.",
              people.render, Shape(classes=1, extra=3 * len(people.KEYPOINTS), prototypes=False),
              mirror=False,  # the bright half of the clothes is always the left one
              files={evaluate.POSE: True}, folder=HERE, measure=evaluate.report)
