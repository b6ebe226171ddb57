"""Live pictures through hailo-clip; what the kit does with clients that do not behave is tested with hailo-detect."""

import json
import unittest
import urllib.parse

import numpy

from fixture import CAPTIONS, ClipTest, figure
from support.live_pictures import LivePictures
from support.pictures import flat, png
from support.websocket import BINARY, TEXT, Closed

PATH = "/v1/classify/live"


class Live(ClipTest):
    def open(self, **query):
        return self.enterContext(LivePictures(self.service.port, PATH + "?" + urllib.parse.urlencode(query)))

    def test_a_frame_is_answered_as_a_request_is(self):
        live = self.open(prompts=json.dumps(CAPTIONS), top_k=2)
        for number, what in enumerate(("a large red star", "a small blue circle"), 1):
            picture = figure(21, what)
            live.send(picture)
            answered = live.answer()
            self.assertEqual((answered["frame"], answered["frames_dropped"]), (number, 0))
            self.assertEqual(answered["result"]["classifications"], self.classify(picture, CAPTIONS, top_k=2))
            self.assertEqual(answered["result"]["classifications"][0]["text"], what)
        self.assertEqual(live.close(), 1000)

    def test_a_wrong_option_closes_with_what_would_be_right(self):
        for query, told in (({}, "Missing 'prompts'"), ({"prompts": "cat"}, "prompts must be a list of texts, as JSON"),
                            ({"prompts": "[]"}, "prompts must be"), ({"prompts": '["a"]', "top_k": "-1"}, "top_k must be"),
                            ({"prompts": '["a"]', "templates": '["b"]'}, "templates.0 must be")):
            with self.assertRaises(Closed) as end:
                self.open(**query).receive()
            self.assertEqual(end.exception.code, 1008)
            self.assertIn(told, end.exception.reason)

    def test_an_annotated_frame_follows_its_answer(self):
        live = self.open(prompts='["a large red star"]', annotated="true", threshold=-1)
        live.send(png(flat(320, 200, 120)))
        self.assertEqual(len(live.answer()["result"]["classifications"]), 1)
        drawn = live.picture()
        self.assertEqual(drawn.shape, (200, 320, 3))
        self.assertGreater((numpy.abs(drawn[:30, :60] - 120).max(axis=2) > 40).mean(), 0.1)
        self.assertLess(numpy.abs(drawn[60:] - 120).max(), 12)

    def test_what_is_no_picture_fails_alone(self):
        live = self.open(prompts='["a"]')
        for data, opcode in ((b"no picture", BINARY), (b"hello", TEXT), (b"", BINARY)):
            live.send(data, opcode)
            self.assertEqual(live.answer()["error"]["type"], "invalid_request")
        live.send(figure(1))
        self.assertIn("result", live.answer())


if __name__ == "__main__":
    unittest.main()
