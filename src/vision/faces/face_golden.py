#!/usr/bin/env python3
"""Writes face_golden.hpp: what heads of faces mean, computed plainly with numpy.

The oracle is the published formula of each head, anchor by anchor (InsightFace's distance2bbox and distance2kps, OpenCV's
FaceDetectorYN, MediaPipe's tensors_to_detections), and the suppression of heads_golden.py, which compares every pair.
"""

import pathlib
import sys

import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from heads_golden import centred, grids, numbers, points_kept, sigmoid  # noqa: E402

THRESHOLD = 0.75
SIDE = 128  # of blazeface's input


def scrfd(noise):
    for _, stride, rows, columns in grids():
        n = 2 * rows * columns
        scores, boxes, points = noise(0, 1, n), noise(0.2, 4, n, 4), noise(-3, 3, n, 5, 2)
        for i in range(n):
            corner = numpy.array([i // 2 % columns, i // 2 // columns]) * stride
            yield (*(corner - boxes[i, :2] * stride), *(corner + boxes[i, 2:] * stride)), scores[i], corner + points[i] * stride


def yunet(noise):
    for _, stride, rows, columns in grids():
        n = rows * columns
        classes, objectness, boxes, points = noise(0, 1, n), noise(0, 1.02, n), noise(-1, 1.5, n, 4), noise(-3, 3, n, 5, 2)
        for i in range(n):
            cell = numpy.array([i % columns, i // columns])
            box = centred(*((cell + boxes[i, :2]) * stride), *(numpy.exp(boxes[i, 2:]) * stride))
            yield box, (classes[i] * min(objectness[i], 1))**0.5, (cell + points[i]) * stride


def blazeface(noise):
    for cells, anchors in ((16, 2), (8, 6)):
        n = cells * cells * anchors
        scores, rows = noise(-8, 2, n), noise(5, 40, n, 16)
        for i in range(n):
            middle = (numpy.array([i // anchors % cells, i // anchors // cells]) + 0.5) * SIDE / cells
            key = rows[i, 4:].reshape(6, 2) + middle
            across = 0.414 * (key[1] - key[0])
            yield (centred(*(rows[i, :2] + middle), *rows[i, 2:4]), sigmoid(scores[i]),
                   numpy.array([key[0], key[1], key[2], key[3] - across, key[3] + across]))


def main():
    text = ["// What the heads of find_face_head() mean, computed with numpy by face_golden.py, which wrote this", "// file.",
            "#pragma once", "", "#include <vector>", "", '#include "vision/faces/face_head.hpp"', "",
            "namespace npu::vision {", "", f"inline constexpr float kGoldenFaceThreshold = {THRESHOLD}F;",
            f"inline constexpr media::Size kGoldenBlazefaceInput{{{SIDE}, {SIDE}}};", "",
            "struct GoldenFace {", "  Detection face;", "  FacePoints points;", "};", "",
            "struct GoldenFaceHead {", "  FaceHeadKind kind;", "  std::vector<GoldenFace> kept;", "};", "",
            "// clang-format off", "inline const std::vector<GoldenFaceHead> kGoldenFaceHeads{"]
    heads = (("kScrfd", scrfd), ("kYunet", yunet), ("kBlazeface", blazeface))
    for name, head in heads:
        text.append(f"    {{FaceHeadKind::{name}, {{")
        for box, score, points in points_kept(head, THRESHOLD):
            at = ", ".join(f"{{{numbers(point)}}}" for point in points)
            text.append(f"        {{{{{{{numbers(box)}}}, {score:.6f}F, 0}},\n         {{{{{at}}}}}}},")
        text.append("    }},")
    text += ["};", "// clang-format on", "", "}  // namespace npu::vision", ""]
    path = pathlib.Path(__file__).with_suffix(".hpp")
    path.write_text("\n".join(text))
    print(path, len(text), [len(points_kept(head, THRESHOLD)) for _, head in heads])


if __name__ == "__main__":
    main()
