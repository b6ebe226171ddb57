#!/usr/bin/env python3
"""Trains detect-segment-tiny from nothing on drawn scenes and writes its two ONNX files.

    python3 train.py                                the shipped model
    python3 train.py --scenes 200 --minutes 1 --out /tmp    a quick look

Needs PyTorch, ONNX, NumPy and Pillow; no GPU, no data set.
"""
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import evaluate
from drawn import things
from yolo import train
from yolo.network import Shape

if __name__ == "__main__":
    train.run("Render scenes of things, train the network on them, write and measure the ONNX files.",
              things.render, Shape(classes=len(things.NAMES), extra=32, prototypes=True), mirror=True,
              files={evaluate.SEGMENT: True, evaluate.DETECT: False}, folder=HERE, measure=evaluate.report)
