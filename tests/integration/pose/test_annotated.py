"""Annotated pictures of hailo-pose, as Pillow reads them: the picture that was sent, with the people drawn on it."""

import io
import unittest

import numpy
from PIL import Image

from fixture import PoseTest
from scenes import PEOPLE, in_picture
from support.pictures import flat, png

# Of the numbers 0, 1 and 2, as src/media/palette.cpp has them.
COLOURS = ((230, 25, 75), (60, 180, 75), (255, 225, 25))
GREY = 120
WIDTH, HEIGHT = 1100, 700


def differs(a, b):
    """How far apart two colours, or two pictures pixel by pixel, are."""
    return numpy.abs(numpy.asarray(a, int) - numpy.asarray(b, int)).max(axis=-1)


class Annotated(PoseTest):
    def annotated(self, path="/v1/pose/detect", **fields):
        sent = png(flat(WIDTH, HEIGHT, GREY))
        answer = self.client.post_form({"image": sent, "annotated": "true", **fields}, path)
        self.assertEqual(answer.status, 200, answer.body[:500])
        self.assertEqual(answer.headers["Content-Type"], "image/jpeg")
        picture = Image.open(io.BytesIO(answer.body))
        self.assertEqual((picture.format, picture.mode, picture.size), ("JPEG", "RGB", (WIDTH, HEIGHT)))
        return numpy.asarray(picture)

    def points_of(self, person):
        return [(*in_picture(x, y, WIDTH, HEIGHT), seen) for x, y, seen in person["points"]]

    def assertDrawn(self, drawn, at, colour, is_drawn=True):
        x, y = (round(value) for value in at)
        near = differs(drawn[y - 1:y + 2, x - 1:x + 2], colour).min()
        (self.assertLess if is_drawn else self.assertGreater)(near, 60, (at, drawn[y, x]))

    def test_points_and_bones_are_where_the_people_are(self):
        for path in ("/v1/pose/detect", "/api/pose"):
            drawn = self.annotated(path)
            for person, colour in zip(PEOPLE, COLOURS):
                points = self.points_of(person)
                for x, y, seen in points:
                    if seen >= 0.3:
                        self.assertDrawn(drawn, (x, y), colour)
                for one, other in ((5, 6), (5, 11), (11, 13), (13, 15)):
                    middle = [(a + b) / 2 for a, b in zip(points[one][:2], points[other][:2])]
                    self.assertDrawn(drawn, middle, colour)

    def test_what_is_not_seen_is_not_drawn(self):
        x, y, seen = self.points_of(PEOPLE[0])[16]  # the right ankle, away from everything else
        self.assertLess(seen, 0.3)
        self.assertDrawn(self.annotated(), (x, y), COLOURS[0], is_drawn=False)
        self.assertDrawn(self.annotated(keypoint_threshold="0.1"), (x, y), COLOURS[0])

    def test_boxes_have_frames_and_labels(self):
        drawn = self.annotated(max_detections="1")
        left, top = (round(value) for value in in_picture(*PEOPLE[0]["box"][:2], WIDTH, HEIGHT))
        right, bottom = (round(value) for value in in_picture(*PEOPLE[0]["box"][2:4], WIDTH, HEIGHT))
        for at in ((left + 1, (top + bottom) // 2), (right - 2, (top + bottom) // 2), ((left + right) // 2, bottom - 2)):
            self.assertDrawn(drawn, at, COLOURS[0])
        above = drawn[top - 20:top, left:left + 100]
        self.assertGreater((differs(above, COLOURS[0]) < 40).mean(), 0.4)
        self.assertFalse((differs(drawn, COLOURS[1]) < 40).any())  # nobody else is wanted

    def test_nobody_changes_nothing(self):
        self.assertLess(differs(self.annotated(confidence_threshold="1"), (GREY, GREY, GREY)).max(), 4)


if __name__ == "__main__":
    unittest.main()
