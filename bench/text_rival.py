#!/usr/bin/env python3
"""The rival of text_bench: before and after the networks that read a page, written plainly with PIL and numpy as a Python
service would.

    text_rival.py FOLDER ROUNDS WIDTH HEIGHT    reads picture.u8 (as large as the map twice a side), map.f32 and scores.f32,
                                                prints a line of JSON for each step: milliseconds of the median round and
                                                what came of it

Sums over arrays are numpy's, pixels are PIL's; loops go over rows of runs, outlines and lines of text.
"""

import json
import math
import pathlib
import sys
import time

import numpy
from PIL import Image

THRESHOLD, BOX, RATIO, SIDE, STRIP = .3, .6, 1.5, 3, 48
STEPS, CLASSES = 40, 97
TABLE = ("0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~!\"#$%&'()*+,-./  ")


def components(bits):
    """The ends of the runs of each connected part: (x, y)."""
    padded = numpy.zeros((bits.shape[0], bits.shape[1] + 2), numpy.int8)
    padded[:, 1:-1] = bits
    edges = numpy.diff(padded, axis=1)
    rows, starts = numpy.nonzero(edges == 1)
    _, ends = numpy.nonzero(edges == -1)
    parent = list(range(len(rows)))

    def root(i):
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    first = numpy.searchsorted(rows, numpy.arange(bits.shape[0] + 1))
    for y in range(1, bits.shape[0]):
        above, i = first[y - 1], first[y]
        while above < first[y] and i < first[y + 1]:
            if starts[i] <= ends[above] and starts[above] <= ends[i]:
                parent[root(i)] = root(above)
            if ends[above] < ends[i]:
                above += 1
            else:
                i += 1
    parts = {}
    for i in range(len(rows)):
        parts.setdefault(root(i), []).extend(((starts[i], rows[i]), (ends[i] - 1, rows[i])))
    return [numpy.array(sorted(set(points)), float) for points in parts.values()]


def hull(points):
    def half(order):
        out = []
        for p in order:
            while len(out) > 1 and ((out[-1][0] - out[-2][0]) * (p[1] - out[-2][1]) <= (out[-1][1] - out[-2][1]) * (p[0] - out[-2][0])):
                out.pop()
            out.append(p)
        return out[:-1]
    return numpy.array(half(points.tolist()) + half(points[::-1].tolist()))


def rectangle(points):
    corners = hull(points)
    sides = numpy.roll(corners, -1, 0) - corners
    u = sides / numpy.hypot(*sides.T)[:, None]
    v = numpy.stack([-u[:, 1], u[:, 0]], 1)
    a, b = u @ corners.T, v @ corners.T
    width, height = numpy.ptp(a, axis=1), numpy.ptp(b, axis=1)
    i = numpy.argmin(width * height)
    middle = (a[i].max() + a[i].min()) / 2 * u[i] + (b[i].max() + b[i].min()) / 2 * v[i]
    return middle, u[i], v[i], width[i], height[i]


def regions(values):
    found = []
    for points in components(values > THRESHOLD):
        if len(points) < 3:
            continue
        middle, u, v, w, h = rectangle(points)
        if min(w, h) < SIDE:
            continue
        x0, y0 = numpy.maximum(points.min(0).astype(int) - 1, 0)
        x1, y1 = points.max(0).astype(int) + 2
        y, x = numpy.mgrid[y0:y1, x0:x1]
        y, x = y[:values.shape[0] - y0, :values.shape[1] - x0], x[:values.shape[0] - y0, :values.shape[1] - x0]
        inside = (abs((x - middle[0]) * u[0] + (y - middle[1]) * u[1]) <= w / 2 + 1e-4) & \
                 (abs((x - middle[0]) * v[0] + (y - middle[1]) * v[1]) <= h / 2 + 1e-4)
        if values[y0:y1, x0:x1][inside].mean() < BOX:
            continue
        more = w * h * RATIO / (w + h)
        a, b = u * (w + more) / 2, v * (h + more) / 2
        corners = sorted((tuple(middle + .5 + i * a + j * b) for i, j in ((-1, -1), (-1, 1), (1, -1), (1, 1))))
        left, right = sorted(corners[:2], key=lambda p: p[1]), sorted(corners[2:], key=lambda p: p[1])
        found.append(numpy.array([left[0], right[0], right[1], left[1]]))
    return found


def strips(picture, quads):
    cut = []
    for quad in quads:
        quad = quad * 2  # from the map to the picture
        width = math.ceil(STRIP * numpy.hypot(*(quad[1] - quad[0])) / numpy.hypot(*(quad[3] - quad[0])))
        rows = []
        for (x, y), (u, v) in zip(((0, 0), (width, 0), (width, STRIP), (0, STRIP)), quad):
            rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        how = numpy.linalg.solve(numpy.array(rows), quad.ravel())
        cut.append(picture.transform((width, STRIP), Image.PERSPECTIVE, how.tolist(), Image.BICUBIC))
    return [numpy.asarray(strip) for strip in cut]


def texts(scores):
    read = []
    for one in scores:
        best = one.argmax(axis=1)
        best = best[numpy.concatenate([[True], best[1:] != best[:-1]])]
        read.append("".join(TABLE[i - 1] for i in best if i))
    return read


def main():
    folder, rounds, width, height = pathlib.Path(sys.argv[1]), *map(int, sys.argv[2:])
    picture = Image.fromarray(numpy.fromfile(folder / "picture.u8", numpy.uint8).reshape(2 * height, 2 * width, 3))
    values = numpy.fromfile(folder / "map.f32", numpy.float32).reshape(height, width)
    scores = numpy.fromfile(folder / "scores.f32", numpy.float32).reshape(-1, STEPS, CLASSES)
    quads = sorted(regions(values), key=lambda quad: tuple(quad[0]))
    for step, come in ((lambda: numpy.asarray(picture.resize((width, height), Image.BILINEAR)), lambda out: int(out.sum())),
                       (lambda: regions(values), lambda out: [quad.ravel().tolist() for quad in out]),
                       (lambda: strips(picture, quads), lambda out: [[strip.shape[1], float(strip.mean())] for strip in out]),
                       (lambda: texts(scores), lambda out: out)):
        took = []
        for _ in range(rounds):
            begin = time.perf_counter()
            out = step()
            took.append(time.perf_counter() - begin)
        print(json.dumps({"ms": sorted(took)[len(took) // 2] * 1e3, "result": come(out)}))


if __name__ == "__main__":
    main()
