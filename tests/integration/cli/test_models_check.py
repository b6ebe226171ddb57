"""hailoctl models check: what files of users are taken for, and what is wrong with them."""

import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from support import hef_file
from support.manager_process import BIN, SOURCE

MODELS = SOURCE / "tests" / "data" / "models"


class ModelsCheck(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name).resolve()

    def file(self, name, yaml=None):
        path = self.folder / f"{name}.onnx"
        shutil.copy(MODELS / f"{name}.onnx", path)
        if yaml is not None:
            path.with_suffix(".yaml").write_text(yaml)
        return path

    def run_check(self, *files, options=()):
        return subprocess.run([BIN / "hailoctl", "models", "check", *options, "--catalogue", SOURCE / "models" / "catalogue",
                               *files], capture_output=True, text=True, timeout=60)

    def check(self, *files):
        done = self.run_check(*files, options=("--json",))
        self.assertEqual(done.stderr, "")
        return done.returncode, json.loads(done.stdout)

    def test_a_file_that_says_everything_is_fine(self):
        code, (found,) = self.check(self.file("fruit"))
        self.assertEqual((code, found["wrong"], found["notes"]), (0, [], []))
        self.assertEqual(found["is"], "ONNX, opset 13, written by tests: an export of Ultralytics for detect")
        self.assertEqual((found["type"], found["head"], found["described_by"]), ("detect", "decoded", "itself"))
        self.assertEqual(found["classes"], "2: apple, pear")
        self.assertEqual(found["picture"], "64 x 64, RGB / 255, letterboxed, 114 beside it")
        self.assertEqual(found["output"], "output0 float32 (1, 6, 84)")

    def test_text_says_the_same(self):
        done = self.run_check(self.file("fruit"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("  head          decoded\n", done.stdout)
        self.assertTrue(done.stdout.endswith("  fine\n"))

    def test_what_users_meet_is_explained(self):
        (self.folder / "lfs.onnx").write_text("version https://git-lfs.github.com/spec/v1\n")
        (self.folder / "page.onnx").write_text("<!DOCTYPE html>")
        (self.folder / "noise.onnx").write_bytes(bytes(range(256)))
        rows = {
            self.file("int8_weights"): "have int8 weights, which ONNX Runtime's code for CPUs may not have",
            self.file("one_step"): "quantised in steps of 2.5, which serve boxes in pixels and scores",
            self.file("echo_nchw"): "nothing says how a picture becomes that: write echo_nchw.yaml beside it",
            self.file("echo_free", "input: {std: 1}"): "takes pictures of any size",
            self.file("two_inputs"): "it has 2 inputs; a model of pictures has one",
            self.file("fruit", "head: yolox"): "of the kind yolox; what would do: boxes (rows, 6)",
            self.file("echo_nhwc", "family: detect\ninput: {std: 1}"): "are no detector's head; what would do:",
            self.file("echo_bytes", "input: {layout: hwc}"): "input.layout must be one of nhwc, nchw, got hwc",
            self.file("echo_half", "input: {layout: nhwc, std: 1}"): "no picture of 1 or 3 channels in the layout nhwc",
            self.folder / "lfs.onnx": "a placeholder of Git LFS",
            self.folder / "page.onnx": "a web page",
            self.folder / "noise.onnx": "is not an ONNX model or is damaged",
        }
        code, found = self.check(*rows)
        self.assertEqual(code, 1)
        for one, (path, message) in zip(found, rows.items(), strict=True):
            with self.subTest(path.name):
                self.assertEqual(one["file"], str(path))
                self.assertTrue(any(message in text for text in one["wrong"]), one)

    def test_a_yaml_that_is_not_quite_right_is_noted(self):
        code, (found,) = self.check(self.file("fruit", "labels: [apple, pear, plum]\ninput: {width: 640, dtype: uint8}"))
        self.assertEqual(code, 1)
        self.assertEqual(found["wrong"], ["its outputs have 2 classes, and 3 are named"])
        self.assertEqual(found["notes"], ["it takes 64 x 64, not the 640 x 64 that are said of it",
                                          "it takes float32, not the uint8 that is said of it"])

    def test_a_file_of_the_catalogue_is_described_by_it(self):
        shutil.copy(MODELS / "fruit.onnx", self.folder / "yolox_nano.onnx")
        _, (found,) = self.check(self.folder / "yolox_nano.onnx")
        self.assertEqual((found["described_by"], found["head"]), ("the catalogue's entry yolox_nano", "yolox"))

    def test_encoders_of_clip_take_a_picture_and_a_text(self):
        folder = SOURCE / "models" / "clip-tiny"
        code, (image, text) = self.check(folder / "clip-tiny-image.onnx", folder / "clip-tiny-text.onnx")
        self.assertEqual((code, image["wrong"], text["wrong"]), (0, [], []))
        self.assertEqual(image["picture"], "64 x 64, RGB, stretched")
        self.assertEqual(text["input"], "input float32 (?, 77, 128)")
        self.assertNotIn("picture", text)

    def test_a_hef_is_checked_too(self):
        (self.folder / "cut.hef").write_bytes(b"\x01HEF\0\0\0\3\0\0\1\0" + bytes(60))
        code, (found,) = self.check(self.folder / "cut.hef")
        self.assertEqual(code, 1)
        self.assertIn("cut off", found["wrong"][0])

    def hef(self, name, outputs, yaml):
        layers = [hef_file.layer("net/input_layer1", [64, 64, 3])]
        layers += [hef_file.layer(f"net/conv{i}", shape, output=True) for i, shape in enumerate(outputs)]
        path = hef_file.write(self.folder / f"{name}.hef", hef_file.description([hef_file.network("net", layers)]))
        path.with_suffix(".yaml").write_text(yaml)
        return path

    def test_outputs_of_a_hef_are_compared_with_its_head(self):
        sides = (8, 4, 2)
        people = [[side, side, channels] for side in sides for channels in (64, 1, 51)]
        masks = [[side, side, channels] for side in sides for channels in (64, 2, 32)] + [[16, 16, 32]]
        objects = [[side, side, channels] for side in sides for channels in (64, 2)]
        for family, outputs in (("pose", people), ("segment", masks), ("detect", objects)):
            with self.subTest(family):
                code, (found,) = self.check(self.hef(family, outputs, f"family: {family}\n"))
                self.assertEqual((code, found["wrong"]), (0, []), found)
                self.assertEqual(found["head_by_its_shapes"], "dfl")
                self.assertEqual(found["input"], "net/input_layer1 UINT8 NHWC (64, 64, 3)")
                self.assertEqual(len(found["output"]), len(outputs))
        for family, outputs, yaml, wrong in (
                ("pose", objects, "", "what would do"),
                ("segment", people, "", "what would do"),
                ("detect", objects, "head: yolox", "of the kind yolox"),
                ("pose", people, "head: yolov5", "head yolov5 is none of this type: dfl, decoded, boxes"),
                ("segment", masks, "labels: [a, b, c]", "its outputs have 2 classes, and 3 are named")):
            with self.subTest(family, yaml=yaml):
                code, (found,) = self.check(self.hef(family, outputs, f"family: {family}\n{yaml}\n"))
                self.assertEqual(code, 1)
                self.assertIn(wrong, found["wrong"][0])

    def test_outputs_of_a_network_for_people_are_compared_with_its_head(self):
        code, (found,) = self.check(self.file("pose_planes", "family: pose\n"))
        self.assertEqual((code, found["wrong"]), (0, []), found)
        self.assertEqual(found["head_by_its_shapes"], "decoded")
        code, (found,) = self.check(self.file("pose_rows", "family: pose\nhead: boxes\n"))
        self.assertEqual(code, 1)
        self.assertIn("what would do", found["wrong"][0])

    def test_a_file_that_is_not_there_is_told(self):
        done = self.run_check(self.folder / "none.onnx")
        self.assertEqual(done.returncode, 1)
        self.assertIn("none.onnx", done.stderr)


if __name__ == "__main__":
    unittest.main()
