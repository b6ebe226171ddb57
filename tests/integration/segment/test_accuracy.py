"""The shipped segmenter, through the manager and the service, against drawn scenes with known masks.

What counts is COCO's average precision at an IoU of 0.5, as models/yolo/precision.py computes it with NumPy; masks
come as COCO's runs in numbers, which are unrolled here."""

import unittest

import numpy

from support.pictures import png
from support.service_process import ServiceTest
from support.unseen import SCENES, decode, manager_of, precision, things


def unrolled(runs):
    """bool (height, width) of numbers of pixels outside, inside, ..., down the columns."""
    height, width = runs["size"]
    inside = numpy.arange(len(runs["counts"])) % 2 == 1
    return numpy.repeat(inside, runs["counts"]).reshape(width, height).T


class Accuracy(ServiceTest):
    program = "hailo-segment"

    @classmethod
    def make_manager(cls):
        return manager_of("detect-segment-tiny")

    @classmethod
    def model_path(cls):
        return "segment-tiny"

    def found_in(self, picture):
        answer = self.client.post_form({"image": png(picture), "threshold": "0.01", "iou_threshold": "0.6",
                                        "mask_format": "counts"}, "/v1/segment")
        self.assertEqual(answer.status, 200, answer.body[:500])
        return answer.json()

    def test_masks_and_boxes_of_things_in_unseen_scenes(self):
        of_masks, of_boxes = [], []
        for seed in SCENES:
            scene = things.render(seed)
            objects = self.found_in(scene.picture)
            scores = numpy.array([one["confidence"] for one in objects])
            labels = numpy.array([things.NAMES.index(one["label"]) for one in objects], int)
            boxes = numpy.array([one["bbox"] for one in objects]).reshape(-1, 4)
            boxes[:, 2:] += boxes[:, :2]
            masks = numpy.array([unrolled(one["segmentation"]) for one in objects])
            truth = numpy.array([scene.mask(index) for index in range(len(scene.labels))])
            of_masks.append(precision.Image(scores, labels, scene.labels, precision.mask_iou(masks, truth)))
            of_boxes.append(precision.Image(scores, labels, scene.labels, decode.iou(boxes, scene.boxes)))
        masks, boxes = (numpy.mean(list(precision.average_precision(images).values())) for images in (of_masks, of_boxes))
        print(f"\nmask mAP@0.5 {masks:.3f}, box mAP@0.5 {boxes:.3f} on {len(SCENES)} scenes")
        self.assertGreaterEqual(masks, 0.75)
        self.assertGreaterEqual(boxes, 0.85)


if __name__ == "__main__":
    unittest.main()
