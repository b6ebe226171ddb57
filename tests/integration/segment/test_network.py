"""hailo-segment on an ONNX file whose answer is known: masks are those that numpy computes."""

import io
import unittest

import numpy
from PIL import Image

from fixture import Letterbox, SegmentTest
from support import onnx_file
from support.manager_process import ManagerProcess
from support.live_pictures import LivePictures
from support.pictures import flat, gradient, png
from support.websocket import Closed

WIDTH, HEIGHT, CLASSES = 192, 128, 80
ANCHORS = sum((WIDTH // s) * (HEIGHT // s) for s in (8, 16, 32))
# centre and size in the input, class, score, coefficients of: a ring, stripes, everywhere.
OBJECTS = (((96, 64, 100, 100), 16, 0.9, (1, 0, 0)), ((50, 60, 80, 70), 41, 0.8, (0, 1, 0)),
           ((150, 64, 60, 120), 0, 0.7, (-1, 0, 0)), ((30, 30, 20, 20), 2, 0.6, (0, 0, -1)))
PICTURES = ((192, 128), (1000, 400), (120, 90), (1600, 1200))


def prototypes():
    """(3, rows, columns): a ring around the middle, stripes that lean, a plane."""
    y, x = numpy.mgrid[0:HEIGHT // 4, 0:WIDTH // 4] * 4 + 2.0
    distance = numpy.hypot(x - WIDTH / 2, y - HEIGHT / 2)
    ring = 3 - numpy.abs(distance - 32) / 3
    stripes = 4 * numpy.sin((x + y) / 6)
    return numpy.stack([ring, stripes, numpy.full_like(ring, 5)])


def decoded():
    """(4 + classes + 3, anchors) with the objects somewhere in it."""
    out = numpy.zeros((4 + CLASSES + 3, ANCHORS))
    for i, (box, label, score, coefficients) in enumerate(OBJECTS):
        column = 17 + 101 * i
        out[:4, column] = box
        out[4 + label, column] = score
        out[4 + CLASSES:, column] = coefficients
    return out


def expected(box, coefficients, width, height):
    """The mask in the picture: interpolated, above one half and within the box."""
    letterbox = Letterbox(width, height, WIDTH, HEIGHT)
    field = 1 / (1 + numpy.exp(-numpy.tensordot(coefficients, prototypes(), 1)))
    x, y = letterbox.middles()
    u, v = (numpy.clip(at / 4 - 0.5, 0, size - 1) for at, size in ((x, WIDTH // 4), (y, HEIGHT // 4)))
    left, top = numpy.minimum(u.astype(int), WIDTH // 4 - 2), numpy.minimum(v.astype(int), HEIGHT // 4 - 2)
    u, v = u - left, (v - top)[:, None]
    above, below = field[top], field[top + 1]
    value = ((above[:, left] * (1 - u) + above[:, left + 1] * u) * (1 - v)
             + (below[:, left] * (1 - u) + below[:, left + 1] * u) * v)
    cx, cy, wide, high = box
    return (value > 0.5) & letterbox.inside((cx - wide / 2, cy - high / 2, cx + wide / 2, cy + high / 2))


class NetworkTest(SegmentTest):
    turned = False

    @classmethod
    def make_manager(cls):
        manager = ManagerProcess(arguments=("--device", "onnx"))
        boxes, planes = decoded()[None], prototypes()[None]
        if cls.turned:
            boxes, planes = boxes.transpose(0, 2, 1), planes.transpose(0, 2, 3, 1)
        onnx_file.write(manager.model_dir / "seg.onnx",
                        onnx_file.answers((HEIGHT, WIDTH, 3), {"output0": boxes, "output1": planes}))
        return manager

    @classmethod
    def model_path(cls):
        return cls.manager.model_dir / "seg.onnx"


class Decoded(NetworkTest):
    def test_masks_are_those_of_numpy(self):
        for width, height in PICTURES:
            found = self.segment(gradient(width, height))
            for one, (box, _, score, coefficients) in zip(found, OBJECTS, strict=True):
                with self.subTest(picture=(width, height), score=score):
                    self.assertAlmostEqual(one["confidence"], score, delta=1e-4)
                    should = expected(box, coefficients, width, height)
                    self.assertMask(self.mask_of(one, width, height), should)
                    self.assertEqual(one["area"], self.mask_of(one, width, height).sum())

    def test_polygons_keep_the_hole_of_a_ring(self):
        ring = self.segment(gradient(640, 480), mask_format="polygon")[0]
        self.assertEqual(len(ring["segmentation"]), 1)
        self.assertMask(self.mask_of(ring, 640, 480), expected(OBJECTS[0][0], OBJECTS[0][3], 640, 480), 0.97)

    def test_an_annotated_picture_shows_the_ring_and_what_is_in_its_middle(self):
        grey = flat(640, 480, 120)
        answer = self.client.post_form({"image": png(grey), "annotated": "true", "classes": "dog"}, "/v1/segment")
        self.assertEqual(answer.status, 200, answer.body[:500])
        drawn = numpy.asarray(Image.open(io.BytesIO(answer.body))).astype(int)
        self.assertEqual(drawn.shape, grey.shape)
        veiled = numpy.abs(drawn - 120).max(axis=2) > 20
        ring = expected(OBJECTS[0][0], OBJECTS[0][3], 640, 480)
        y, x = numpy.nonzero(ring)
        part = (slice(y.min() + 30, y.max() - 10), slice(x.min(), x.max()))  # without the label and the frame
        self.assertMask(veiled[part], ring[part], 0.95)

    def test_a_mask_of_nothing_is_one_in_each_form(self):
        for form, nothing in (("rle", None), ("counts", {"size": [128, 192], "counts": [128 * 192]}),
                              ("polygon", []), ("png", {"bounds": [0, 0, 0, 0], "png": None})):
            one = self.segment(gradient(192, 128), mask_format=form, classes="car")[0]
            self.assertEqual(one["area"], 0)
            if nothing is not None:
                self.assertEqual(one["segmentation"], nothing)
            self.assertFalse(self.mask_of(one, 192, 128).any())


class Live(NetworkTest):
    path = "/v1/segment/live"

    def test_a_frame_is_answered_as_a_request_is(self):
        picture = png(gradient(640, 480))
        posted = self.client.post_form({"image": picture, "mask_format": "counts"}, "/v1/segment").json()
        with LivePictures(self.service.port, f"{self.path}?mask_format=counts") as live:
            for number in (1, 2):
                live.send(picture)
                answered = live.answer()
                self.assertEqual(answered["frame"], number)
                self.assertEqual(answered["result"], posted)

    def test_an_annotated_frame_follows_its_answer(self):
        with LivePictures(self.service.port, f"{self.path}?annotated=true&classes=dog") as live:
            live.send(png(flat(640, 480, 120)))
            self.assertEqual(live.answer()["result"][0]["label"], "dog")
            drawn = live.picture()
        self.assertEqual(drawn.shape, (480, 640, 3))
        veiled = numpy.abs(drawn - 120).max(axis=2) > 20
        self.assertGreater(veiled[expected(OBJECTS[0][0], OBJECTS[0][3], 640, 480)].mean(), 0.95)

    def test_a_wrong_option_closes_with_what_would_be_right(self):
        live = self.enterContext(LivePictures(self.service.port, f"{self.path}?mask_format=svg"))
        with self.assertRaises(Closed) as end:
            live.receive()
        self.assertEqual(end.exception.code, 1008)
        self.assertIn("mask_format must be one of rle", end.exception.reason)


class Turned(NetworkTest):
    """(anchors, values) and (rows, columns, m), as exports for other runtimes have them."""

    turned = True

    def test_masks_are_the_same(self):
        found = self.segment(gradient(1000, 400))
        for one, (box, _, _, coefficients) in zip(found, OBJECTS, strict=True):
            self.assertMask(self.mask_of(one, 1000, 400), expected(box, coefficients, 1000, 400))


if __name__ == "__main__":
    unittest.main()
