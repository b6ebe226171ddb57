"""The sample service on the kit, in front of a real manager: what every service has without writing it."""

import base64
import pathlib
import unittest

from support.manager_process import ManagerProcess
from support.patience import Patience
from support.pictures import gradient, png
from support.service_process import ServiceTest, wait_ready

HERE = pathlib.Path(__file__).resolve().parent
PICTURE = png(gradient(192, 64))
PATH = "/v1/pose/detect"


class PoseService(ServiceTest):
    program = "pose-sample"

    @classmethod
    def make_manager(cls):
        return ManagerProcess(sim_profile=HERE / "profile.yaml")

    @classmethod
    def model_path(cls):
        return cls.manager.model("yolov8s_pose")

    def test_it_answers_with_what_the_network_gives(self):
        answer = self.client.post_form({"image": PICTURE, "threshold": "0.25", "fit": "crop"}, PATH)
        self.assertEqual(answer.status, 200, answer.body)
        body = answer.json()
        self.assertEqual(body["threshold"], 0.25)
        self.assertEqual(body["max_poses"], 100)
        self.assertEqual(body["image_size"], {"width": 192, "height": 64})
        self.assertEqual(body["placed"], {"width": 192, "height": 64, "left": -48, "top": 0})
        self.assertEqual(set(body["outputs"]), {"boxes", "scores", "keypoints"})
        boxes = body["outputs"]["boxes"]
        self.assertEqual((boxes["dtype"], boxes["shape"]), ("float32", [8, 12, 64]))
        self.assertEqual(len(base64.b64decode(boxes["data"])), 8 * 12 * 64 * 4)

    def test_json_is_as_good_as_a_form(self):
        image = base64.b64encode(PICTURE).decode()
        answer = self.client.post_json({"image": "data:image/png;base64," + image, "max_poses": 3}, PATH)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(answer.json()["placed"], {"width": 96, "height": 32, "left": 0, "top": 16})
        self.assertEqual(answer.json()["max_poses"], 3)

    def test_what_is_wrong_is_told_with_range_and_default(self):
        answer = self.client.post_form({"image": PICTURE, "max_poses": "0"}, PATH)
        self.assertEqual((answer.status, answer.error()["message"]),
                         (400, 'max_poses must be a whole number in 1..1000, got "0" (default 100)'))
        self.assertEqual(self.client.post_form({"image": b"none"}, PATH).status, 400)
        self.assertEqual(self.client.request("POST", PATH, PICTURE, {"Content-Type": "image/png"}).status, 415)

    def test_health_and_metrics_come_with_the_kit(self):
        self.client.post_form({"image": PICTURE}, PATH)
        health = self.client.get("/health").json()
        self.assertEqual((health["service"], health["model_loaded"]), ("pose-sample", True))
        self.assertGreater(health["inference_count"], 0)
        self.assertIn(b'service="pose-sample"', self.client.get("/metrics").body)

    def test_it_comes_back_with_the_manager(self):
        self.manager.restart()
        patience = Patience("poses are found again", self.service.log)
        while (answer := self.client.post_form({"image": PICTURE}, PATH)).status != 200:
            self.assertEqual(answer.status, 503, answer.body)
            patience.spend()
        wait_ready(self.service)

    def test_it_is_at_most_120_lines(self):
        lines = (HERE / "main.cpp").read_text().splitlines()
        self.assertLessEqual(len(lines), 120)


if __name__ == "__main__":
    unittest.main()
