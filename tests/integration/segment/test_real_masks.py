"""hailo-segment with YOLO11n-seg as it is published (int8), where ../shared/models has it, on real pictures.

The oracle is numpy: the same network's raw outputs, of a picture that Pillow has fitted, by the published formula of the
head: a suppression that compares every pair, and each pixel of the picture by itself.
"""

import unittest

import numpy

from support.coco_masks import from_runs
from support.plain_vision import fitted, overlap
from support.real_network import SHARED, RealNetworkTest

try:
    from PIL import Image
except ImportError:
    Image = None

NETWORK = SHARED / "models" / "yolo11n_seg_int8.onnx"
SIDE, THRESHOLD, OVERLAP, CLASSES = 640, 0.4, 0.45, 80


def objects(rows):
    """(class, score, box in the input, mask coefficients), best first."""
    scores, labels = rows[4:4 + CLASSES].max(axis=0), rows[4:4 + CLASSES].argmax(axis=0)
    found = []
    for i in numpy.argsort(-scores, kind="stable"):
        if scores[i] < THRESHOLD:
            break
        cx, cy, w, h = rows[:4, i]
        box = (cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2)
        if all(label != labels[i] or overlap(box, other) <= OVERLAP for label, _, other, _ in found):
            found.append((labels[i], scores[i], box, rows[4 + CLASSES:, i]))
    return found


def mask_of(coefficients, planes, box, placed, width, height):
    """Of the whole picture: each pixel's middle in the input, and there between the four next samples."""
    field = 1 / (1 + numpy.exp(-numpy.tensordot(coefficients, planes, 1)))
    across, down, left, top = placed

    def samples(count, scale, origin, side):
        middles = (numpy.arange(count) + 0.5) * scale + origin
        at = numpy.clip(middles * side / SIDE - 0.5, 0, side - 1)
        before = numpy.minimum(at.astype(int), side - 2)
        return middles, before, at - before

    x, column, u = samples(width, across, left, field.shape[1])
    y, row, v = samples(height, down, top, field.shape[0])
    above = field[row][:, column] * (1 - u) + field[row][:, column + 1] * u
    below = field[row + 1][:, column] * (1 - u) + field[row + 1][:, column + 1] * u
    inside = above * (1 - v[:, None]) + below * v[:, None] > 0.5
    return inside & ((x >= box[0]) & (x < box[2])) & ((y >= box[1]) & (y < box[3]))[:, None]


@unittest.skipUnless(Image and NETWORK.exists(), "../shared/models or PIL is not there")
class RealMasks(RealNetworkTest):
    program = "hailo-segment"
    network = NETWORK
    model_type = "segment"

    def test_boxes_and_masks_are_those_that_numpy_finds(self):
        for file, wanted in (("astronaut.png", {"person"}), ("chelsea.png", {"cat"}), ("coffee.png", {"cup"})):
            with self.subTest(file):
                picture = numpy.asarray(Image.open(SHARED / "pictures" / file).convert("RGB"))
                height, width, _ = picture.shape
                given, placed = fitted(picture, SIDE)
                rows, planes = sorted((numpy.squeeze(output) for output in self.raw(given)), key=numpy.ndim)
                expected = objects(rows)
                sent = (SHARED / "pictures" / file).read_bytes()
                answer = self.client.post_form({"image": sent, "threshold": str(THRESHOLD), "mask_format": "rle"}, "/v1/segment")
                self.assertEqual(answer.status, 200, answer.body[:500])
                found = answer.json()
                self.assertLessEqual(wanted, {one["label"] for one in found})
                across, down, left, top = placed
                for one, (_, score, box, coefficients) in zip(found, expected, strict=True):
                    self.assertAlmostEqual(one["confidence"], score, delta=0.01)
                    corners = (numpy.reshape(box, (2, 2)) - [left, top]) / [across, down]
                    (x0, y0), (x1, y1) = numpy.clip(corners, 0, [width, height])
                    numpy.testing.assert_allclose(one["bbox"], [x0, y0, x1 - x0, y1 - y0], atol=1)
                    mask = from_runs(one["segmentation"])
                    truth = mask_of(coefficients, planes, box, placed, width, height)
                    self.assertGreaterEqual((mask & truth).sum() / (mask | truth).sum(), 0.99, one["label"])


if __name__ == "__main__":
    unittest.main()
