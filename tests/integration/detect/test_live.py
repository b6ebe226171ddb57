"""Live pictures through hailo-detect: frames in, objects out, and clients that do not behave."""

import asyncio
import concurrent.futures
import importlib.util
import io
import struct
import unittest
from unittest import mock

import numpy
from PIL import Image

from fixture import PERSON, DetectTest, in_picture
from support.footprint import Footprint
from support.live_pictures import LivePictures
from support.manager_process import SLOW, SOURCE
from support.patience import Patience
from support.pictures import flat, gradient, png
from support.service_process import ServiceProcess, wait_ready
from support.websocket import BINARY, CLOSE, TEXT, Closed, frame

PATH = "/v1/detect/live"


def jpeg(width, height, grey=120):
    out = io.BytesIO()
    Image.fromarray(flat(width, height, grey)).save(out, "JPEG")
    return out.getvalue()


class LiveTest(DetectTest):
    config = "live: {frame_timeout_ms: 600000}\n"

    def open(self, query="", service=None, **how):
        return self.enterContext(LivePictures((service or self.service).port, PATH + query, **how))

    def assertServed(self):
        """One who comes now is served."""
        with self.open() as live:
            live.send(jpeg(64, 48))
            self.assertEqual(live.answer()["frame"], 1)


class Live(LiveTest):
    def test_a_frame_is_answered_as_a_request_is(self):
        picture = png(gradient(1000, 400))
        posted = self.client.post_form({"image": picture}, "/v1/detect").json()
        live = self.open()
        for number in (1, 2, 3):
            live.send(picture)
            answered = live.answer()
            self.assertEqual(list(answered), ["frame", "frames_dropped", "queue_ms", "model_ms", "result"])
            self.assertEqual((answered["frame"], answered["frames_dropped"]), (number, 0))
            self.assertGreaterEqual(answered["queue_ms"], 0)
            self.assertIsInstance(answered["model_ms"], int)
            self.assertEqual(answered["result"], posted)
        self.assertEqual(live.close(), 1000)

    def test_options_are_those_of_a_request(self):
        live = self.open("?classes=cup&format=coco&image_id=7")
        live.send(jpeg(640, 640))
        self.assertEqual([(one["image_id"], one["category_id"]) for one in live.answer()["result"]], [(7, 47)])

    def test_a_wrong_option_closes_with_what_would_be_right(self):
        for query, word in (("?threshold=2", "threshold must be a number in 0..1"), ("?classes=unicorn", "classes")):
            with self.assertRaises(Closed) as end:
                self.open(query).receive()
            self.assertEqual(end.exception.code, 1008)
            self.assertIn(word, end.exception.reason)

    def test_an_annotated_frame_follows_its_answer(self):
        live = self.open("?annotated=true")
        for width, height in ((640, 480), (320, 400)):
            live.send(jpeg(width, height))
            self.assertEqual(live.answer()["result"][0]["label"], "person")
            drawn = live.picture()
            self.assertEqual(drawn.shape, (height, width, 3))
            x, y, _, box_height = (round(value) for value in in_picture(PERSON, width, height))
            self.assertLess(numpy.abs(drawn[y + box_height // 2, x] - (230, 25, 75)).max(), 60)
        live.send(b"no picture")
        self.assertIn("error", live.answer())
        live.send(jpeg(64, 48))
        self.assertEqual(live.answer()["frame"], 4)  # no picture came for the third

    def test_what_is_no_picture_fails_alone(self):
        live = self.open()
        lying = png(flat(8, 8, 0), (65535, 65535))
        for number, (data, opcode) in enumerate(((b"no picture", BINARY), (b"", BINARY), (lying, BINARY), (b"hello", TEXT),
                                                 (b"", TEXT), (jpeg(640, 480)[:-500], BINARY)), 1):
            live.send(data, opcode)
            failed = live.answer()
            self.assertEqual(list(failed), ["frame", "frames_dropped", "error"], failed)
            self.assertEqual((failed["frame"], failed["error"]["type"]), (number, "invalid_request"))
            self.assertTrue(failed["error"]["message"])
        live.send(jpeg(64, 48))
        self.assertEqual(live.answer()["frame"], 7)

    def test_a_text_that_is_no_utf8_ends_the_connection(self):
        live = self.open()
        live.send(b"\xff\xfe", TEXT)
        with self.assertRaises(Closed) as end:
            live.receive()
        self.assertEqual(end.exception.code, 1007)
        self.assertServed()

    def test_a_gigabyte_is_refused_before_it_is_sent(self):
        live = self.open()
        live.socket.sendall(frame(BINARY, bytes(1000), size=1 << 30))
        with self.assertRaises(Closed) as end:
            live.receive()
        self.assertEqual(end.exception.code, 1009)
        self.assertServed()

    def test_a_gigabyte_in_pieces_is_refused_where_it_is_too_much(self):
        live = self.open()
        piece = frame(BINARY, bytes(1 << 20), last=False)
        more = frame(0, bytes(1 << 20), last=False)
        with self.assertRaises(ConnectionError):
            live.socket.sendall(piece)
            for _ in range(1023):
                live.socket.sendall(more)
        self.assertServed()

    def test_clients_that_go_in_the_middle_leave_nothing_behind(self):
        whole = frame(BINARY, jpeg(640, 480))
        for end in (whole[:1], whole[:5], whole[:1000], whole, whole + whole[:20], frame(BINARY, b"abc", last=False),
                    frame(BINARY, b"abc", last=False) + frame(CLOSE, struct.pack(">H", 1001)), frame(CLOSE, b"\x03"),
                    frame(3, b"what?"), b"\xff" * 100):
            live = self.open()
            live.socket.sendall(end)
            live.abort()
        self.assertServed()
        self.assertEqual(self.client.get("/health").status, 200)

    def test_memory_that_frames_took_is_given_back(self):
        large = bytes(15 << 20)
        clients = [self.open() for _ in range(12)]
        for live in clients:
            live.send(large)
            self.assertIn("error", live.answer())
        # 180 MB went through; all clients are still there.
        if SLOW == 1:  # sanitizers keep what was freed
            self.assertLess(Footprint(self.service.pid).anonymous, 80e6)
        for live in clients:
            live.send(jpeg(64, 48))
            self.assertEqual(live.answer()["frame"], 2)

    def test_many_clients_get_what_is_theirs(self):
        def film(index):
            width = 200 + 10 * index
            with LivePictures(self.service.port, PATH) as live:
                for number in range(1, 11):
                    live.send(jpeg(width, 160))
                    answered = live.answer()
                    x, _, _, _ = in_picture(PERSON, width, 160)
                    assert answered["frame"] == number, answered
                    assert abs(answered["result"][0]["bbox"][0] - x) < 1, (width, answered)
            return True

        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            self.assertTrue(all(pool.map(film, range(20))))

    def test_without_an_upgrade_it_says_what_it_is(self):
        refused = self.client.get(PATH)
        self.assertEqual((refused.status, refused.headers["Upgrade"]), (426, "websocket"))

    def test_it_goes_on_when_the_manager_is_back(self):
        live = self.open()
        live.send(jpeg(64, 48))
        self.assertIn("result", live.answer())
        self.manager.restart()
        patience = Patience("a frame is answered again", self.service.log)
        while True:
            live.send(jpeg(64, 48))
            answered = live.answer()
            if "result" in answered:
                break
            self.assertEqual(answered["error"]["type"], "service_unavailable")
            patience.spend()
        wait_ready(self.service)


@unittest.skipUnless(importlib.util.find_spec("aiohttp"), "python3-aiohttp is not installed")
class Documented(LiveTest):
    def test_the_pages_example_runs_with_a_client_that_is_not_ours(self):
        page = (SOURCE / "docs" / "reference" / "live.md").read_text()
        code = page.split("```python\n")[1].split("```")[0].replace("11441", str(self.service.port))
        names = {"print": mock.Mock()}
        exec(code, names)
        asyncio.run(names["film"]([jpeg(320, 240), jpeg(400, 300)]))
        answers = [call.args[0] for call in names["print"].call_args_list]
        self.assertEqual([one["frame"] for one in answers], [1, 2])
        self.assertEqual([found["label"] for found in answers[1]["result"]], ["person"])


class Slow(LiveTest):
    """A model of 60 ms."""

    model = "yolov8m"

    def test_of_a_burst_the_first_and_the_last_frame_are_answered(self):
        live = self.open()
        for grey in range(30):
            live.send(jpeg(64, 64, grey))
        answers = [live.answer()]
        while answers[-1]["frame"] < 30:
            answers.append(live.answer())
        self.assertEqual(answers[0]["frame"], 1)
        self.assertEqual(len(answers) + answers[-1]["frames_dropped"], 30)
        self.assertLess(len(answers), 10)
        for answered in answers:
            self.assertGreaterEqual(answered["model_ms"], 50)
            self.assertEqual([one["label"] for one in answered["result"]], ["cat"])

    def test_a_client_that_closes_while_its_frame_is_in_the_device_is_let_go(self):
        live = self.open()
        live.send(jpeg(64, 64))
        live.send(jpeg(64, 64))
        self.assertEqual(live.close(), 1000)
        self.assertServed()


class Quiet(LiveTest):
    config = "server: {idle_timeout_ms: 1000}\n"

    def test_one_that_says_nothing_is_let_go_and_one_that_answers_pings_stays(self):
        silent = self.open(answers_pings=False)
        polite = self.open()
        polite.answer_pings(4)  # one each half of the time after which the other one is let go
        with self.assertRaises(Closed):
            silent.receive()
        polite.send(jpeg(64, 48))
        self.assertEqual(polite.answer()["frame"], 1)

    def test_a_service_that_stops_says_so(self):
        with ServiceProcess("hailo-detect", self.manager.socket_path, self.model_path()) as service:
            wait_ready(service)
            live = self.open(service=service)
            live.send(jpeg(64, 48))
            self.assertIn("result", live.answer())
            service.terminate()
            with self.assertRaises(Closed) as end:
                live.receive()
            self.assertEqual(end.exception.code, 1001)
            live.abort()
            self.assertEqual(service.wait(), 0)


if __name__ == "__main__":
    unittest.main()
