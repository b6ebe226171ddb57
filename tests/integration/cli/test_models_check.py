"""hailoctl models check: what files of users are taken for, and what is wrong with them."""

import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from support import hef_file, onnx_file
from support.manager_process import BIN, SOURCE

MODELS = SOURCE / "tests" / "data" / "models"
FETCHED = SOURCE / "third_party"


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

    def hef(self, name, outputs, yaml, takes=(64, 64, 3)):
        layers = [hef_file.layer("net/input_layer1", list(takes))]
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

    def declared(self, name, yaml, takes, *gives):
        path = onnx_file.write(self.folder / f"{name}.onnx", onnx_file.declared(takes, *gives))
        path.with_suffix(".yaml").write_text(yaml)
        return path

    def test_networks_of_text_faces_and_meaning_are_compared_with_their_heads(self):
        line = "family: ocr\ninput: {width: 320, height: 48, step: 32, max_side: 640, std: 255}\n"
        page = "family: ocr\ninput: {width: 320, height: 320, step: 32, max_side: 640, std: 255}\n"
        face = "family: face\ninput: {std: 255}\n"
        clip = "family: clip\ninput: {std: 255}\n"
        text = "family: clip\nhead: token-features\n"
        free = (None, 3, None, None)
        fine = {
            self.declared("map", page, free, (None, 1, None, None)): "db",
            self.declared("latin", line, (None, 3, 48, None), (None, None, 97)): "ctc",
            self.declared("named", line + "labels: [a, b, c]", (None, 3, 48, None), (None, None, 5)): "ctc",
            self.declared("angle", line, free, (None, 2)): "upside-down",
            self.declared("face", face, (1, 3, 112, 112), (1, 128)): "embedding",
            self.declared("image", clip, (1, 3, 224, 224), (1, 512)): "embedding",
            self.declared("text", text, (None, 77, 512), (None, 77, 512)): None,
        }
        code, found = self.check(*fine)
        self.assertEqual(code, 0, found)
        for one, (path, head) in zip(found, fine.items(), strict=True):
            with self.subTest(path.name):
                self.assertEqual((one["wrong"], one["notes"], one.get("head_by_its_shapes")), ([], [], head))
        wrong = {
            self.declared("no_map", page + "head: db", free, (None, 2, None, None)): "are none of text of the kind db; what would do",
            self.declared("unnamed", line, (None, 3, 48, None), (None, None, 6625)):
                "it has 6625 classes and 0 characters are named; it needs a list of 6623",
            self.declared("few", line + "labels: [a]", (None, 3, 48, None), (None, None, 5)): "5 classes and 1 characters",
            self.declared("heads", line, (None, 3, 48, None), (None, 2), (None, 2)): "what would do",
            self.declared("unknown", page + "head: dbnet", free, (None, 1, None, None)): "head dbnet is none of this type: db, ctc, upside-down",
            self.declared("big", face + "head: embedding", (1, 3, 160, 160), (1, 128)): "takes 112 x 112, this one 160 x 160",
            self.declared("maps", face + "head: embedding", (1, 3, 112, 112), (1, 7, 7, 512)): "are no vector; what would do",
            self.declared("two", clip, (1, 3, 224, 224), (1, 512), (1, 50, 768)): "are no vector",
            self.declared("pooled", text, (None, 77, 512), (None, 512)): "a row for each of its 77 tokens; this one gives (-1, 512)",
        }
        code, found = self.check(*wrong)
        self.assertEqual(code, 1)
        for one, (path, says) in zip(found, wrong.items(), strict=True):
            with self.subTest(path.name):
                self.assertTrue(any(says in text for text in one["wrong"]), one)

    def test_hefs_of_text_faces_and_meaning_too(self):
        rows = (("ctc", [48, 320, 3], [[1, 40, 97]], "family: ocr", "ctc", None),
                ("db", [544, 960, 3], [[544, 960, 1]], "family: ocr\nhead: db", None, None),
                ("v5", [48, 320, 3], [[1, 40, 18385]], "family: ocr", None, "needs a list of 18383"),
                ("arcface", [112, 112, 3], [[1, 1, 512]], "family: face\nhead: embedding", None, None),
                ("image", [224, 224, 3], [[1, 1, 512]], "family: clip\nhead: embedding", None, None),
                ("text", [1, 77, 512], [[1, 77, 512]], "family: clip\nhead: token-features", None, None),
                ("short", [1, 77, 512], [[1, 1, 512]], "family: clip\nhead: token-features", None, "a row for each of its 77 tokens"))
        for name, takes, gives, yaml, head, wrong in rows:
            with self.subTest(name):
                _, (found,) = self.check(self.hef(name, gives, yaml, takes))
                self.assertEqual(found.get("head_by_its_shapes"), head)
                self.assertEqual(len(found["wrong"]), 0 if wrong is None else 1, found)
                self.assertIn(wrong or "", "".join(found["wrong"]))

    @unittest.skipUnless((FETCHED / "ocr-models/.complete").exists(), "scripts/fetch-models has not run")
    def test_the_networks_that_are_fetched_are_fine(self):
        for file, head in (("ch_PP-OCRv4_det_infer", "db"), ("ch_PP-OCRv4_rec_infer", "ctc"),
                           ("ch_ppocr_mobile_v2.0_cls_infer", "upside-down")):
            with self.subTest(file):
                done = self.run_check(FETCHED / f"ocr-models/{file}.onnx", options=("--json", "--dir", FETCHED / "ocr-models"))
                (found,) = json.loads(done.stdout)
                self.assertEqual((done.returncode, found["wrong"], found["notes"], found["head"]), (0, [], [], head))

    def test_a_file_that_is_not_there_is_told(self):
        done = self.run_check(self.folder / "none.onnx")
        self.assertEqual(done.returncode, 1)
        self.assertIn("none.onnx", done.stderr)


if __name__ == "__main__":
    unittest.main()
