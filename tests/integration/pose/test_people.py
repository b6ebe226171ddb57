"""hailo-pose in front of a real manager: the people whom the chip sees come back in pixels of the picture.

The chip draws the nine raw heads of the published files; where its people lie in a picture is computed here, plainly.
"""

import base64
import json
import unittest
import urllib.request

from fixture import PoseTest
from scenes import CROWD, NAMES, PEOPLE, in_picture
from support.patience import Patience
from support.pictures import gradient, png
from support.service_process import wait_ready

PATH = "/v1/pose/detect"
SKELETON = ((15, 13), (13, 11), (16, 14), (14, 12), (11, 12), (5, 11), (6, 12), (5, 6), (5, 7), (6, 8), (7, 9), (8, 10),
            (1, 2), (0, 1), (0, 2), (1, 3), (2, 4), (3, 5), (4, 6))


class PeopleTest(PoseTest):
    def poses(self, picture, path=PATH, **fields):
        answer = self.client.post_form({"image": png(picture), **fields}, path)
        self.assertEqual(answer.status, 200, answer.body[:500])
        return answer.json()

    def assertPerson(self, pose, person, width, height):
        left, top = in_picture(*person["box"][:2], width, height)
        right, bottom = in_picture(*person["box"][2:4], width, height)
        box = pose["bbox"]
        for is_, should in ((box["x"], left), (box["y"], top), (box["x"] + box["width"], right),
                            (box["y"] + box["height"], bottom)):
            self.assertAlmostEqual(is_, should, delta=1)
        self.assertAlmostEqual(pose["bbox_confidence"], person["box"][4], delta=0.01)
        self.assertEqual([point["name"] for point in pose["keypoints"]], NAMES)
        for point, (x, y, seen) in zip(pose["keypoints"], person["points"], strict=True):
            x, y = in_picture(x, y, width, height)
            self.assertAlmostEqual(point["x"], x, delta=1)
            self.assertAlmostEqual(point["y"], y, delta=1)
            self.assertAlmostEqual(point["confidence"], seen, delta=0.01)


class People(PeopleTest):
    def test_boxes_and_points_of_all_strides_come_back_to_a_pixel_from_any_letterbox(self):
        for width, height in ((640, 640), (1000, 400), (301, 299), (480, 640), (1920, 1080)):
            answer = self.poses(gradient(width, height))
            self.assertEqual(answer["image_size"], {"width": width, "height": height})
            self.assertEqual(answer["count"], 3)
            for pose, person in zip(answer["poses"], PEOPLE, strict=True):
                with self.subTest(picture=(width, height), person=pose["person_id"]):
                    self.assertPerson(pose, person, width, height)

    def test_the_skeleton_joins_what_is_seen(self):
        for threshold, hidden in ((None, {10, 16}), (0.1, set()), (0.62, {3, 4, 10, 16})):
            fields = {} if threshold is None else {"keypoint_threshold": str(threshold)}
            pose = self.poses(gradient(64, 64), **fields)["poses"][0]
            bones = {(bone["from_index"], bone["to_index"]) for bone in pose["skeleton"]}
            self.assertEqual(len(bones), 19 - sum(1 for bone in SKELETON if hidden & set(bone)))
            self.assertFalse(any(hidden & set(bone) for bone in bones))
            for bone in pose["skeleton"]:
                self.assertEqual((bone["from"], bone["to"]), (NAMES[bone["from_index"]], NAMES[bone["to_index"]]))

    def test_the_plain_form_has_the_points_that_are_seen(self):
        people = self.poses(gradient(1000, 400), "/api/pose")
        self.assertEqual([person["person_id"] for person in people], [0, 1, 2])
        for is_, person in zip(people, PEOPLE, strict=True):
            seen = [(name, *in_picture(x, y, 1000, 400))
                    for name, (x, y, seen) in zip(NAMES, person["points"]) if seen >= 0.3]
            self.assertEqual([point["name"] for point in is_["keypoints"]], [name for name, _, _ in seen])
            for point, (_, x, y) in zip(is_["keypoints"], seen):
                self.assertAlmostEqual(point["x"], x, delta=0.1)
                self.assertAlmostEqual(point["y"], y, delta=0.1)

    def test_64_at_once_are_answered(self):
        answers = self.ask_at_once("/api/pose", {"image": png(gradient(320, 240))})
        self.assertEqual({answer.status for answer in answers}, {200})
        self.assertEqual(len({answer.body for answer in answers}), 1)

    def test_it_comes_back_with_the_manager(self):
        self.manager.restart()
        wait_ready(self.service)
        self.assertEqual(self.poses(gradient(64, 64))["count"], 3)


class Crowd(PeopleTest):
    """The Python project cuts to max_detections before the suppression, and finds one person here."""

    model = "crowd"

    def test_nobody_is_dropped_for_the_duplicates_of_somebody_else(self):
        for fields in ({}, {"max_detections": "2"}):
            answer = self.poses(gradient(640, 480), **fields)
            self.assertEqual(answer["count"], 2)
            self.assertPerson(answer["poses"][0], CROWD[0], 640, 480)
            self.assertPerson(answer["poses"][1], CROWD[-1], 640, 480)

    def test_the_surest_stay_where_more_are_found_than_wanted(self):
        answer = self.poses(gradient(64, 64), iou_threshold="1", max_detections="7")
        confidences = [pose["bbox_confidence"] for pose in answer["poses"]]
        self.assertEqual(confidences, sorted(confidences, reverse=True))
        for is_, person in zip(confidences, CROWD[:7], strict=True):
            self.assertAlmostEqual(is_, person["box"][4], delta=0.01)


class PythonClients(PeopleTest):
    """The calls of the Python project's portal, its scripts and its README."""

    def test_json_without_a_content_type(self):
        image = base64.b64encode(png(gradient(64, 64))).decode()
        fields = {"image": image, "confidence_threshold": "0.75", "max_detections": None}
        for image_text in (image, "data:image/png;base64," + image):
            body = json.dumps({**fields, "image": image_text}).encode()
            request = urllib.request.Request(f"http://127.0.0.1:{self.service.port}{PATH}", body, method="POST")
            with urllib.request.urlopen(request) as reply:  # says application/x-www-form-urlencoded
                self.assertEqual(json.load(reply)["count"], 2)

    def test_the_answer_has_the_fields_that_they_read(self):
        answer = self.poses(gradient(64, 64), confidence_threshold="0.5", iou_threshold="0.45",
                            keypoint_threshold="0.3", max_detections="10")
        self.assertEqual(set(answer), {"poses", "count", "inference_time_ms", "image_size"})
        self.assertIsInstance(answer["inference_time_ms"], int)
        for number, pose in enumerate(answer["poses"]):
            self.assertEqual(set(pose), {"person_id", "bbox", "bbox_confidence", "keypoints", "skeleton"})
            self.assertEqual(pose["person_id"], number)
            self.assertTrue(all(isinstance(pose["bbox"][side], int) for side in ("x", "y", "width", "height")))
            self.assertEqual(len(pose["keypoints"]), 17)
            self.assertEqual(set(pose["keypoints"][0]), {"name", "x", "y", "confidence"})

    def test_models_and_health(self):
        models = self.client.get("/v1/models").json()
        self.assertEqual((models["object"], models["data"][0]["task"]), ("list", "pose-estimation"))
        health = self.client.get("/health").json()
        self.assertEqual((health["status"], health["model_loaded"]), ("ok", True))
        self.assertEqual(self.client.get("/health/ready").json(), {"ready": True})

    def test_mistakes_are_400_with_the_type_that_they_know(self):
        image = base64.b64encode(png(gradient(8, 8))).decode()
        for body in (b"", b"{", b"[]", b'{"image": ""}', b'{"image": "%%%"}', b'{"image": 3}',
                     json.dumps({"image": image, "max_detections": -5}).encode(),
                     json.dumps({"image": image, "max_detections": 0}).encode(),
                     json.dumps({"image": image, "confidence_threshold": 1.5}).encode(),
                     json.dumps({"image": base64.b64encode(b"no picture").decode()}).encode()):
            answer = self.client.request("POST", PATH, body, {"Content-Type": "application/json"})
            self.assertEqual((answer.status, answer.error()["type"]), (400, "invalid_request_error"), body[:80])
            self.assertTrue(answer.error()["message"])


class NoPose(PoseTest):
    model = "yolov8s"
    becomes_ready = False

    def test_a_detector_is_told_to_be_none_with_what_would_do(self):
        patience = Patience("the load has ended", self.service.log)
        while "the outputs (8000, 6)" not in self.client.get("/health/ready").body.decode():
            patience.spend()
        answer = self.client.post_form({"image": png(gradient(64, 64))}, PATH)
        self.assertEqual((answer.status, answer.error()["type"]), (500, "internal_error"))
        self.assertIn("the outputs (8000, 6) of a network with input 640x640", answer.error()["message"])
        self.assertIn("dfl (80, 80, 64), (80, 80, 1) and (80, 80, 51)", answer.error()["message"])


if __name__ == "__main__":
    unittest.main()
