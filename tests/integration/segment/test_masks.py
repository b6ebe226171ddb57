"""hailo-segment on heads of the published shapes: masks come back in the picture, in each form."""

import unittest

from fixture import Letterbox, SegmentTest
from support.patience import Patience
from support.pictures import gradient, png
from support.service_client import Client
from support.service_process import ServiceProcess, wait_ready

PERSON, CUP, TABLE = (192, 256, 288, 384), (392, 256, 448, 352), (12.8, 224, 627.2, 416)
PICTURES = ((640, 640), (1000, 400), (301, 299), (480, 640), (1920, 1080))


class RawHeads(SegmentTest):
    def test_masks_fill_their_boxes_in_any_letterbox(self):
        for width, height in PICTURES:
            found = self.segment(gradient(width, height))
            for one, label, box in zip(found, ("person", "cup", "dining table"), (PERSON, CUP, TABLE), strict=True):
                with self.subTest(picture=(width, height), label=label):
                    self.assertEqual(one["label"], label)
                    mask = self.mask_of(one, width, height)
                    self.assertEqual(one["area"], mask.sum())
                    self.assertMask(mask, Letterbox(width, height, 640, 640).inside(box), 0.97)

    def test_each_form_says_the_same(self):
        picture = gradient(900, 500)
        masks = {form: self.mask_of(self.segment(picture, mask_format=form)[0], 900, 500)
                 for form in ("rle", "counts", "polygon", "png")}
        for form, mask in masks.items():
            with self.subTest(mask_format=form):
                self.assertTrue((mask == masks["rle"]).all())

    def test_results_of_coco_have_runs(self):
        one = self.segment(gradient(64, 64), format="coco", image_id="7", classes="cup")[0]
        self.assertEqual(set(one), {"image_id", "category_id", "bbox", "score", "segmentation"})
        self.assertEqual((one["image_id"], one["category_id"]), (7, 47))
        self.assertMask(self.mask_of(one, 64, 64), Letterbox(64, 64, 640, 640).inside(CUP))


class ByteMasks(SegmentTest):
    model = "yolov5m_seg_with_nms"

    def test_masks_that_the_device_has_made_come_back_in_the_picture(self):
        for width, height in PICTURES:
            found = self.segment(gradient(width, height))
            for one, label, box in zip(found, ("person", "cup"), (PERSON, CUP), strict=True):
                with self.subTest(picture=(width, height), label=label):
                    self.assertEqual(one["label"], label)
                    self.assertMask(self.mask_of(one, width, height), Letterbox(width, height, 640, 640).inside(box), 0.97)

    def test_64_at_once_are_answered(self):
        answers = self.ask_at_once("/v1/segment", {"image": png(gradient(320, 240))})
        self.assertEqual({answer.status for answer in answers}, {200})
        self.assertEqual(len({answer.body for answer in answers}), 1)


class ManyObjects(SegmentTest):
    """300 masks of a picture of 12 million pixels: an object at each of 25,200 anchors."""

    model = "yolov5n_seg"
    config = "segment: {max_mask_ms: 60000}\n"
    all_of_them = {"max_detections": "300", "threshold": "0", "iou_threshold": "1"}

    def test_runs_are_bounded(self):
        answer = self.client.post_form({"image": png(gradient(4000, 3000)), **self.all_of_them}, "/v1/segment")
        self.assertEqual(answer.status, 200, answer.body[:500])
        self.assertEqual(len(answer.json()), 300)
        self.assertLess(len(answer.body), 4 << 20)

    def test_what_takes_too_long_is_the_clients_to_change(self):
        with ServiceProcess("hailo-segment", self.manager.socket_path, self.model_path(),
                            "segment: {max_mask_ms: 1}\n") as service:
            wait_ready(service)
            client = Client(service.port)
            self.addCleanup(client.close)
            answer = client.post_form({"image": png(gradient(4000, 3000)), **self.all_of_them,
                                       "mask_format": "png"}, "/v1/segment")
        self.assertEqual(answer.status, 413, answer.body[:500])
        self.assertIn("the masks of 300 objects take more than 1 ms", answer.error()["message"])


class NoSegmenter(SegmentTest):
    def test_a_model_that_is_none_is_told_with_what_would_do(self):
        """As soon as it is loaded, and to whoever asks for masks."""
        with ServiceProcess("hailo-segment", self.manager.socket_path, self.manager.model("yolov8s")) as service:
            client = Client(service.port)
            self.addCleanup(client.close)
            said = "the outputs (8000, 6) of a network with input 640x640 are no segmenter's head"
            patience = Patience("the model was looked at", service.log)
            while said not in client.get("/health/ready").body.decode():
                patience.spend()
            answer = client.post_form({"image": png(gradient(64, 64))}, "/v1/segment")
            self.assertEqual(answer.status, 500)
            self.assertIn(said, answer.error()["message"])


if __name__ == "__main__":
    unittest.main()
