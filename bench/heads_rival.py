#!/usr/bin/env python3
"""The rival of heads_bench: the same heads written plainly with numpy, as a Python service would.

    heads_rival.py FOLDER ROUNDS    reads FOLDER/scenes.json, prints a line of JSON for each scene: milliseconds that a
                                    quarter of the rounds do not exceed, and what was found

Boxes are decoded only where a score reaches the threshold; sums over arrays are numpy's, loops go over what is found.
"""

import json
import pathlib
import sys
import time

import numpy

SIDE, THRESHOLD, OVERLAP, MOST = 640, 0.4, 0.45, 100
STRIDES = (8, 16, 32)


def sigmoid(x):
    return 1 / (1 + numpy.exp(-x))


def suppressed(boxes, scores, labels):
    """Indices of those that stay, best first: class by class, as class-aware suppression is usually written."""
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept = []
    for label in numpy.unique(labels):
        order = numpy.nonzero(labels == label)[0]
        order = order[numpy.argsort(-scores[order])]
        while order.size:
            best, rest = order[0], order[1:]
            kept.append(best)
            size = numpy.minimum(boxes[best, 2:], boxes[rest, 2:]) - numpy.maximum(boxes[best, :2], boxes[rest, :2])
            both = numpy.prod(numpy.maximum(size, 0), axis=1)
            order = rest[both / (areas[best] + areas[rest] - both) <= OVERLAP]
    kept = numpy.array(kept, int)
    return kept[numpy.argsort(-scores[kept])][:MOST]


def points_of(values, columns, rows, stride):
    values = values.reshape(-1, 17, 3)
    xy = (values[:, :, :2] * 2 + numpy.stack([columns, rows], axis=1)[:, None]) * stride
    return numpy.concatenate([xy, sigmoid(values[:, :, 2:])], axis=2)


def raw(tensors, third=None):
    """Boxes, scores and labels of what reaches the threshold; and, where each stride has a third output, what that
    function makes of its values there."""
    boxes, scores, labels, others = [], [], [], []
    step = 3 if third else 2
    for level, stride in enumerate(STRIDES):
        bins, logits = tensors[level * step:level * step + 2]
        shares = sigmoid(logits)
        best = shares.max(axis=2)
        rows, columns = numpy.nonzero(best >= THRESHOLD)
        bins = bins[rows, columns].reshape(-1, 4, 16)
        bins = numpy.exp(bins - bins.max(axis=2, keepdims=True))
        edges = (bins / bins.sum(axis=2, keepdims=True)) @ numpy.arange(16, dtype=numpy.float32) * stride
        x, y = (columns + 0.5) * stride, (rows + 0.5) * stride
        boxes.append(numpy.stack([x - edges[:, 0], y - edges[:, 1], x + edges[:, 2], y + edges[:, 3]], axis=1))
        scores.append(best[rows, columns])
        labels.append(shares[rows, columns].argmax(axis=1))
        if third:
            others.append(third(tensors[level * step + 2][rows, columns], columns, rows, stride))
    return [numpy.concatenate(parts) for parts in (boxes, scores, labels, others) if parts]


def table(boxes, scores, labels, points=None):
    kept = suppressed(boxes, scores, labels)
    found = [boxes[kept], scores[kept, None]]
    if points is not None:
        found.append(points[kept].reshape(-1, 51))
    return numpy.concatenate(found, axis=1)


def decoded(tensors):
    planes, = tensors
    best = planes[4:].max(axis=0)
    seen = numpy.nonzero(best >= THRESHOLD)[0]
    centre, size = planes[:2, seen].T, planes[2:4, seen].T
    boxes = numpy.concatenate([centre - size / 2, centre + size / 2], axis=1)
    kept = suppressed(boxes, best[seen], planes[4:, seen].argmax(axis=0))
    return numpy.concatenate([boxes[kept], best[seen][kept, None]], axis=1)


HEADS = {"dfl": lambda tensors: table(*raw(tensors)), "decoded": decoded,
         "pose": lambda tensors: table(*raw(tensors, points_of))}


def main():
    folder, rounds = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    for scene in json.loads((folder / "scenes.json").read_text()):
        tensors = [numpy.fromfile(folder / one["file"], numpy.float32).reshape(one["shape"]) for one in scene["tensors"]]
        took = []
        for _ in range(rounds):
            begin = time.perf_counter()
            found = HEADS[scene["head"]](tensors)
            took.append(time.perf_counter() - begin)
        print(json.dumps({"ms": sorted(took)[len(took) // 4] * 1e3, "found": found.ravel().tolist()}))


if __name__ == "__main__":
    main()
