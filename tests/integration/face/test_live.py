"""Live pictures through hailo-face and hailo-scrfd; what the kit does with clients that do not behave is tested with hailo-detect."""

import unittest

import numpy

from fixture import MODELS, FaceServiceTest, coloured
from support.live_pictures import LivePictures
from support.service_process import ServiceProcess, wait_ready
from support.service_client import Client
from support.websocket import Closed

GREEN = (0, 255, 0)


class Live(FaceServiceTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scrfd = cls.enterClassContext(ServiceProcess("hailo-scrfd", cls.manager.socket_path, MODELS / "face_scrfd.onnx"))
        wait_ready(cls.scrfd)

    def open(self, service, query=""):
        return self.enterContext(LivePictures(service.port, "/v1/detect/live" + query))

    def test_a_frame_is_answered_as_a_request_is(self):
        for service in (self.service, self.scrfd):
            client = Client(service.port)
            self.addCleanup(client.close)
            posted = client.post_form({"image": coloured(1), "return_landmarks": "true"}, "/v1/detect").json()
            self.assertEqual(len(posted["faces"]), 2)
            live = self.open(service)
            for number in (1, 2, 3):
                live.send(coloured(1))
                answered = live.answer()
                self.assertEqual((answered["frame"], answered["frames_dropped"]), (number, 0))
                for one in (posted, answered["result"]):
                    self.assertGreaterEqual(one.pop("inference_time_ms", 0), 0)
                self.assertEqual(answered["result"], posted)
            self.assertEqual(live.close(), 1000)

    def test_options_are_those_of_a_request(self):
        live = self.open(self.scrfd, "?conf_threshold=0.75")
        live.send(coloured(1))
        self.assertEqual(live.answer()["result"]["num_faces"], 1)
        for query in ("?conf_threshold=1.5", "?max_faces=0", "?iou_threshold=x"):
            with self.assertRaises(Closed) as end:
                self.open(self.scrfd, query).receive()
            self.assertEqual(end.exception.code, 1008)
            self.assertRegex(end.exception.reason, query[1:].partition("=")[0] + " must be a .*number in")

    def test_an_annotated_frame_follows_its_answer(self):
        live = self.open(self.scrfd, "?annotated=true")
        live.send(coloured(2))
        self.assertEqual(live.answer()["result"]["num_faces"], 2)
        drawn = live.picture()
        self.assertLess(numpy.abs(drawn[20:30, 8] - GREEN).max(), 60, "the left edge of the first box")


del FaceServiceTest
if __name__ == "__main__":
    unittest.main()
