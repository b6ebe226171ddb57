"""The shipped network, through the manager and the service, against drawn figures with known key points.

What counts is COCO's average precision at an object key point similarity of 0.5, as models/yolo/precision.py
computes it with NumPy."""

import unittest

import numpy

from support.pictures import png
from support.service_process import ServiceTest
from support.unseen import SCENES, manager_of, people, precision


class Accuracy(ServiceTest):
    program = "hailo-pose"

    @classmethod
    def make_manager(cls):
        return manager_of("pose-tiny")

    @classmethod
    def model_path(cls):
        return "pose-tiny"

    def found_in(self, picture):
        answer = self.client.post_form({"image": png(picture), "confidence_threshold": "0.01", "iou_threshold": "0.6",
                                        "max_detections": "50"}, "/v1/pose/detect")
        self.assertEqual(answer.status, 200, answer.body[:500])
        poses = answer.json()["poses"]
        for pose in poses:
            self.assertEqual([point["name"] for point in pose["keypoints"]], list(people.KEYPOINTS))
        points = numpy.array([[(point["x"], point["y"]) for point in pose["keypoints"]] for pose in poses], float)
        return numpy.array([pose["bbox_confidence"] for pose in poses]), points.reshape(-1, len(people.KEYPOINTS), 2)

    def test_key_points_of_figures_in_unseen_scenes(self):
        images = []
        for seed in SCENES:
            scene = people.render(seed)
            scores, points = self.found_in(scene.picture)
            areas = numpy.array([scene.mask(index).sum() for index in range(len(scene.labels))])
            images.append(precision.Image(scores, numpy.zeros(len(scores), int), scene.labels,
                                          precision.oks(points, scene.keypoints, areas)))
        value = precision.average_precision(images)[0]
        print(f"\nOKS AP@0.5 {value:.3f} on {len(SCENES)} scenes")
        self.assertGreaterEqual(value, 0.8)


if __name__ == "__main__":
    unittest.main()
