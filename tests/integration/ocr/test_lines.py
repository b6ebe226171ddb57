"""hailo-ocr in front of a real manager whose chip sees lines where this file says: boxes, formats, live pictures, and what
happens when the manager goes. Places are computed here, plainly."""

import json
import unittest

import numpy

from support.live_pictures import LivePictures
from support.pictures import flat, gradient, png
from support.service_process import SimServiceTest, wait_ready
from support.websocket import Closed

WIDTH, HEIGHT = 960, 544  # of the detector
CLASSES = "\0" + "0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~!\"#$%&'()*+,-./  "
# left, top, width, height in pixels of the detector's map
BOXES = ((96, 80, 240, 20), (96, 160, 120, 16), (480, 80, 200, 24))


def steps_of(text):
    """Classes, a blank between equal ones."""
    steps = []
    for letter in text:
        number = CLASSES.index(letter)
        steps += [0, number] if steps and steps[-1] == number else [number]
    return steps


def profile(text="Line 1", boxes=BOXES):
    shares = [[x / WIDTH, y / HEIGHT, (x + w) / WIDTH, (y + h) / HEIGHT] for x, y, w, h in boxes]
    models = {"ocr_det": ([HEIGHT, WIDTH, 3], {"shape": [HEIGHT, WIDTH, 1], "text_map": shares}),
              "ocr": ([48, 320, 3], {"shape": [1, 40, 97], "ctc": steps_of(text)})}
    lines = ["name: ocr-chip", "architecture: HAILO10H", "firmware: 5.2.0", "memory_mb: 500", "models:"]
    for name, (shape, output) in models.items():
        lines.append(f"  {name}: " + json.dumps({"kind": "tensor", "inputs": [{"name": "in", "dtype": "uint8", "shape": shape}],
                                                 "outputs": [{"name": "out", "dtype": "float32", **output}]}))
    return "\n".join(lines) + "\n"


def widened(x, y, width, height, ratio=1.5):
    """The box that a region becomes: its rectangle goes from middle to middle of pixels."""
    more = (width - 1) * (height - 1) * ratio / (width + height - 2) / 2
    return x + .5 - more, y + .5 - more, x + width - .5 + more, y + height - .5 + more


class LinesTest(SimServiceTest):
    program = "hailo-ocr"
    model = "ocr_det"
    text = "Line 1"

    @classmethod
    def profile_text(cls):
        return profile(cls.text)

    def regions(self, picture, **fields):
        answer = self.client.post_form({"image": png(picture), **fields}, "/v1/ocr/extract")
        self.assertEqual(answer.status, 200, answer.body[:500])
        return answer.json()["regions"]


class Lines(LinesTest):
    def test_boxes_come_back_to_a_pixel_from_any_size(self):
        # what the picture is resized by, so that it lies in the upper left corner of the detector's input
        for width, height, scale in ((960, 544, 1), (480, 272, 2), (1200, 680, 0.8)):
            with self.subTest(picture=(width, height)):
                regions = self.regions(gradient(width, height))
                self.assertEqual([region["text"] for region in regions], ["Line 1"] * 3)
                expected = sorted(tuple(round(side / scale) for side in widened(*box)) for box in BOXES)
                found = sorted((*region["bbox"][0], *region["bbox"][2]) for region in regions)
                numpy.testing.assert_allclose(found, expected, atol=1)

    def test_a_picture_larger_than_the_detector_is_seen_in_parts(self):
        """1920 x 1080 in parts of 960 x 544 that overlap: each shows the same lines, and each is believed about its own part."""
        regions = self.regions(gradient(1920, 1080))  # which would be 0.5 in one part
        self.assertGreater(len(regions), 2 * len(BOXES))
        lefts = {region["bbox"][0][0] for region in regions}
        self.assertTrue(any(left > 960 for left in lefts) and any(left < 480 for left in lefts), lefts)

    def test_the_plain_form_and_tesseracts_table_have_the_same_boxes(self):
        sent = {"image": png(gradient(960, 544))}
        plain = self.client.post_form(sent, "/api/ocr").json()
        rows = [line.split("\t") for line in
                self.client.post_form({**sent, "format": "tsv"}, "/v1/ocr/extract").body.decode().splitlines()]
        self.assertEqual(rows[0], "level page_num block_num par_num line_num word_num left top width height conf text".split())
        lines = [tuple(int(cell) for cell in row[6:10]) for row in rows if row[0] == "4"]
        self.assertEqual(len(rows[1]), 12)
        boxes = [(one["x"], one["y"], one["width"], one["height"]) for one in plain]
        # Two of the three stand on one line.
        self.assertEqual(len(lines), 2)
        self.assertIn(boxes[-1], lines)
        words = [row for row in rows if row[0] == "5"]
        self.assertEqual([row[11] for row in words], ["Line", "1"] * 3)
        self.assertEqual({row[10] for row in words}, {"90"})

    def test_64_at_once_are_answered_alike(self):
        answers = self.ask_at_once("/api/ocr", {"image": png(gradient(320, 240))})
        self.assertEqual({answer.status for answer in answers}, {200})
        self.assertEqual(len({answer.body for answer in answers}), 1)

    def test_it_comes_back_with_the_manager(self):
        self.manager.restart()
        wait_ready(self.service)
        self.assertEqual(len(self.regions(gradient(960, 544))), 3)

    def test_without_a_manager_it_is_503(self):
        self.manager.stop()
        try:
            answer = self.client.post_form({"image": png(gradient(64, 64))}, "/v1/ocr/extract")
            self.assertEqual((answer.status, answer.json()["success"]), (503, False))
            self.assertTrue(answer.json()["error"])
        finally:
            self.manager.start()
            wait_ready(self.service)


class Live(LinesTest):
    def test_a_frame_is_answered_as_a_request_is(self):
        picture = png(gradient(960, 544))
        posted = self.client.post_form({"image": picture}, "/v1/ocr/extract").json()
        with LivePictures(self.service.port, "/v1/ocr/live") as live:
            for number in (1, 2, 3):
                live.send(picture)
                answered = live.answer()
                self.assertEqual((answered["frame"], answered["frames_dropped"]), (number, 0))
                for one in (answered["result"], posted):
                    one.pop("performance", None)
                self.assertEqual(answered["result"], posted)

    def test_an_annotated_frame_follows_its_answer(self):
        with LivePictures(self.service.port, "/v1/ocr/live?annotated=true&rec_threshold=0.2") as live:
            for width, height in ((960, 544), (320, 400)):
                live.send(png(flat(width, height, 120)))
                self.assertTrue(live.answer()["result"]["success"])
                drawn = live.picture()
                self.assertEqual(drawn.shape, (height, width, 3))
            self.assertGreater(numpy.abs(drawn - 120).max(), 60)

    def test_what_is_no_picture_fails_alone_and_a_wrong_option_closes(self):
        with LivePictures(self.service.port, "/v1/ocr/live") as live:
            live.send(b"no picture")
            self.assertEqual(live.answer()["error"]["type"], "invalid_request")
            live.send(png(gradient(64, 64)))
            self.assertTrue(live.answer()["result"]["success"])
        for query in ("?rec_threshold=2", "?unclip_ratio=-1", "?languages=" + "x" * 40):
            live = self.enterContext(LivePictures(self.service.port, "/v1/ocr/live" + query))
            with self.assertRaises(Closed) as end:
                live.receive()
            self.assertEqual(end.exception.code, 1008)

    def test_a_language_that_nothing_reads_is_told_of_each_frame(self):
        with LivePictures(self.service.port, "/v1/ocr/live?languages=zh") as live:
            live.send(png(gradient(64, 64)))
            self.assertIn("there are en", live.answer()["error"]["message"])


class Hostile(LinesTest):
    text = "<&\"'>"

    def test_what_was_read_is_escaped(self):
        sent = {"image": png(gradient(960, 544))}
        for form, escaped in (("hocr", b"&lt;&amp;&quot;&#39;&gt;</span>"), ("alto", b'CONTENT="&lt;&amp;&quot;&#39;&gt;"')):
            self.assertIn(escaped, self.client.post_form({**sent, "format": form}, "/v1/ocr/extract").body)


class Broken(LinesTest):
    def test_answers_of_nonsense_are_no_text_and_no_trouble(self):
        self.manager.faults("faults: [{op: infer, kind: wrong_output, value: zero, model: ocr_det, times: 1}]\n")
        self.assertEqual(self.regions(gradient(960, 544)), [])
        # Not numbers; of a chip, all bits: then all of the picture is a line.
        self.manager.faults("faults: [{op: infer, kind: wrong_output, model: ocr_det, times: 1, id: again}]\n")
        self.assertLessEqual(len(self.regions(gradient(960, 544))), 1)
        self.manager.faults("faults: [{op: infer, kind: wrong_output, model: ocr, times: 0}]\n")
        self.assertEqual(self.regions(gradient(960, 544)), [])
        self.manager.faults("faults: []\n")
        self.assertEqual(len(self.regions(gradient(960, 544))), 3)


if __name__ == "__main__":
    unittest.main()
