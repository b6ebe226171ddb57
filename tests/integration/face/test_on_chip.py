"""hailo-scrfd with the tensors of SCRFD as they are on the chip, (h, w, 2), (h, w, 8) and (h, w, 20), in whatever order.

The oracle is the published formula, anchor by anchor, and a suppression that compares every pair.
"""

import unittest

from support.pictures import gradient, png
from support.plain_vision import overlap
from support.service_process import SimServiceTest

SCORE, BOX, POINT = 0.875, 1.25, 0.5  # what the outputs of stride 32 are full of
OUTPUTS = [(f"conv{stride}_{channels}", stride, channels) for channels in (20, 2, 8) for stride in (16, 8, 32)]


def profile():
    fills = {2: SCORE, 8: BOX, 20: POINT}
    lines = ["name: face-chip", "architecture: HAILO10H", "firmware: 5.2.0", "memory_mb: 500", "models:", "  scrfd_2.5g:",
             "    kind: tensor", "    size_mb: 5", "    inputs:", "      - {name: in, dtype: uint8, shape: [640, 640, 3]}", "    outputs:"]
    for name, stride, channels in OUTPUTS:
        side, fill = 640 // stride, fills[channels] if stride == 32 else 0
        lines.append(f"      - {{name: {name}, dtype: float32, shape: [{side}, {side}, {channels}], fill: {fill}}}")
    return "\n".join(lines) + "\n"


def expected(limit):
    boxes = sorted((x * 32 - BOX * 32, y * 32 - BOX * 32, x * 32 + BOX * 32, y * 32 + BOX * 32) for y in range(20) for x in range(20))
    kept = []
    for box in boxes:
        if all(overlap(box, other) <= 0.4 for other in kept):
            kept.append(box)
    return kept[:limit]


class OnChip(SimServiceTest):
    program = "hailo-scrfd"
    model = "scrfd_2.5g"

    @classmethod
    def profile_text(cls):
        return profile()

    def test_faces_are_where_the_formula_says(self):
        answer = self.client.post_form({"image": png(gradient(640, 640)), "max_faces": "300"}, "/v1/detect")
        self.assertEqual(answer.status, 200, answer.body[:300])
        faces, should = answer.json()["faces"], expected(300)
        self.assertEqual(len(faces), len(should))
        self.assertGreater(len(faces), 30)
        for face, box in zip(faces, should):
            left, top, right, bottom = (min(max(round(side), 0), 640) for side in box)
            self.assertEqual(face["bbox"], [left, top, right - left, bottom - top])
            self.assertEqual(face["confidence"], SCORE)
            corner = box[0] + BOX * 32, box[1] + BOX * 32
            for point in face["landmarks"]:
                self.assertEqual((point["x"], point["y"]), (corner[0] + POINT * 32, corner[1] + POINT * 32))

    def test_where_nothing_reaches_the_threshold_there_are_no_faces(self):
        answer = self.client.post_form({"image": png(gradient(320, 200)), "conf_threshold": "0.9"}, "/v1/detect")
        self.assertEqual(answer.json()["faces"], [])


if __name__ == "__main__":
    unittest.main()
