"""Detectors that users bring as ONNX, through the manager and the service: the tiny ones of tests/data/models, and real
networks of ../shared/models where they are.

What the service finds in a real picture is compared with what numpy makes of the same network's raw outputs, of a
picture that Pillow has fitted: the heads' published formulas and a suppression that compares every pair.
"""

import array
import pathlib
import shutil
import tempfile
import unittest

import numpy

from support.manager_process import SOURCE, ManagerProcess
from support.patience import Patience
from support.pictures import gradient, png
from support.plain_vision import fitted, overlap
from support.service_client import Client
from support.service_process import ServiceProcess, wait_ready
from support.wire import Wire, tensor, tensor_bytes

try:
    from PIL import Image
except ImportError:
    Image = None

MODELS = SOURCE / "tests" / "data" / "models"
SHARED = SOURCE.parent / "shared"
CATALOGUE = SOURCE / "models" / "catalogue"
COCO = (SOURCE / "src" / "services" / "kit" / "coco.txt").read_text().splitlines()
THRESHOLD, OVERLAP = 0.4, 0.45


class Exports(unittest.TestCase):
    catalogue = None
    models = MODELS

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name).resolve()
        more = ("--catalogue", cls.catalogue) if cls.catalogue else ()
        cls.manager = ManagerProcess(device="onnx", arguments=("--model-dirs", cls.folder, *more))
        cls.addClassCleanup(cls.manager.close)
        cls.manager.__enter__()

    def model(self, name, yaml=None, called=None):
        """What was described once stays so while it is loaded: another name for another yaml."""
        path = self.folder / f"{called or name}.onnx"
        shutil.copy(self.models / f"{name}.onnx", path)
        if yaml is not None:
            path.with_suffix(".yaml").write_text(yaml)
        return path

    def service(self, path, config=""):
        service = ServiceProcess("hailo-detect", self.manager.socket_path, path, config)
        self.addCleanup(service.close)
        service.start()
        return service

    def client(self, path, config=""):
        service = self.service(path, config)
        wait_ready(service)
        client = Client(service.port)
        self.addCleanup(client.close)
        return client

    def detect(self, client, picture, **fields):
        answer = client.post_form({"image": png(picture), **fields}, "/v1/detect")
        self.assertEqual(answer.status, 200, answer.body[:500])
        return answer.json()


class Tiny(Exports):
    def test_an_export_of_ultralytics_answers_with_its_own_classes(self):
        for name in ("fruit", "fruit_free"):
            with self.subTest(model=name):
                client = self.client(self.model(name))
                # The picture lies from row 16 to 48 of the input.
                apple, pear = self.detect(client, gradient(128, 64))
                self.assertEqual((apple["label"], apple["confidence"], apple["bbox"]), ("apple", 0.9, [16, 8, 32, 16]))
                self.assertEqual((pear["label"], pear["bbox"]), ("pear", [88, 32, 16, 32]))
                self.assertEqual(client.get("/v1/info").json()["classes"], ["apple", "pear"])
                self.assertEqual(len(self.detect(client, gradient(128, 64), classes="pear")), 1)

    def test_who_names_the_classes_has_the_last_word(self):
        names = self.folder / "names.txt"
        names.write_text("one\ntwo\n")
        client = self.client(self.model("fruit", f"labels: {names.name}\nhead: decoded\n", "named"))
        self.assertEqual(client.get("/v1/info").json()["classes"], ["one", "two"])
        names.write_text("uno\ndue\n")
        client = self.client(self.folder / "named.onnx", f"model: {{labels: {names}}}\n")
        self.assertEqual(client.get("/v1/info").json()["classes"], ["uno", "due"])

    def test_a_detector_of_tensorflow_is_stretched_and_counts_from_one(self):
        client = self.client(self.model("tensorflow", "labels: coco90\ninput: {width: 300, height: 300, fit: stretch}\n"))
        cat, person = self.detect(client, gradient(200, 100))
        self.assertEqual((cat["label"], cat["confidence"], cat["bbox"]), ("cat", 0.9, [40, 10, 40, 40]))
        self.assertEqual((person["label"], person["bbox"]), ("person", [100, 50, 100, 50]))

    def test_a_yaml_that_lies_about_its_head_shows_before_the_first_request(self):
        path = self.model("fruit", "head: yolox\n", "liar")
        service = self.service(path)
        client = Client(service.port)
        self.addCleanup(client.close)
        patience = Patience("the load has ended", service.log)
        while "of the kind yolox; what would do: " not in client.get("/health/ready").body.decode():
            patience.spend()
        path.with_suffix(".yaml").unlink()
        wait_ready(service)  # without being told


def yolox(raw, side):
    cells = [(x, y, stride) for stride in (8, 16, 32) for y in range(side // stride) for x in range(side // stride)]
    x, y, stride = numpy.array(cells, numpy.float64).T
    raw = raw.astype(numpy.float64)
    boxes = [(raw[:, 0] + x) * stride, (raw[:, 1] + y) * stride, numpy.exp(raw[:, 2]) * stride,
             numpy.exp(raw[:, 3]) * stride]
    return numpy.stack(boxes, 1), raw[:, 4:5] * raw[:, 5:]


def decoded(raw, _):
    raw = raw.astype(numpy.float64)
    return raw[:4].T, raw[4:84].T


def objects(boxes, scores, placed, width, height):
    """(label, score, [x0, y0, x1, y1]) in the picture, best first."""
    found = []
    for i in numpy.argsort(-scores.max(1), kind="stable"):
        score, label = scores[i].max(), int(scores[i].argmax())
        if score < THRESHOLD:
            break
        cx, cy, w, h = boxes[i]
        box = (cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2)
        if all(other != label or overlap(box, its) <= OVERLAP for other, _, its in found):
            found.append((label, score, box))
    across, down, left, top = placed
    for label, score, (x0, y0, x1, y1) in found:
        box = [(x0 - left) / across, (y0 - top) / down, (x1 - left) / across, (y1 - top) / down]
        yield COCO[label], score, numpy.clip(box, 0, [width, height, width, height])


@unittest.skipUnless(Image and (SHARED / "models" / "yolox_nano.onnx").exists(), "../shared/models or PIL is not there")
class Real(Exports):
    models = SHARED / "models"

    def raw(self, path, picture):
        with Wire(self.manager.socket_path, features=[]) as wire:
            reply = wire.call({"action": "infer", "model_type": "detect", "model_path": str(path),
                               "input_data": {"input": tensor(picture.tobytes(), picture.shape)}})
        self.assertNotIn("error", reply)
        result = reply["result"]
        if "shape" not in result:
            result = result["output0"]
        return numpy.array(array.array("f", tensor_bytes(result))).reshape(result["shape"])

    def check(self, name, side, corner, decode, pictures):
        path = self.model(name)
        client = self.client(path)
        for file, seen in pictures.items():
            with self.subTest(model=name, picture=file):
                picture = numpy.asarray(Image.open(SHARED / "pictures" / file).convert("RGB"))
                found = self.detect(client, picture, threshold=THRESHOLD, iou_threshold=OVERLAP)
                self.assertIn(seen, [one["label"] for one in found])
                given, placed = fitted(picture, side, corner)
                boxes, scores = decode(self.raw(path, given), side)
                expected = list(objects(boxes, scores, placed, picture.shape[1], picture.shape[0]))
                self.assertEqual([one["label"] for one in found], [label for label, _, _ in expected])
                for one, (_, score, box) in zip(found, expected, strict=True):
                    x, y, width, height = one["bbox"]
                    numpy.testing.assert_allclose([x, y, x + width, y + height], box, atol=1)
                    self.assertAlmostEqual(one["confidence"], score, delta=0.01)

    PICTURES = {"astronaut.png": "person", "chelsea.png": "cat", "coffee.png": "cup"}

    def test_yolox_nano_is_recognised_and_finds_what_is_there(self):
        self.check("yolox_nano", 416, True, yolox, self.PICTURES)

    def test_a_pose_network_of_yolo11_says_what_it_is_and_sees_the_astronaut(self):
        path = self.model("yolo11n_pose")
        with Wire(self.manager.socket_path, features=[]) as wire:
            info = wire.call({"action": "load_model", "model_type": "pose", "model_path": str(path)})["model_info"]
            self.assertEqual((info["head"], info["labels"], info["input_shape"]), ("decoded", ["person"], [640, 640, 3]))
            given, _ = fitted(numpy.asarray(Image.open(SHARED / "pictures" / "astronaut.png").convert("RGB")), 640, False)
            result = wire.call({"action": "infer", "model_type": "pose", "model_path": str(path),
                                "input_data": {"input": tensor(given.tobytes(), given.shape)}})["result"]
        scores = numpy.array(array.array("f", tensor_bytes(result))).reshape(result["shape"])[4]
        self.assertGreater(scores.max(), 0.8)

    def test_a_segmenter_of_yolo11_gives_its_boxes(self):
        self.check("yolo11n_seg_int8", 640, False, decoded, self.PICTURES)


class RealByCatalogue(Real):
    """The same file by its entry, for which a service asks as for the NPU's."""
    catalogue = CATALOGUE

    def model(self, name, yaml=None, called=None):
        return super().model(name, yaml, called).with_suffix(".hef")

    test_a_segmenter_of_yolo11_gives_its_boxes = None
    test_a_pose_network_of_yolo11_says_what_it_is_and_sees_the_astronaut = None


del Exports  # not a test by itself

if __name__ == "__main__":
    unittest.main()
