"""hailo-pose in front of a manager on the CPU: the layouts that ONNX files have, whatever the network of tests/data/models."""

import unittest

from scenes import SMALL, in_picture
from support.manager_process import SOURCE, ManagerProcess
from support.patience import Patience
from support.pictures import gradient, png
from support.service_process import ServiceTest

MODELS = SOURCE / "tests" / "data" / "models"


class OnnxPoseTest(ServiceTest):
    program = "hailo-pose"
    model = None

    @classmethod
    def make_manager(cls):
        return ManagerProcess(arguments=("--device", "onnx", "--model-dirs", MODELS))

    @classmethod
    def model_path(cls):
        return MODELS / cls.model

    def assertPeople(self):
        for width, height in ((64, 64), (640, 480), (320, 640)):
            answer = self.client.post_form({"image": png(gradient(width, height))}, "/v1/pose/detect")
            self.assertEqual(answer.status, 200, answer.body[:500])
            for pose, person in zip(answer.json()["poses"], SMALL, strict=True):
                with self.subTest(picture=(width, height), person=pose["person_id"]):
                    left, top = in_picture(*person["box"][:2], width, height, 64)
                    right, bottom = in_picture(*person["box"][2:4], width, height, 64)
                    box = pose["bbox"]
                    for is_, should in ((box["x"], left), (box["y"], top), (box["x"] + box["width"], right),
                                        (box["y"] + box["height"], bottom)):
                        self.assertAlmostEqual(is_, should, delta=1)
                    self.assertAlmostEqual(pose["bbox_confidence"], person["box"][4], delta=0.01)
                    for point, (x, y, seen) in zip(pose["keypoints"], person["points"], strict=True):
                        x, y = in_picture(x, y, width, height, 64)
                        self.assertAlmostEqual(point["x"], x, delta=1)
                        self.assertAlmostEqual(point["y"], y, delta=1)
                        self.assertAlmostEqual(point["confidence"], seen, delta=0.01)


class Planes(OnnxPoseTest):
    model = "pose_planes.onnx"

    def test_people_come_back_to_a_pixel(self):
        self.assertPeople()


class Rows(OnnxPoseTest):
    model = "pose_rows.onnx"

    def test_people_come_back_to_a_pixel(self):
        self.assertPeople()


class Suppressed(OnnxPoseTest):
    model = "pose_suppressed.onnx"

    def test_people_come_back_to_a_pixel(self):
        self.assertPeople()


class Maps(OnnxPoseTest):
    model = "pose_many.onnx"
    becomes_ready = False

    def test_one_stride_is_no_head(self):
        patience = Patience("the load has ended", self.service.log)
        while "(8, 8, 64)" not in (told := self.client.get("/health/ready").body.decode()):
            patience.spend()
        self.assertIn("decoded (56, 84) or (84, 56)", told)
        answer = self.client.post_form({"image": png(gradient(64, 64))}, "/api/pose")
        self.assertEqual(answer.status, 500)
        self.assertIn("(8, 8, 64)", answer.error()["message"])


if __name__ == "__main__":
    unittest.main()
