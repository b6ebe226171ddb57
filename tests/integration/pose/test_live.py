"""Live pictures through hailo-pose; what the kit does with clients that do not behave is tested with hailo-detect."""

import unittest

import numpy

from fixture import PoseTest
from scenes import PEOPLE, in_picture
from support.live_pictures import LivePictures
from support.pictures import flat, gradient, png
from support.websocket import BINARY, TEXT, Closed

PATH = "/v1/pose/live"
RED = (230, 25, 75)  # of the first person, as src/media/palette.cpp has it


class Live(PoseTest):
    def open(self, query=""):
        return self.enterContext(LivePictures(self.service.port, PATH + query))

    def test_a_frame_is_answered_as_a_request_is(self):
        picture = png(gradient(1000, 400))
        posted = self.client.post_form({"image": picture}, "/v1/pose/detect").json()
        self.assertEqual(posted["count"], len(PEOPLE))
        live = self.open()
        for number in (1, 2, 3):
            live.send(picture)
            answered = live.answer()
            self.assertEqual((answered["frame"], answered["frames_dropped"]), (number, 0))
            self.assertIsInstance(answered["result"].pop("inference_time_ms"), int)
            self.assertEqual(answered["result"], {key: value for key, value in posted.items() if key != "inference_time_ms"})
        self.assertEqual(live.close(), 1000)

    def test_options_are_those_of_a_request(self):
        live = self.open("?max_detections=1&keypoint_threshold=1")
        live.send(png(gradient(64, 64)))
        poses = live.answer()["result"]["poses"]
        self.assertEqual([pose["skeleton"] for pose in poses], [[]])

    def test_a_wrong_option_closes_with_what_would_be_right(self):
        for query in ("?confidence_threshold=1.5", "?max_detections=0", "?max_detections=-3", "?keypoint_threshold=x"):
            with self.assertRaises(Closed) as end:
                self.open(query).receive()
            self.assertEqual(end.exception.code, 1008)
            self.assertRegex(end.exception.reason, query[1:].partition("=")[0] + " must be a .*number in")

    def test_an_annotated_frame_follows_its_answer(self):
        live = self.open("?annotated=true")
        for width, height in ((640, 480), (320, 400)):
            live.send(png(flat(width, height, 120)))
            self.assertEqual(live.answer()["result"]["count"], len(PEOPLE))
            drawn = live.picture()
            self.assertEqual(drawn.shape, (height, width, 3))
            x, y = (round(value) for value in in_picture(*PEOPLE[0]["points"][5][:2], width, height))
            self.assertLess(numpy.abs(drawn[y - 1:y + 2, x - 1:x + 2] - RED).max(axis=2).min(), 60)

    def test_what_is_no_picture_fails_alone(self):
        live = self.open()
        for number, (data, opcode) in enumerate(((b"no picture", BINARY), (b"hello", TEXT), (b"", BINARY)), 1):
            live.send(data, opcode)
            failed = live.answer()
            self.assertEqual((failed["frame"], failed["error"]["type"]), (number, "invalid_request"))
        live.send(png(gradient(64, 64)))
        self.assertEqual(live.answer()["result"]["count"], len(PEOPLE))


if __name__ == "__main__":
    unittest.main()
