"""Masks as COCO writes them, to arrays: the oracle of what hailo-segment answers.

Written from what pycocotools publishes: rleFrString() and rleDecode() of maskApi.c.
"""

import base64

import numpy

from .pictures import from_png


def counts_of(text):
    counts, at = [], 0
    while at < len(text):
        value, shift, more = 0, 0, True
        while more:
            group = ord(text[at]) - 48
            at += 1
            value |= (group & 0x1F) << shift
            more = bool(group & 0x20)
            shift += 5
            if not more and group & 0x10:
                value |= -1 << shift
        if len(counts) > 2:
            value += counts[-2]
        counts.append(value)
    return counts


def from_runs(runs):
    """{"size", "counts"} to a boolean array (height, width)."""
    height, width = runs["size"]
    counts = runs["counts"]
    if isinstance(counts, str):
        counts = counts_of(counts)
    assert sum(counts) == height * width, (sum(counts), height, width)
    flat = numpy.repeat(numpy.arange(len(counts)) % 2 == 1, counts)
    return flat.reshape((height, width), order="F")


def from_polygons(polygons, height, width):
    """Pixels whose middle is inside one of them, by the even-odd rule."""
    mask = numpy.zeros((height, width), bool)
    middles = numpy.arange(width) + 0.5
    for polygon in polygons:
        points = numpy.array(polygon, float).reshape(-1, 2)
        ends = numpy.roll(points, -1, axis=0)
        for row in range(height):
            y = row + 0.5
            crossed = (points[:, 1] > y) != (ends[:, 1] > y)
            (x0, y0), (x1, y1) = points[crossed].T, ends[crossed].T
            at = numpy.sort(x0 + (y - y0) / (y1 - y0) * (x1 - x0))
            mask[row] |= numpy.searchsorted(at, middles) % 2 == 1
    return mask


def from_picture(answer, height, width):
    """{"bounds", "png"} in a mask of the whole picture."""
    mask = numpy.zeros((height, width), bool)
    x, y, wide, high = answer["bounds"]
    if answer["png"] is not None:
        pixels = from_png(base64.b64decode(answer["png"]))[:, :, 0]
        assert pixels.shape == (high, wide) and set(numpy.unique(pixels)) <= {0, 255}
        mask[y:y + high, x:x + wide] = pixels == 255
    return mask


def overlap(a, b):
    """Intersection over union."""
    either = (a | b).sum()
    return (a & b).sum() / either if either else 1.0
