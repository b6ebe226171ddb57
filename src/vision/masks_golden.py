#!/usr/bin/env python3
"""Writes masks_golden.hpp: what heads of segmenters mean, computed plainly with numpy.

The oracle is the published formula of each head, pixel by pixel, and the text of a mask as rleToString() of pycocotools
is published. With the C++ code it shares the generator of the numbers, with heads_golden.py the boxes.
"""

import pathlib
import textwrap

import numpy

from heads_golden import CLASSES, HEIGHT, STRIDES, WIDTH, Noise, centred, iou, sigmoid, yolov5_boxes

PICTURE = (150, 90)  # width, height; letterboxed into the input
SCALED, CORNER = (96, 57), (0, 3)
COEFFICIENTS, THRESHOLD, OVERLAP, MOST = 4, 0.6, 0.45, 3


def grids():
    for level, stride in enumerate(STRIDES):
        yield level, stride, HEIGHT // stride, WIDTH // stride


def dfl(noise):
    found = []
    for _, stride, rows, columns in grids():
        boxes, scores = noise(-4, 4, rows, columns, 64), noise(-6, 1.5, rows, columns, CLASSES)
        coefficients = noise(-2, 2, rows, columns, COEFFICIENTS)
        for y in range(rows):
            for x in range(columns):
                bins = numpy.exp(boxes[y, x].reshape(4, 16))
                left, top, right, bottom = (bins / bins.sum(1, keepdims=True)) @ numpy.arange(16) * stride
                cx, cy = (x + 0.5) * stride, (y + 0.5) * stride
                found.append(((cx - left, cy - top, cx + right, cy + bottom), sigmoid(scores[y, x]), coefficients[y, x]))
    return found, noise(-2, 2, HEIGHT // 4, WIDTH // 4, COEFFICIENTS).transpose(2, 0, 1)


def decoded(noise):
    n = sum(rows * columns for _, _, rows, columns in grids())
    boxes, scores, coefficients = noise(5, 60, 4, n), noise(0, 0.8, CLASSES, n), noise(-2, 2, COEFFICIENTS, n)
    return ([(centred(*boxes[:, i]), scores[:, i], coefficients[:, i]) for i in range(n)],
            noise(-2, 2, COEFFICIENTS, HEIGHT // 4, WIDTH // 4))


def yolov5(noise):
    found = []
    for level, stride, rows, columns in grids():
        values = noise(-3, 3, rows, columns, 3, 5 + CLASSES + COEFFICIENTS)
        for box, scores, rest in yolov5_boxes(level, stride, values, CLASSES):
            found.append((box, scores, rest))
    return found, noise(-2, 2, HEIGHT // 4, WIDTH // 4, COEFFICIENTS).transpose(2, 0, 1)


def kept(found):
    found = sorted(((scores.max(), int(scores.argmax()), box, c) for box, scores, c in found if scores.max() >= THRESHOLD),
                   key=lambda f: -f[0])
    out = []
    for one in found:
        if all(iou(one[2], other[2]) <= OVERLAP or one[1] != other[1] for other in out):
            out.append(one)
    return out[:MOST]


def mask_of(coefficients, prototypes, box):
    field = sigmoid(numpy.tensordot(coefficients, prototypes, 1))
    mask = numpy.zeros((PICTURE[1], PICTURE[0]), bool)
    for y in range(PICTURE[1]):
        for x in range(PICTURE[0]):
            at_x = CORNER[0] + (x + 0.5) * SCALED[0] / PICTURE[0]
            at_y = CORNER[1] + (y + 0.5) * SCALED[1] / PICTURE[1]
            if not (box[0] <= at_x < box[2] and box[1] <= at_y < box[3]):
                continue
            u = min(max(at_x / 4 - 0.5, 0), field.shape[1] - 1)
            v = min(max(at_y / 4 - 0.5, 0), field.shape[0] - 1)
            left, top = min(int(u), field.shape[1] - 2), min(int(v), field.shape[0] - 2)
            part = field[top:top + 2, left:left + 2]
            mask[y, x] = numpy.array([top + 1 - v, v - top]) @ part @ numpy.array([left + 1 - u, u - left]) > 0.5
    return mask


def counts_of(mask):
    counts, inside, run = [], False, 0
    for pixel in mask.ravel(order="F"):
        if pixel != inside:
            counts.append(run)
            inside, run = pixel, 0
        run += 1
    return [*counts, run]


def text_of(counts):
    text = ""
    for i, count in enumerate(counts):
        x = count - counts[i - 2] if i > 2 else count
        while True:
            c = x & 31
            x >>= 5
            more = x != -1 if c & 16 else x != 0
            text += chr((c | 32 if more else c) + 48)
            if not more:
                break
    return text


def main():
    text = ["// What the heads of find_segment_head() mean, computed with numpy by masks_golden.py, which wrote this file.",
            "// The numbers come from its generator.", "#pragma once", "", "#include <string_view>", "#include <vector>", "",
            '#include "vision/mask_field.hpp"', '#include "vision/segment_head.hpp"', "", "namespace npu::vision {", "",
            f"inline constexpr media::Size kMaskInput{{{WIDTH}, {HEIGHT}}};",
            f"inline constexpr PictureInInput kMaskPicture{{{{{PICTURE[0]}, {PICTURE[1]}}}, {CORNER[0]}, {CORNER[1]},",
            f"                                           {SCALED[0]}.F / {PICTURE[0]}, {SCALED[1]}.F / {PICTURE[1]}}};",
            f"inline constexpr int kMaskClasses = {CLASSES};",
            f"inline constexpr int kMaskCoefficients = {COEFFICIENTS};",
            f"inline constexpr float kMaskThreshold = {THRESHOLD}F;",
            f"inline constexpr float kMaskOverlap = {OVERLAP}F;",
            f"inline constexpr std::size_t kMaskMost = {MOST};", "",
            "struct GoldenMask {", "  Detection detection;", "  std::vector<std::uint32_t> counts;",
            "  std::string_view text;", "};", "struct GoldenSegments {", "  SegmentKind kind;",
            "  std::vector<GoldenMask> kept;", "};", "",
            "// clang-format off", "inline const std::vector<GoldenSegments> kGoldenSegments{"]
    for name, head in (("kDfl", dfl), ("kDecoded", decoded), ("kYolov5", yolov5)):
        text.append(f"    {{SegmentKind::{name}, {{")
        found, prototypes = head(Noise())
        for score, label, box, coefficients in kept(found):
            counts = counts_of(mask_of(coefficients, prototypes, box))
            edges = ", ".join(f"{edge:.4f}F" for edge in box)
            text.append(f"        {{{{{{{edges}}}, {score:.6f}F, {label}}},")
            text += textwrap.wrap(f"{{{', '.join(map(str, counts))}}},", 100, initial_indent=" " * 9,
                                  subsequent_indent=" " * 10)
            lines = textwrap.wrap(text_of(counts), 90)
            text += [f'         R"({line})"' for line in lines]
            text[-1] += "},"
        text.append("    }},")
    large = text_of([5_000_000, 100, 4000 * 3000 - 5_000_100])
    text += ["};", "// clang-format on", "", "// Pixels 5,000,000 to 5,000,099 of a picture of 4000 x 3000.",
             f'inline constexpr std::string_view kGoldenLargeText = R"({large})";', "", "}  // namespace npu::vision", ""]
    path = pathlib.Path(__file__).with_suffix(".hpp")
    path.write_text("\n".join(text))


if __name__ == "__main__":
    main()
