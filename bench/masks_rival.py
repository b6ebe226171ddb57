#!/usr/bin/env python3
"""The rival of masks_bench: a decoded YOLO11-seg to COCO's runs, written plainly with numpy as a Python service would.

    masks_rival.py FOLDER ROUNDS WIDTHxHEIGHT...    reads rows.f32 and planes.f32, prints a line of JSON for each picture:
                                                    milliseconds of the median round, and the pixels inside of each mask

Masks are interpolated within their boxes only; sums over arrays are numpy's, loops go over what is found.
"""

import json
import pathlib
import sys
import time

import numpy

SIDE, CLASSES, THRESHOLD, OVERLAP, MOST = 640, 80, 0.4, 0.45, 100


def suppressed(boxes, scores, labels):
    """Indices of those that stay, best first."""
    order = numpy.argsort(-scores)
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept = []
    while order.size and len(kept) < MOST:
        best, rest = order[0], order[1:]
        kept.append(best)
        size = numpy.minimum(boxes[best, 2:], boxes[rest, 2:]) - numpy.maximum(boxes[best, :2], boxes[rest, :2])
        both = numpy.prod(numpy.maximum(size, 0), axis=1)
        overlap = both / (areas[best] + areas[rest] - both)
        order = rest[(overlap <= OVERLAP) | (labels[rest] != labels[best])]
    return kept


def axis(low, high, origin, scale, length, samples):
    """Pixels of the picture between two edges in the input, and between which samples of the field they lie."""
    first, last = (int(min(max(numpy.ceil((edge - origin) / scale - 0.5), 0), length)) for edge in (low, high))
    at = numpy.clip((origin + (numpy.arange(first, last) + 0.5) * scale) * samples / SIDE - 0.5, 0, samples - 1)
    before = numpy.minimum(at.astype(int), samples - 2)
    return first, before, (at - before).astype(numpy.float32)


def runs_of(mask, top, left, width, height):
    """A mask within its box to counts of the whole picture."""
    columns = numpy.zeros((mask.shape[1], height), bool)
    columns[:, top:top + mask.shape[0]] = mask.T
    edges = numpy.flatnonzero(numpy.diff(columns.ravel(), prepend=False, append=False)) + left * height
    return numpy.diff(edges, prepend=0, append=width * height)


def masks(rows, planes, width, height):
    best = rows[4:4 + CLASSES].max(axis=0)
    seen = numpy.nonzero(best >= THRESHOLD)[0]
    centre, size = rows[:2, seen].T, rows[2:4, seen].T
    boxes = numpy.concatenate([centre - size / 2, centre + size / 2], axis=1)
    kept = suppressed(boxes, best[seen], rows[4:4 + CLASSES, seen].argmax(axis=0))
    return masks_of(rows[4 + CLASSES:, seen[kept]].T, planes, boxes[kept], width, height)


def masks_of(coefficients, planes, boxes, width, height):
    """Of a letterboxed picture that is at least as wide as high."""
    scale = SIDE / width
    origin = (SIDE - height * scale) / 2
    fields = coefficients @ planes.reshape(planes.shape[0], -1)
    fields = (1 / (1 + numpy.exp(-fields))).reshape(-1, *planes.shape[1:])
    found = []
    for field, (x0, y0, x1, y1) in zip(fields, boxes):
        left, x, u = axis(x0, x1, 0, scale, width, planes.shape[2])
        top, y, v = axis(y0, y1, origin, scale, height, planes.shape[1])
        across = field[:, x] * (1 - u) + field[:, x + 1] * u
        mask = across[y] * (1 - v[:, None]) + across[y + 1] * v[:, None] > 0.5
        found.append(runs_of(mask, top, left, width, height))
    return found


def main():
    folder, rounds = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    rows = numpy.fromfile(folder / "rows.f32", numpy.float32).reshape(-1, 8400)
    planes = numpy.fromfile(folder / "planes.f32", numpy.float32).reshape(-1, 160, 160)
    for picture in sys.argv[3:]:
        width, height = map(int, picture.split("x"))
        took = []
        for _ in range(rounds):
            begin = time.perf_counter()
            found = masks(rows, planes, width, height)
            took.append(time.perf_counter() - begin)
        print(json.dumps({"ms": sorted(took)[len(took) // 2] * 1e3,
                          "areas": [int(counts[1::2].sum()) for counts in found]}))


if __name__ == "__main__":
    main()
