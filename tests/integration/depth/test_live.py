"""Live pictures through hailo-depth: statistics as text, the colours as JPEG behind it."""

import base64
import unittest

import numpy

from fixture import DepthTest
from support.live_pictures import LivePictures
from support.pictures import from_png, gradient, png
from support.websocket import Closed

PATH = "/v1/depth/live"


class Live(DepthTest):
    def open(self, query=""):
        return self.enterContext(LivePictures(self.depth.port, PATH + query))

    def test_statistics_are_those_of_an_estimate(self):
        live = self.open()
        for number, (width, height) in enumerate(((160, 120), (90, 200)), 1):
            picture = png(gradient(width, height))
            estimate = self.client.post_form({"image": picture, "output_format": "image"}).json()
            live.send(picture)
            answered = live.answer()
            self.assertEqual((answered["frame"], answered["frames_dropped"]), (number, 0))
            self.assertEqual(list(answered["result"]), ["depth_shape", "stats"])
            for field in ("depth_shape", "stats"):
                self.assertEqual(answered["result"][field], estimate[field])

    def test_the_colours_follow(self):
        picture = png(gradient(160, 120))
        estimate = self.client.post_form({"image": picture, "output_format": "image", "colormap": "turbo"}).json()
        expected = from_png(base64.b64decode(estimate["depth_image"]))
        live = self.open("?annotated=true&colormap=turbo")
        for _ in range(2):
            live.send(picture)
            self.assertIn("result", live.answer())
            drawn = live.picture()
            self.assertLess(numpy.abs(drawn - expected).max(), 16)

    def test_mistakes(self):
        live = self.open()
        live.send(b"no picture")
        self.assertEqual(live.answer()["error"]["type"], "invalid_request")
        live.send(png(gradient(16, 12)))
        self.assertIn("result", live.answer())
        with self.assertRaises(Closed) as end:
            self.open("?colormap=grey").receive()
        self.assertEqual(end.exception.code, 1008)
        self.assertIn("colormap must be one of", end.exception.reason)


if __name__ == "__main__":
    unittest.main()
