"""hailo-segment in front of a real manager, and the geometry of its pictures computed plainly."""

import pathlib

import numpy

from support import coco_masks
from support.pictures import png
from support.service_process import SimServiceTest

PROFILE = pathlib.Path(__file__).resolve().parent / "profile.yaml"


class Letterbox:
    """Where a picture lies in the network's input."""

    def __init__(self, width, height, input_width, input_height):
        scale = min(input_width / width, input_height / height)
        self.width, self.height = width, height
        self.wide, self.high = max(1, int(width * scale)), max(1, int(height * scale))
        self.left, self.top = (input_width - self.wide) // 2, (input_height - self.high) // 2

    def middles(self):
        """Of the pixels' columns and rows, in the input."""
        return (self.left + (numpy.arange(self.width) + 0.5) * self.wide / self.width,
                self.top + (numpy.arange(self.height) + 0.5) * self.high / self.height)

    def inside(self, box):
        """The pixels whose middle is in the box."""
        x, y = self.middles()
        return (((y >= box[1]) & (y < box[3]))[:, None]) & ((x >= box[0]) & (x < box[2]))[None, :]


class SegmentTest(SimServiceTest):
    profile = PROFILE
    program = "hailo-segment"
    model = "yolov8s_seg"

    def segment(self, picture, path="/v1/segment", **fields):
        answer = self.client.post_form({"image": png(picture), **fields}, path)
        self.assertEqual(answer.status, 200, answer.body[:500])
        return answer.json()

    def mask_of(self, one, width, height):
        """A boolean array, whichever way it is written."""
        given = one["segmentation"]
        if isinstance(given, list):
            return coco_masks.from_polygons(given, height, width)
        mask = (coco_masks.from_runs(given) if "counts" in given
                else coco_masks.from_picture(given, height, width))
        self.assertEqual(mask.shape, (height, width))
        return mask

    def assertMask(self, is_, should, least=0.99):
        overlap = coco_masks.overlap(is_, should)
        self.assertGreaterEqual(overlap, least, f"{is_.sum()} pixels, {should.sum()} expected")
