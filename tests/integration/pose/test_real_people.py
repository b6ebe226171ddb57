"""hailo-pose with YOLO11n-pose as it is published, where ../shared/models has it, on real pictures.

The oracle is numpy: the same network's raw outputs, of a picture that Pillow has fitted, by the published formula of the
head and a suppression that compares every pair.
"""

import unittest

import numpy

from support.plain_vision import fitted, overlap
from support.real_network import SHARED, RealNetworkTest

try:
    from PIL import Image
except ImportError:
    Image = None

NETWORK = SHARED / "models" / "yolo11n_pose.onnx"
SIDE, OVERLAP = 640, 0.45


def people(raw, threshold):
    """(score, box, key points) in the input, best first."""
    found = []
    for i in numpy.argsort(-raw[4], kind="stable"):
        if raw[4, i] < threshold:
            break
        cx, cy, w, h = raw[:4, i]
        box = (cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2)
        if all(overlap(box, other) <= OVERLAP for _, other, _ in found):
            found.append((raw[4, i], box, raw[5:, i].reshape(17, 3)))
    return found


@unittest.skipUnless(Image and NETWORK.exists(), "../shared/models or PIL is not there")
class RealPeople(RealNetworkTest):
    program = "hailo-pose"
    network = NETWORK
    model_type = "pose"

    def poses(self, file, threshold):
        sent = (SHARED / "pictures" / file).read_bytes()
        answer = self.client.post_form({"image": sent, "confidence_threshold": str(threshold)}, "/v1/pose/detect")
        self.assertEqual(answer.status, 200, answer.body[:500])
        return answer.json()["poses"]

    def test_they_are_where_numpy_finds_them(self):
        for file, threshold, count in (("astronaut.png", 0.05, 2), ("chelsea.png", 0.05, 2), ("coffee.png", 0.5, 0)):
            with self.subTest(file):
                picture = numpy.asarray(Image.open(SHARED / "pictures" / file).convert("RGB"))
                given, (across, down, left, top) = fitted(picture, SIDE)
                expected = people(self.raw(given)[0], threshold)
                self.assertEqual(len(expected), count)
                size = numpy.array([picture.shape[1], picture.shape[0]])

                def back(points):
                    return numpy.clip((numpy.array(points) - [left, top]) / [across, down], 0, size)

                for pose, (score, box, points) in zip(self.poses(file, threshold), expected, strict=True):
                    self.assertAlmostEqual(pose["bbox_confidence"], score, delta=0.01)
                    x, y, width, height = (pose["bbox"][side] for side in ("x", "y", "width", "height"))
                    numpy.testing.assert_allclose([[x, y], [x + width, y + height]], back([box[:2], box[2:]]), atol=1)
                    is_ = numpy.array([[point["x"], point["y"]] for point in pose["keypoints"]])
                    numpy.testing.assert_allclose(is_, numpy.minimum(back(points[:, :2]), size - 1), atol=1)
                    seen = [point["confidence"] for point in pose["keypoints"]]
                    numpy.testing.assert_allclose(seen, points[:, 2], atol=0.01)

    def test_the_astronauts_shoulders_eyes_and_nose_are_where_they_are(self):
        """Where a person sees them in the picture."""
        pose, = self.poses("astronaut.png", 0.5)
        at = {point["name"]: (point["x"], point["y"]) for point in pose["keypoints"] if point["confidence"] > 0.9}
        for name, place, pixels in (("nose", (222, 132), 8), ("left_eye", (246, 109), 8), ("right_eye", (207, 104), 8),
                                    ("left_shoulder", (305, 240), 30), ("right_shoulder", (105, 240), 30)):
            self.assertLess(numpy.hypot(*numpy.subtract(at[name], place)), pixels, (name, at[name]))


if __name__ == "__main__":
    unittest.main()
