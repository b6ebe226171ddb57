"""hailo-detect in front of a real manager: what the chip sees comes back in pixels of the picture."""

import unittest

from fixture import CUP, PERSON, DetectTest, in_picture
from support.patience import Patience
from support.pictures import gradient, png
from support.service_client import Client
from support.service_process import ServiceProcess, wait_ready


class ObjectsTest(DetectTest):
    def detect(self, picture, path="/v1/detect", **fields):
        answer = self.client.post_form({"image": png(picture), **fields}, path)
        self.assertEqual(answer.status, 200, answer.body[:500])
        return answer.json()

    def assertBox(self, found, expected, pixels):
        for is_, should in zip(found, expected, strict=True):
            self.assertAlmostEqual(is_, should, delta=pixels)


class Objects(ObjectsTest):
    def test_boxes_come_back_to_a_pixel_from_any_letterbox(self):
        for width, height in ((640, 640), (1000, 400), (301, 299), (480, 640), (1920, 1080)):
            with self.subTest(picture=(width, height)):
                person, cup = self.detect(gradient(width, height))
                self.assertEqual((person["label"], cup["label"]), ("person", "cup"))
                self.assertAlmostEqual(person["confidence"], 0.9, delta=1e-4)
                self.assertBox(person["bbox"], in_picture(PERSON, width, height), 1)
                self.assertBox(cup["bbox"], in_picture(CUP, width, height), 1)

    def test_of_two_that_overlap_one_stays_unless_both_are_wanted(self):
        self.assertEqual(len(self.detect(gradient(64, 64))), 2)
        self.assertEqual(len(self.detect(gradient(64, 64), iou_threshold="1")), 3)

    def test_64_at_once_are_answered(self):
        answers = self.ask_at_once("/v1/detect", {"image": png(gradient(320, 240))})
        self.assertEqual({answer.status for answer in answers}, {200})
        self.assertEqual(len({answer.body for answer in answers}), 1)

    def test_it_comes_back_with_the_manager(self):
        self.manager.restart()
        wait_ready(self.service)
        self.assertEqual(len(self.detect(gradient(64, 64))), 2)


class ByScore(ObjectsTest):
    model = "yolov10s"

    def test_a_wide_input_and_suppression_by_score(self):
        cat, = self.detect(gradient(1000, 400))
        self.assertEqual(cat["label"], "cat")
        self.assertBox(cat["bbox"], in_picture((0.25, 0.25, 0.75, 0.75), 1000, 400, 640, 384), 1)


class RawHeads(ObjectsTest):
    model = "yolov8s_raw"

    def test_boxes_of_all_strides_come_back_to_a_pixel(self):
        seen = (("person", 0.9, PERSON), ("cup", 0.8, CUP), ("dining table", 0.7, (0.02, 0.35, 0.98, 0.65)),
                ("toothbrush", 0.6, (0.1, 0.5, 0.13, 0.52)))
        for width, height in ((640, 640), (1000, 400), (1920, 1080)):
            found = self.detect(gradient(width, height))
            for one, (label, confidence, box) in zip(found, seen, strict=True):
                with self.subTest(picture=(width, height), label=label):
                    self.assertEqual(one["label"], label)
                    self.assertAlmostEqual(one["confidence"], confidence, delta=1e-3)
                    self.assertBox(one["bbox"], in_picture(box, width, height), 1)


class NoDetector(ObjectsTest):
    model = "resnet_v1_50"

    becomes_ready = False

    def test_what_is_no_head_is_told_with_what_would_do(self):
        patience = Patience("the load has ended", self.service.log)
        while "the outputs (1000)" not in self.client.get("/health/ready").body.decode():
            patience.spend()
        answer = self.client.post_form({"image": png(gradient(64, 64))}, "/v1/detect")
        self.assertEqual(answer.status, 500)
        self.assertIn("the outputs (1000) of a network with input 224x224", answer.error()["message"])
        self.assertIn("decoded (4 + classes, 1029)", answer.error()["message"])


class Labels(ObjectsTest):
    def labelled(self, text):
        labels = self.service.folder / "labelled.txt"
        labels.write_text(text)
        service = ServiceProcess("hailo-detect", self.manager.socket_path, self.model_path(),
                                 f"model: {{labels: {labels}}}\n")
        self.addCleanup(service.close)
        return service

    def test_names_come_from_a_file(self):
        with self.labelled("somebody\n") as service:
            wait_ready(service)
            client = Client(service.port)
            self.addCleanup(client.close)
            answer = client.post_form({"image": png(gradient(64, 64))}, "/v1/detect")
            self.assertEqual([one["label"] for one in answer.json()], ["somebody", "class 41"])

    def test_a_file_that_is_none_ends_the_program(self):
        with self.assertRaisesRegex(RuntimeError, "status 1: .*is no list of labels"):
            self.labelled("").start()


if __name__ == "__main__":
    unittest.main()
