#!/usr/bin/env python3
"""Writes heads_golden.hpp: what heads of detectors mean, computed plainly with numpy.

The oracle is the published formula of each head, cell by cell, and a suppression that compares every pair.
Nothing here is shared with the C++ code but the generator of the numbers.
"""

import pathlib

import numpy

WIDTH, HEIGHT, CLASSES = 96, 64, 3
STRIDES = (8, 16, 32)
THRESHOLD, OVERLAP = 0.6, 0.45
ANCHORS = ([(10, 13), (16, 30), (33, 23)], [(30, 61), (62, 45), (59, 119)], [(116, 90), (156, 198), (373, 326)])


class Noise:
    """Numbers in low..high from a linear congruential generator, the same in both languages."""

    def __init__(self):
        self.x = 1

    def __call__(self, low, high, *shape):
        values = []
        for _ in range(int(numpy.prod(shape))):
            self.x = (self.x * 1664525 + 1013904223) % 2**32
            values.append(numpy.float32(low) + numpy.float32(high - low) * numpy.float32((self.x >> 8) / 2**24))
        return numpy.array(values, numpy.float64).reshape(shape)


def sigmoid(x):
    return 1 / (1 + numpy.exp(-x))


def grids():
    for level, stride in enumerate(STRIDES):
        yield level, stride, HEIGHT // stride, WIDTH // stride


def centred(cx, cy, w, h):
    return cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2


def dfl(noise):
    for _, stride, rows, columns in grids():
        boxes, scores = noise(-4, 4, rows, columns, 64), noise(-6, 1.5, rows, columns, CLASSES)
        for y in range(rows):
            for x in range(columns):
                bins = numpy.exp(boxes[y, x].reshape(4, 16))
                left, top, right, bottom = (bins / bins.sum(1, keepdims=True)) @ numpy.arange(16) * stride
                cx, cy = (x + 0.5) * stride, (y + 0.5) * stride
                yield (cx - left, cy - top, cx + right, cy + bottom), sigmoid(scores[y, x])


def decoded(noise):
    n = sum(rows * columns for _, _, rows, columns in grids())
    boxes, scores = noise(5, 60, 4, n), noise(0, 0.8, CLASSES, n)
    for i in range(n):
        yield centred(*boxes[:, i]), scores[:, i]


def yolov5_boxes(level, stride, values, classes):
    """values: (rows, columns, 3, 5 + classes + more). Gives box, scores and those behind the scores as they are."""
    for y in range(values.shape[0]):
        for x in range(values.shape[1]):
            for anchor, raw in zip(ANCHORS[level], values[y, x]):
                v = sigmoid(raw)
                yield (centred((2 * v[0] + x - 0.5) * stride, (2 * v[1] + y - 0.5) * stride,
                               (2 * v[2])**2 * anchor[0], (2 * v[3])**2 * anchor[1]),
                       v[4] * v[5:5 + classes], raw[5 + classes:])


def yolov5(noise):
    for level, stride, rows, columns in grids():
        for box, scores, _ in yolov5_boxes(level, stride, noise(-3, 3, rows, columns, 3, 5 + CLASSES), CLASSES):
            yield box, scores


def yolox(noise):
    n = sum(rows * columns for _, _, rows, columns in grids())
    values = noise(0, 1, n, 5 + CLASSES)
    i = 0
    for _, stride, rows, columns in grids():
        for y in range(rows):
            for x in range(columns):
                v = values[i]
                i += 1
                yield centred((v[0] + x) * stride, (v[1] + y) * stride, numpy.exp(v[2]) * stride,
                              numpy.exp(v[3]) * stride), v[4] * v[5:]


def ssd(noise):
    rows = 60
    corner, size = noise(0, 0.6, rows, 2), noise(0.05, 0.4, rows, 2)
    labels, scores = numpy.floor(noise(1, 1 + CLASSES, rows)), noise(0, 1, rows)
    for i in range(rows - 5):  # the last five do not count
        (y, x), (h, w) = corner[i], size[i]
        one_hot = numpy.zeros(CLASSES)
        one_hot[int(labels[i]) - 1] = scores[i]
        yield (x * WIDTH, y * HEIGHT, (x + w) * WIDTH, (y + h) * HEIGHT), one_hot


def iou(a, b):
    w = min(a[2], b[2]) - max(a[0], b[0])
    h = min(a[3], b[3]) - max(a[1], b[1])
    if w <= 0 or h <= 0:
        return 0
    return w * h / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - w * h)


def kept(head, agnostic):
    found = sorted(((scores.max(), int(scores.argmax()), box) for box, scores in head(Noise())
                    if scores.max() >= THRESHOLD), key=lambda f: -f[0])
    out = []
    for score, label, box in found:
        if all(iou(box, other) <= OVERLAP or not (agnostic or label == its) for _, its, other in out):
            out.append((score, label, box))
    return out


def points_kept(head, threshold):
    """Of a head whose cells give a box, a score and points: those that are left of it."""
    found = sorted((one for one in head(Noise()) if one[1] >= threshold), key=lambda one: -one[1])
    out = []
    for one in found:
        if all(iou(one[0], other[0]) <= OVERLAP for other in out):
            out.append(one)
    return out


def numbers(values):
    return ", ".join(f"{value:.4f}F" for value in values)


def main():
    text = ["// What the heads of find_head() mean, computed with numpy by heads_golden.py, which wrote this file.",
            "// The numbers come from its generator.", "#pragma once", "", "#include <vector>", "",
            '#include "vision/head.hpp"', "", "namespace npu::vision {", "",
            f"inline constexpr media::Size kGoldenInput{{{WIDTH}, {HEIGHT}}};",
            f"inline constexpr int kGoldenClasses = {CLASSES};",
            f"inline constexpr float kGoldenThreshold = {THRESHOLD}F;",
            f"inline constexpr float kGoldenOverlap = {OVERLAP}F;", "",
            "struct GoldenHead {", "  HeadKind kind;", "  bool agnostic;", "  std::vector<Detection> kept;", "};", "",
            "// clang-format off", "inline const std::vector<GoldenHead> kGoldenHeads{"]
    for name, head in (("kDfl", dfl), ("kDecoded", decoded), ("kYolov5", yolov5), ("kYolox", yolox), ("kSsd", ssd)):
        for agnostic in (False, True):
            text.append(f"    {{HeadKind::{name}, {'true' if agnostic else 'false'}, {{")
            for score, label, box in kept(head, agnostic):
                text.append(f"        {{{{{numbers(box)}}}, {score:.6f}F, {label}}},")
            text.append("    }},")
    text += ["};", "// clang-format on", "", "}  // namespace npu::vision", ""]
    path = pathlib.Path(__file__).with_suffix(".hpp")
    path.write_text("\n".join(text))
    print(path, [len(kept(head, False)) for head in (dfl, decoded, yolov5, yolox, ssd)])


if __name__ == "__main__":
    main()
