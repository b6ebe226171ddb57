#!/usr/bin/env python3
"""Writes text_golden.hpp: what plain numpy makes of maps and pictures that the tests make by the same formulas.

    python3 src/vision/text_golden.py > src/vision/text_golden.hpp

Regions are flooded pixel by pixel, their least rectangle is the best of the directions of their hull's sides, their
score is the mean over their pixels; strips are sampled by the inverse of a homography that
numpy solves.
"""

import math

import numpy as np

# middle x, y, width, height, angle in degrees, value: of the texts of the map, in pixels
TEXTS = ((60, 20, 80, 10, 0, .95), (150, 50, 90, 12, 12, .9), (40, 80, 50, 10, -20, .85), (170, 110, 8, 60, 0, .9),
         (90, 120, 60, 8, 0, .45), (200, 20, 2, 1, 0, 1), (20, 140, 60, 14, 5, .8))
WIDTH, HEIGHT = 224, 160
THRESHOLD, BOX, RATIO, SIDE = .3, .6, 1.5, 3


def text_map():
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(float)
    out = np.zeros((HEIGHT, WIDTH))
    for cx, cy, w, h, angle, value in TEXTS:
        a = math.radians(angle)
        u = (x + .5 - cx) * math.cos(a) + (y + .5 - cy) * math.sin(a)
        v = -(x + .5 - cx) * math.sin(a) + (y + .5 - cy) * math.cos(a)
        inside = np.minimum(w / 2 - abs(u), h / 2 - abs(v))
        out = np.maximum(out, value * np.clip(inside / 2 + .5, 0, 1))
    return out.astype(np.float32)


def components(bits):
    left = set(zip(*np.nonzero(bits)))
    while left:
        todo, found = [left.pop()], []
        while todo:
            y, x = todo.pop()
            found.append((x, y))
            for near in [(y + j, x + i) for j in (-1, 0, 1) for i in (-1, 0, 1)]:
                if near in left:
                    left.remove(near)
                    todo.append(near)
        yield np.array(sorted(found), float)


def hull(points):
    def half(order):
        out = []
        for p in order:
            while len(out) > 1 and np.cross(out[-1] - out[-2], p - out[-2]) <= 0:
                out.pop()
            out.append(p)
        return out[:-1]
    return np.array(half(points) + half(points[::-1]))


def least_rectangle(points):
    """middle, two unit vectors, two lengths"""
    corners, best = hull(points), None
    for side in np.roll(corners, -1, 0) - corners:
        u = side / np.hypot(*side)
        v = np.array([-u[1], u[0]])
        a, b = corners @ u, corners @ v
        area = np.ptp(a) * np.ptp(b)
        if best is None or area < best[0] - 1e-9:
            best = area, (a.max() + a.min()) / 2 * u + (b.max() + b.min()) / 2 * v, u, v, np.ptp(a), np.ptp(b)
    return best[1:]


def regions():
    values = text_map()
    for points in components(values > THRESHOLD):
        if len(points) < 3:
            continue
        middle, u, v, w, h = least_rectangle(points)
        if min(w, h) < SIDE:
            continue
        x, y = points.astype(int).T
        score = values[y, x].mean()
        if score < BOX:
            continue
        wider = w * h * RATIO / (w + h)
        u, v = u * (w + wider) / 2, v * (h + wider) / 2
        corners = sorted(tuple(middle + .5 + a * u + b * v) for a, b in ((-1, -1), (-1, 1), (1, -1), (1, 1)))
        left, right = sorted(corners[:2], key=lambda p: p[1]), sorted(corners[2:], key=lambda p: p[1])
        yield score, (left[0], right[0], right[1], left[1])


QUADS = (((10, 8), (70, 8), (70, 24), (10, 24)), ((20, 10), (80, 30), (75, 48), (14, 26)), ((60, 50), (20, 44), (22, 30), (64, 33)),
         ((-8, 5), (30, 5), (30, 25), (-8, 25)))
STRIP = 16


def picture():
    y, x = np.mgrid[0:60, 0:100].astype(int)
    return np.stack([(2 * x + y) % 256, 128 + 100 * np.sin(x / 9.) * np.cos(y / 7.), 3 * y], 2).astype(np.uint8)


def strip(quad):
    q = np.array(quad, float)
    width = math.ceil(STRIP * np.hypot(*(q[1] - q[0])) / np.hypot(*(q[3] - q[0])))
    rows = []
    for (x, y), (u, v) in zip(((0, 0), (width, 0), (width, STRIP), (0, STRIP)), q):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y, u], [0, 0, 0, x, y, 1, -v * x, -v * y, v]]
    rows = np.array(rows)
    m = np.append(np.linalg.solve(rows[:, :8], rows[:, 8]), 1).reshape(3, 3)
    y, x = np.mgrid[0:STRIP, 0:width] + .5
    s = np.tensordot(m, np.stack([x, y, np.ones_like(x)]), 1)
    sx, sy = s[0] / s[2] - .5, s[1] / s[2] - .5
    p = picture().astype(float)
    x0, y0 = np.floor(sx).astype(int), np.floor(sy).astype(int)
    fx, fy = (sx - x0)[..., None], (sy - y0)[..., None]

    def at(i, j):
        return p[np.clip(j, 0, 59), np.clip(i, 0, 99)]
    mixed = (1 - fy) * ((1 - fx) * at(x0, y0) + fx * at(x0 + 1, y0)) + fy * ((1 - fx) * at(x0, y0 + 1) + fx * at(x0 + 1, y0 + 1))
    return np.round(mixed[::5, ::7, :]).astype(int)


def numbers(values):
    return "{" + ", ".join(f"{value:.2f}" for value in values) + "}"


def main():
    print("// Written by text_golden.py, which says what this is.")
    print("#pragma once\n\n#include <vector>\n\nnamespace npu::vision::golden {\n")
    print(f"inline constexpr int kMapWidth = {WIDTH};\ninline constexpr int kMapHeight = {HEIGHT};\n")
    print("struct Text {\n  double x, y, width, height, degrees, value;\n};")
    print("inline const std::vector<Text> kTexts = {")
    for text in TEXTS:
        print("    " + numbers(text) + ",")
    print("};\n\nstruct Region {\n  double score;\n  std::vector<double> corners;\n};")
    print("inline const std::vector<Region> kRegions = {")
    for score, corners in sorted(regions(), key=lambda r: (round(r[1][0][1]), r[1][0][0])):
        print(f"    {{{score:.4f},\n     {numbers(v for corner in corners for v in corner)}}},")
    print("};\n\n// Every seventh pixel of every fifth row.\nstruct Strip {\n  std::vector<double> quad;\n  std::vector<int> values;\n};")
    print("inline const std::vector<Strip> kStrips = {")
    for quad in QUADS:
        values = ", ".join(str(v) for v in strip(quad).ravel())
        print(f"    {{{numbers(v for corner in quad for v in corner)},\n     {{{values}}}}},")
    print("};\n\n}  // namespace npu::vision::golden")


if __name__ == "__main__":
    main()
