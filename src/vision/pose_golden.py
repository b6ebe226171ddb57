#!/usr/bin/env python3
"""Writes pose_golden.hpp: what heads of people with key points mean, computed plainly with numpy.

The oracle is Ultralytics' published formula of its Pose head, cell by cell (kpts_decode: (2 raw + anchor - 0.5) stride,
sigmoid for the visibility), and the suppression of heads_golden.py, which compares every pair.
"""

import pathlib

import numpy

from heads_golden import centred, grids, numbers, points_kept, sigmoid

THRESHOLD = 0.7
POINTS = 17


def dfl(noise):
    for _, stride, rows, columns in grids():
        boxes, scores = noise(-4, 4, rows, columns, 64), noise(-6, 1.5, rows, columns, 1)
        points = noise(-2, 2, rows, columns, POINTS, 3)
        for y in range(rows):
            for x in range(columns):
                bins = numpy.exp(boxes[y, x].reshape(4, 16))
                left, top, right, bottom = (bins / bins.sum(1, keepdims=True)) @ numpy.arange(16) * stride
                anchor = numpy.array([x + 0.5, y + 0.5])
                cx, cy = anchor * stride
                xy = (points[y, x, :, :2] * 2 + (anchor - 0.5)) * stride
                yield ((cx - left, cy - top, cx + right, cy + bottom), sigmoid(scores[y, x, 0]),
                       numpy.column_stack([xy, sigmoid(points[y, x, :, 2])]))


def decoded(noise):
    n = sum(rows * columns for _, _, rows, columns in grids())
    values = noise(0, 1, 5 + 3 * POINTS, n)
    values[:4] = 5 + 55 * values[:4]
    points = values[5:].reshape(POINTS, 3, n) * numpy.array([96, 64, 1]).reshape(1, 3, 1)
    for i in range(n):
        yield centred(*values[:4, i]), values[4, i] * 0.8, points[:, :, i]


def main():
    text = ["// What the heads of find_pose_head() mean, computed with numpy by pose_golden.py, which wrote this file.",
            "#pragma once", "", "#include <vector>", "", '#include "vision/pose_head.hpp"', "",
            "namespace npu::vision {", "", f"inline constexpr float kGoldenPoseThreshold = {THRESHOLD}F;", "",
            "struct GoldenPerson {", "  Detection person;", "  KeyPoints points;", "};", "",
            "struct GoldenPoseHead {", "  PoseHeadKind kind;", "  std::vector<GoldenPerson> kept;", "};", "",
            "// clang-format off", "inline const std::vector<GoldenPoseHead> kGoldenPoseHeads{"]
    for name, head in (("kDfl", dfl), ("kDecoded", decoded)):
        text.append(f"    {{PoseHeadKind::{name}, {{")
        for box, score, points in points_kept(head, THRESHOLD):
            text.append(f"        {{{{{{{numbers(box)}}}, {score:.6f}F, 0}}, {{{{")
            for i in range(0, POINTS, 4):
                text.append("            " + " ".join(f"{{{numbers(point)}}}," for point in points[i:i + 4]))
            text.append("        }}},")
        text.append("    }},")
    text += ["};", "// clang-format on", "", "}  // namespace npu::vision", ""]
    path = pathlib.Path(__file__).with_suffix(".hpp")
    path.write_text("\n".join(text))
    print(path, len(text), [len(points_kept(head, THRESHOLD)) for head in (dfl, decoded)])


if __name__ == "__main__":
    main()
