"""hailo-scrfd with SCRFD, YuNet and BlazeFace as they are published, on real pictures.

The oracles are the networks for each other, and where a person sees the astronaut's eyes, nose and mouth."""

import unittest

import numpy
from PIL import Image

from support.manager_process import SOURCE
from support.plain_vision import overlap
from support.real_network import SHARED, RealNetworkTest
from support.service_process import ServiceProcess, wait_ready
from support.service_client import Client

PICTURES = SHARED / "pictures"
SCRFD, YUNET = (SHARED / "models" / name for name in ("scrfd_500m_bnkps.onnx", "yunet.onnx"))
BLAZEFACE = SOURCE / "third_party" / "face-models" / "blazeface_short.onnx"
# Where a person sees the astronaut's.
SEEN = (203, 101), (246, 103), (223, 127), (203.5, 140), (244.5, 141)
FACE = 180, 75, 268, 178
POINTS = ["left_eye", "right_eye", "nose", "left_mouth", "right_mouth"]


def corners(box):
    x, y, width, height = box
    return x, y, x + width, y + height


def best_points(outputs, anchors, points_of):
    """The five points of the best anchor of a square input, by the published formulas. outputs: (rows, values) each.
    anchors: of a cell; points_of: of a row's offsets, its cell and the stride."""
    best = 0, None
    for stride in (8, 16, 32):
        cells = (640 // stride) ** 2
        of_stride = [one for one in outputs if one.shape[0] == cells * anchors]
        scores = numpy.prod([one for one in of_stride if one.shape[1] == 1], axis=0).ravel()
        offsets, = [one for one in of_stride if one.shape[1] == 10]
        row = int(scores.argmax())
        if scores[row] > best[0]:
            cell = row // anchors
            place = numpy.array([cell % (640 // stride), cell // (640 // stride)])
            best = scores[row], points_of(offsets[row].reshape(5, 2), place, stride)
    return best[1]


class FacesTest(RealNetworkTest):
    program = "hailo-scrfd"
    model_type = "face"

    def faces(self, file, client=None, **fields):
        answer = (client or self.client).post_form({"image": (PICTURES / file).read_bytes(), **fields}, "/v1/detect")
        self.assertEqual(answer.status, 200, answer.body[:500])
        body = answer.json()
        self.assertEqual(body["num_faces"], len(body["faces"]))
        return body["faces"]

    def the_face(self, file, **fields):
        face, = self.faces(file, **fields)
        self.assertEqual([point["type"] for point in face["landmarks"]], POINTS)
        return corners(face["bbox"]), numpy.array([[point["x"], point["y"]] for point in face["landmarks"]])

    def error_of(self, box, points, others):
        """Distances of points in widths of the face; their mean is what is published of networks."""
        return numpy.hypot(*(points - numpy.array(others)).T) / (box[2] - box[0])


@unittest.skipUnless(SCRFD.exists() and YUNET.exists(), "../shared/models is not there")
class ScrfdAndYunet(FacesTest):
    network = SCRFD

    def test_they_agree_about_the_astronauts_face(self):
        box, points = self.the_face("astronaut.png")
        self.assertGreater(overlap(box, FACE), 0.7)
        self.assertLess(self.error_of(box, points, SEEN).max(), 0.05)
        other = self.path.with_name(YUNET.name)
        other.write_bytes(YUNET.read_bytes())
        with ServiceProcess(self.program, self.manager.socket_path, other) as service:
            wait_ready(service)
            client = Client(service.port)
            self.addCleanup(client.close)
            face, = self.faces("astronaut.png", client)
            self.assertEqual(self.faces("coffee.png", client), [])
        self.assertGreaterEqual(overlap(box, corners(face["bbox"])), 0.7)
        others = numpy.array([[point["x"], point["y"]] for point in face["landmarks"]])
        apart = self.error_of(box, points, others)
        self.assertLess(apart.mean(), 0.05)
        self.assertLess(apart.max(), 0.07)

    def test_what_they_differ_by_is_their_own(self):
        """Decoded plainly, from a picture that was resized plainly, their points lie as far apart: a mouth's corner by
        6 to 7 % of the face, whatever the mean. Nothing of it is lost on the way."""
        with Image.open(PICTURES / "astronaut.png") as picture:
            fitted = numpy.asarray(picture.convert("RGB").resize((640, 640), Image.BILINEAR))
        other = self.path.with_name("plain_" + YUNET.name)
        other.write_bytes(YUNET.read_bytes())
        to_picture = 512 / 640
        scrfd = to_picture * best_points(self.raw(fitted), 2, lambda offsets, place, stride: (offsets + place) * stride)
        yunet = to_picture * best_points(self.raw(fitted, other), 1, lambda offsets, place, stride: (offsets + place) * stride)
        box, points = self.the_face("astronaut.png")
        self.assertLess(numpy.abs(points - scrfd).max(), 0.25)
        apart = self.error_of(box, scrfd, yunet)
        print(f"\nSCRFD-500M and YuNet, decoded plainly: {100 * apart.mean():.1f} % of the face in the mean, {100 * apart.max():.1f} % at most")
        self.assertLess(apart.mean(), 0.05)
        self.assertGreater(apart.max(), 0.05)
        # SCRFD is nearer to what a person sees.
        self.assertLess(self.error_of(box, scrfd, SEEN).max(), 0.05)
        self.assertGreater(self.error_of(box, yunet, SEEN).max(), 0.05)

    def test_a_cup_of_coffee_is_no_face(self):
        self.assertEqual(self.faces("coffee.png"), [])


@unittest.skipUnless(BLAZEFACE.exists() and PICTURES.exists(), "scripts/fetch-models or ../shared is not there")
class Blazeface(FacesTest):
    network = BLAZEFACE

    def test_the_astronauts_face(self):
        box, points = self.the_face("astronaut.png")
        self.assertGreater(overlap(box, FACE), 0.7)
        apart = self.error_of(box, points, SEEN)
        self.assertLess(apart.mean(), 0.06)
        self.assertLess(apart.max(), 0.12, "the mouth's corners are assumed")

    def test_a_cup_of_coffee_is_no_face(self):
        self.assertEqual(self.faces("coffee.png"), [])


del FacesTest, RealNetworkTest
if __name__ == "__main__":
    unittest.main()
