"""The shipped detector, through the manager and the service, against drawn scenes with known boxes.

What counts is COCO's average precision at an IoU of 0.5, as models/yolo/precision.py computes it with NumPy."""

import unittest

import numpy

from support.pictures import png
from support.service_process import ServiceTest
from support.unseen import SCENES, decode, manager_of, precision, things


class Accuracy(ServiceTest):
    program = "hailo-detect"

    @classmethod
    def make_manager(cls):
        return manager_of("detect-segment-tiny")

    @classmethod
    def model_path(cls):
        return "detect-tiny"

    def found_in(self, picture):
        answer = self.client.post_form({"image": png(picture), "threshold": "0.01", "iou_threshold": "0.6"},
                                       "/v1/detect")
        self.assertEqual(answer.status, 200, answer.body[:500])
        objects = answer.json()
        boxes = numpy.array([one["bbox"] for one in objects]).reshape(-1, 4)
        boxes[:, 2:] += boxes[:, :2]
        labels = numpy.array([things.NAMES.index(one["label"]) for one in objects], int)
        return numpy.array([one["confidence"] for one in objects]), labels, boxes

    def test_boxes_of_things_in_unseen_scenes(self):
        images = []
        for seed in SCENES:
            scene = things.render(seed)
            scores, labels, boxes = self.found_in(scene.picture)
            images.append(precision.Image(scores, labels, scene.labels, decode.iou(boxes, scene.boxes)))
        of_class = precision.average_precision(images)
        self.assertEqual(len(of_class), len(things.NAMES))
        mean = numpy.mean(list(of_class.values()))
        print(f"\nbox mAP@0.5 {mean:.3f} on {len(SCENES)} scenes")
        self.assertGreaterEqual(mean, 0.85)


if __name__ == "__main__":
    unittest.main()
