"""Annotated pictures, as Pillow reads them: the picture that was sent, with what was found drawn on it."""

import base64
import io
import unittest

import numpy
from PIL import Image

from fixture import CUP, PERSON, DetectTest, in_picture
from support.pictures import flat, gradient, png
from support.service_client import Client

# Of the classes 0 and 41, as src/media/palette.cpp has them.
PERSONS_COLOUR, CUPS_COLOUR = (230, 25, 75), (67, 99, 216)
GREY = 120


def pixels(jpeg):
    picture = Image.open(io.BytesIO(jpeg))
    assert picture.format == "JPEG" and picture.mode == "RGB", picture
    return numpy.asarray(picture).astype(int)


def encoded(array, kind, **how):
    out = io.BytesIO()
    Image.fromarray(array).save(out, kind, **how)
    return out.getvalue()


def differs(a, b):
    """How far apart two colours, or two pictures pixel by pixel, are."""
    return numpy.abs(numpy.asarray(a, int) - numpy.asarray(b, int)).max(axis=-1)


class Annotated(DetectTest):
    def annotated(self, picture, path="/v1/detect", **fields):
        answer = self.client.post_form({"image": picture, "annotated": "true", **fields}, path)
        self.assertEqual(answer.status, 200, answer.body[:500])
        self.assertEqual(answer.headers["Content-Type"], "image/jpeg")
        return pixels(answer.body)

    def assertFrame(self, drawn, box, colour):
        """Its four edges, in their middles, just inside of the box."""
        x, y, width, height = (round(value) for value in box)
        for at in ((y + height // 2, x), (y + height // 2, x + width - 1), (y, x + width * 3 // 4),
                   (y + height - 1, x + width // 2)):
            self.assertLess(differs(drawn[at], colour), 40, (at, drawn[at]))

    def test_the_boxes_are_where_the_objects_are(self):
        for width, height in ((1100, 700), (480, 640), (1920, 1080)):
            with self.subTest(picture=(width, height)):
                drawn = self.annotated(png(flat(width, height, GREY)))
                self.assertEqual(drawn.shape, (height, width, 3))
                self.assertFrame(drawn, in_picture(PERSON, width, height), PERSONS_COLOUR)
                self.assertFrame(drawn, in_picture(CUP, width, height), CUPS_COLOUR)

    def test_the_rest_is_the_picture_that_was_sent(self):
        sent = gradient(1100, 700)
        drawn = self.annotated(png(sent))
        near = numpy.zeros(sent.shape[:2], bool)
        for box in (PERSON, CUP):
            x, y, width, height = (round(value) for value in in_picture(box, 1100, 700))
            near[max(0, y - 40):y + height + 8, max(0, x - 8):x + max(width, 250)] = True
        self.assertLess(differs(drawn, sent)[~near].max(), 8)
        # Within the boxes too: only their frames and the labels cover anything.
        x, y, width, height = (round(value) for value in in_picture(PERSON, 1100, 700))
        inside = (slice(y + 30, y + height - 10), slice(x + 10, x + width - 10))
        self.assertLess(differs(drawn[inside], sent[inside]).max(), 8)

    def test_each_box_has_a_label_in_its_colour(self):
        drawn = self.annotated(png(flat(1100, 700, GREY)))
        x, y, _, _ = (round(value) for value in in_picture(PERSON, 1100, 700))
        above = drawn[y - 20:y, x:x + 100]
        ground = differs(above, PERSONS_COLOUR) < 40
        letters = differs(above, (255, 255, 255)) < 60
        self.assertGreater(ground.mean(), 0.4)
        self.assertGreater(letters.mean(), 0.05)

    def test_options_count_as_they_do_without(self):
        drawn = self.annotated(png(flat(1100, 700, GREY)), path="/api/detect", classes="cup")
        self.assertFrame(drawn, in_picture(CUP, 1100, 700), CUPS_COLOUR)
        self.assertFalse((differs(drawn, PERSONS_COLOUR) < 40).any())
        nothing = self.annotated(png(flat(64, 48, GREY)), threshold="1")
        self.assertLess(differs(nothing, (GREY, GREY, GREY)).max(), 4)

    def test_any_kind_of_picture_in_json_too(self):
        rgb = flat(400, 300, GREY)
        for kind, picture in (("jpeg", encoded(rgb, "JPEG")), ("webp", encoded(rgb, "WEBP")),
                              ("grey", encoded(rgb[..., 0], "PNG"))):
            with self.subTest(kind):
                answer = self.client.post_json({"image": base64.b64encode(picture).decode(), "annotated": True},
                                               "/v1/detect")
                self.assertEqual(answer.status, 200, answer.body[:300])
                self.assertFrame(pixels(answer.body), in_picture(PERSON, 400, 300), PERSONS_COLOUR)

    def test_a_picture_on_its_side_is_turned_upright_and_then_drawn_on(self):
        exif = Image.Exif()
        exif[0x0112] = 6  # to be turned a quarter clockwise
        sent = encoded(flat(400, 300, GREY), "JPEG", exif=exif)
        upright = self.annotated(sent)
        self.assertEqual(upright.shape, (400, 300, 3))
        self.assertFrame(upright, in_picture(PERSON, 300, 400), PERSONS_COLOUR)
        stored = self.annotated(sent, auto_orient="false")
        self.assertEqual(stored.shape, (300, 400, 3))
        self.assertFrame(stored, in_picture(PERSON, 400, 300), PERSONS_COLOUR)

    def test_mistakes_are_told_as_they_are_without(self):
        for status, fields in ((400, {"image": b"no picture"}), (400, {}), (413, {"image": png(flat(8, 8, 0), (9000, 9000))}),
                               (400, {"image": png(flat(8, 8, 0)), "threshold": "2"})):
            answer = self.client.post_form({"annotated": "true", **fields}, "/v1/detect")
            self.assertEqual(answer.status, status, answer.body[:300])
            self.assertTrue(answer.error()["message"])

    def test_what_no_jpeg_can_be_is_told(self):
        wide = encoded(numpy.zeros((1, 65501, 3), numpy.uint8), "PNG")
        answer = self.client.post_form({"image": wide, "annotated": "true"}, "/v1/detect")
        self.assertEqual(answer.status, 413, answer.body[:300])
        self.assertIn("at most 65500", answer.error()["message"])

    def test_large_uploads_are_kept_until_they_are_drawn_on(self):
        noise = numpy.random.default_rng(1).integers(0, 256, (900, 1200, 3), numpy.uint8)
        sent = png(noise)  # over a megabyte: a file while the device works
        self.assertGreater(len(sent), 3 << 20)
        client = Client(self.service.port)
        self.addCleanup(client.close)
        for _ in range(3):
            answer = client.post_form({"image": sent, "annotated": "true"}, "/v1/detect")
            self.assertEqual(answer.status, 200, answer.body[:300])
            self.assertEqual(pixels(answer.body).shape, (900, 1200, 3))


if __name__ == "__main__":
    unittest.main()
