"""hailoctl detect, pose, segment and depth through a real manager: on the simulated chip, whose heads are those of the
published files, and on ONNX Runtime. What has to come out is computed plainly, or drawn from what the profile says."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import numpy

from support import pictures
from support.manager_process import BIN, SLOW, SOURCE, ManagerProcess

sys.path.insert(0, str(SOURCE / "tests/integration/pose"))
import scenes  # noqa: E402

PROGRAM = str(BIN / "hailoctl")
TIMEOUT = 120 * SLOW
SHARED = SOURCE.parent / "shared"
PERSON, CUP = (0.3, 0.4, 0.45, 0.6), (0.6125, 0.4, 0.7, 0.55)  # in shares of the input

PROFILE = f"""
name: picture-chip
architecture: HAILO10H
firmware: 5.2.0
memory_mb: 500
models:
  yolov8s:
    kind: tensor
    size_mb: 15
    inputs: [{{name: in, dtype: uint8, shape: [640, 640, 3]}}]
    outputs:
      - name: nms
        nms:
          order: by_class
          classes: 80
          boxes: 100
          report: [[{', '.join(map(str, PERSON))}, 0.9, 0], [{', '.join(map(str, CUP))}, 0.8, 41]]
  yolov8s_pose: {json.dumps({"kind": "tensor", "size_mb": 18, "inputs": [{"name": "in", "dtype": "uint8", "shape": [640, 640, 3]}],
                             "outputs": scenes._raw_heads(scenes.PEOPLE)})}
  yolov8s_seg:
    kind: tensor
    size_mb: 20
    inputs: [{{name: in, dtype: uint8, shape: [640, 640, 3]}}]
    outputs:
      - name: nms
        nms: {{order: byte_mask, classes: 80, boxes: 20, mask_bytes: 500000, report: [[0.25, 0.25, 0.5, 0.75, 0.9, 15]]}}
  scdepthv3:
    kind: tensor
    size_mb: 40
    inputs: [{{name: in, dtype: uint8, shape: [256, 320, 3]}}]
    outputs: [{{name: depth, dtype: float32, shape: [256, 320, 1], fill: 0.25}}]
  sound:
    kind: tensor
    size_mb: 1
    inputs: [{{name: in, dtype: float32, shape: [100]}}]
    outputs: [{{name: out, dtype: float32, shape: [10], fill: 0}}]
"""


def box_in_picture(box, width, height, side=640):
    """[x, y, width, height] in a picture that was letterboxed into a square input, computed plainly."""
    corners = [scenes.in_picture(box[i], box[i + 1], width, height, side) for i in (0, 2)]
    (x0, y0), (x1, y1) = corners
    return [x0, y0, x1 - x0, y1 - y0]


class PictureTest(unittest.TestCase):
    """A manager, and a folder of its own for each test."""

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def picture(self, name="street.png", width=480, height=240):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(pictures.png(pictures.gradient(width, height)))
        return path

    def run_hailoctl(self, *words, socket=None):
        return subprocess.run([PROGRAM, "--socket", str(socket or self.manager.socket_path), *map(str, words)],
                              capture_output=True, text=True, timeout=TIMEOUT, cwd=self.folder, stdin=subprocess.DEVNULL)

    def lines(self, *words):
        done = self.run_hailoctl("--json", *words)
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def read_jpeg(self, path):
        from PIL import Image  # the oracle for what was written
        with Image.open(path) as image:
            return image.format, numpy.asarray(image.convert("RGB")).astype(int)


class OnTheChip(PictureTest):
    @classmethod
    def setUpClass(cls):
        cls.profile = tempfile.NamedTemporaryFile("w", suffix=".yaml")
        cls.addClassCleanup(cls.profile.close)
        cls.profile.write(PROFILE)
        cls.profile.flush()
        cls.manager = cls.enterClassContext(
            ManagerProcess(sim_profile=cls.profile.name))

    def run_hailoctl(self, task, *words, **more):
        """With the profile's model, unless another is given."""
        name = {"detect": "yolov8s", "pose": "yolov8s_pose", "segment": "yolov8s_seg", "depth": "scdepthv3"}
        options = ("--json", words[0]) if task == "--json" else (task,)
        model = () if "--model" in words else ("--model", self.manager.model(name[options[-1]]))
        return super().run_hailoctl(*options, *model, *words[len(options) - 1:], **more)

    def test_objects_are_found_where_they_are(self):
        (line,) = self.lines("detect", self.picture())
        self.assertEqual((line["width"], line["height"], line["picture"]), (480, 240, str(self.folder / "street.png")))
        self.assertEqual([one["label"] for one in line["objects"]], ["person", "cup"])
        for one, box, score in zip(line["objects"], (PERSON, CUP), (0.9, 0.8), strict=True):
            self.assertAlmostEqual(one["confidence"], score, places=3)
            for found, expected in zip(one["bbox"], box_in_picture(box, 480, 240), strict=True):
                self.assertAlmostEqual(found, expected, delta=0.5)

    def test_the_table_is_for_people(self):
        done = self.run_hailoctl("detect", self.picture())
        self.assertEqual(done.returncode, 0, done.stderr)
        head, title, person, cup = done.stdout.splitlines()
        self.assertRegex(head, r"street\.png: 480x240, 2 objects, [\d.]+ ms$")
        self.assertIn("CONFIDENCE", title)
        self.assertRegex(person, r"^ +person +90 % +144,72 72x96$")
        self.assertRegex(cup, r"^ +cup +80 %")

    def test_options_choose_what_is_shown(self):
        picture = self.picture()
        self.assertEqual([one["label"] for one in self.lines("detect", picture, "--threshold", 0.85)[0]["objects"]], ["person"])
        self.assertEqual([one["label"] for one in self.lines("detect", picture, "--class", "cup")[0]["objects"]], ["cup"])
        self.assertEqual(len(self.lines("detect", picture, "--max-detections", 1)[0]["objects"]), 1)
        self.assertIn("no object", self.run_hailoctl("detect", picture, "--threshold", 0.99).stdout)
        labels = self.folder / "labels.txt"
        labels.write_text("somebody\n")
        names = [one["label"] for one in self.lines("detect", picture, "--labels", labels)[0]["objects"]]
        self.assertEqual(names, ["somebody", "class 41"])

    def test_wrong_options_are_told_before_anything_is_done(self):
        picture = self.picture()
        for words, says in ((("detect", picture, "--threshold", 2), "--threshold"),
                            (("detect", picture, "--max-detections", 0), "--max-detections"),
                            (("detect", picture, "--labels", "none.txt"), "none.txt"),
                            (("depth", picture, "--colormap", "grey"), "--colormap"),
                            (("detect", picture, "-o", "out.gif"), ".jpg and .png"),
                            (("detect", picture, "-o", picture), "would replace"),
                            (("detect",), "picture")):
            with self.subTest(words=words):
                done = self.run_hailoctl(*words, socket="nobody.sock")
                self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
                self.assertIn(says, done.stderr)

    def test_a_class_that_the_model_does_not_know_is_a_wrong_command_line(self):
        done = self.run_hailoctl("detect", self.picture(), "--class", "unicorn")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("knows no class 'unicorn'", done.stderr)

    def test_the_annotated_picture_differs_where_objects_are(self):
        picture = self.picture()
        for name, kind in (("found.jpg", "JPEG"), ("deep/folder/found.png", "PNG")):
            with self.subTest(name):
                (line,) = self.lines("detect", picture, "-o", name)
                self.assertEqual(line["output"], name)
                form, after = self.read_jpeg(self.folder / name)
                self.assertEqual((form, after.shape), (kind, (240, 480, 3)))
                changed = numpy.abs(after - pictures.gradient(480, 240)).max(axis=2) > 60
                x, y, width, height = map(round, line["objects"][0]["bbox"])
                self.assertTrue(changed[y + height - 1, x + 5:x + width - 5].all())  # the lower edge
                self.assertFalse(changed[y + 30:y + height - 5, x + 10:x + width - 10].any())  # within the box
                self.assertFalse(changed[200:, :].any())

    def test_folders_and_patterns_are_a_line_for_each_picture(self):
        for name in ("in/b.png", "in/a.png", "other.png"):
            self.picture(name)
        (self.folder / "in/notes.txt").write_text("no picture")
        found = self.lines("detect", "in", "oth*.png", "in/a.png", "-o", "out/")
        self.assertEqual([line["picture"] for line in found], ["in/a.png", "in/b.png", "other.png"])
        self.assertEqual([line["output"] for line in found], ["out/a.jpg", "out/b.jpg", "out/other.jpg"])
        self.assertEqual(sorted(path.name for path in (self.folder / "out").iterdir()), ["a.jpg", "b.jpg", "other.jpg"])

    def test_a_picture_that_is_none_does_not_stop_the_others(self):
        (self.folder / "bad.jpg").write_bytes(b"\xff\xd8\xffnonsense")
        done = self.run_hailoctl("--json", "detect", self.picture("a.png"), "bad.jpg", self.picture("z.png"))
        self.assertEqual(done.returncode, 1)
        first, error, last = (json.loads(line) for line in done.stdout.splitlines())
        self.assertEqual((len(first["objects"]), len(last["objects"])), (2, 2))
        self.assertIn("bad.jpg: ", error["error"])
        done = self.run_hailoctl("detect", "bad.jpg")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("bad.jpg: ", done.stderr)

    def test_an_output_that_cannot_be_written_ends_it(self):
        (self.folder / "blocked").write_bytes(b"")
        done = self.run_hailoctl("detect", self.picture("a.png"), self.picture("b.png"), "-o", "blocked/out/")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("cannot make the folder blocked/out", done.stderr)
        self.assertEqual(done.stderr.count("hailoctl:"), 1)
        self.assertNotIn("models.dirs", done.stderr)

    def test_pictures_that_are_not_there_are_told(self):
        for words, says in ((["none.jpg"], "there is no file none.jpg"), (["*.jpg"], "no file matches *.jpg"),
                            ([self.folder], "there are no pictures")):
            with self.subTest(says):
                done = self.run_hailoctl("detect", *words)
                self.assertEqual(done.returncode, 1)
                self.assertIn(says, done.stderr)

    def test_people_have_their_key_points(self):
        (line,) = self.lines("pose", self.picture(), "-o", "people.jpg")
        self.assertEqual(len(line["poses"]), 3)
        best = line["poses"][0]
        self.assertEqual([point["name"] for point in best["keypoints"]], scenes.NAMES)
        for point, (x, y, seen) in zip(best["keypoints"], scenes.PEOPLE[0]["points"], strict=True):
            expected = scenes.in_picture(x, y, 480, 240)
            self.assertLessEqual(abs(point["x"] - expected[0]), 1.5)
            self.assertLessEqual(abs(point["y"] - expected[1]), 1.5)
            self.assertAlmostEqual(point["confidence"], seen, delta=0.02)
        after = self.read_jpeg(self.folder / "people.jpg")[1]
        changed = numpy.abs(after - pictures.gradient(480, 240)).max(axis=2) > 60
        nose = best["keypoints"][0]
        self.assertTrue(changed[nose["y"], nose["x"]])
        shoulders = [point for point in best["keypoints"] if point["name"].endswith("shoulder")]
        middle = [round((shoulders[0][axis] + shoulders[1][axis]) / 2) for axis in ("y", "x")]
        self.assertTrue(changed[middle[0] - 1:middle[0] + 2, middle[1]].any())  # the bone between them
        text = self.run_hailoctl("pose", self.folder / "street.png").stdout
        self.assertIn("3 people", text)
        self.assertIn("KEY POINTS SEEN", text)

    def test_objects_have_their_masks(self):
        (line,) = self.lines("segment", self.picture(), "--mask-format", "counts", "-o", "masks.png")
        (cat,) = line["objects"]
        self.assertEqual((cat["label"], cat["segmentation"]["size"]), ("cat", [240, 480]))
        for found, expected in zip(cat["bbox"], box_in_picture((0.25, 0.25, 0.5, 0.75), 480, 240), strict=True):
            self.assertAlmostEqual(found, expected, delta=0.5)
        counts = cat["segmentation"]["counts"]  # as COCO's decode() has it: runs down the columns
        flat = numpy.repeat(numpy.arange(len(counts)) % 2, counts)
        mask = flat.reshape(480, 240).T.astype(bool)
        self.assertEqual(mask.sum(), cat["area"])
        self.assertGreater(cat["area"], 0)
        after = self.read_jpeg(self.folder / "masks.png")[1]
        changed = numpy.abs(after - pictures.gradient(480, 240)).max(axis=2) > 10
        x, y, width, height = map(round, cat["bbox"])
        inner = (slice(y + 40, y + height - 5), slice(x + 5, x + width - 5))  # below the label
        self.assertTrue((changed[inner] == mask[inner]).all())

    def test_depth_is_told_and_drawn(self):
        (line,) = self.lines("depth", self.picture(), "-o", "depth.png", "--colormap", "jet")
        self.assertEqual(line["stats"], {"min": 0.25, "max": 0.25, "mean": 0.25, "p95": 0.25})
        self.assertEqual(self.read_jpeg(self.folder / "depth.png")[1].shape, (240, 480, 3))
        self.assertIn("0.25 to 0.25, mean 0.25", self.run_hailoctl("depth", self.folder / "street.png").stdout)

    def test_a_model_of_another_kind_is_told(self):
        for task, model, says in (("detect", "scdepthv3", "outputs"), ("pose", "yolov8s", "outputs"),
                                  ("detect", "sound", "takes one uint8 picture")):
            with self.subTest(task=task, model=model):
                done = self.run_hailoctl(task, self.picture(), "--model", self.manager.model(model))
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertIn(says, done.stderr)

    def test_without_a_manager_it_says_how_to_start_it(self):
        done = self.run_hailoctl("detect", self.picture(), socket=self.folder / "nobody.sock")
        self.assertEqual(done.returncode, 3)
        self.assertIn("hailo-device-manager", done.stderr)

    def test_a_name_in_a_picture_does_not_steer_the_terminal(self):
        done = self.run_hailoctl("detect", self.picture("a\x1b]0;b.png"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("\x1b", done.stdout)


class OnTheProcessor(PictureTest):
    """Real networks: ours, and those of ../shared where they are."""

    @classmethod
    def setUpClass(cls):
        own = tempfile.TemporaryDirectory()
        cls.addClassCleanup(own.cleanup)
        cls.own_models = pathlib.Path(own.name).resolve()
        folders = ":".join(map(str, (SOURCE / "tests/data/models", SOURCE / "models/depth-tiny", SHARED / "models",
                                     cls.own_models)))
        cls.manager = cls.enterClassContext(ManagerProcess(
            device="onnx", arguments=("--model-dirs", folders, "--catalogue", SOURCE / "models/catalogue")))

    def test_a_missing_model_comes_with_the_command_that_brings_it(self):
        for words, says in (((), "hailoctl pull yolov8s brings it"), (("--model", "yolo11n"), "hailoctl pull yolo11n brings it"),
                            (("--model", "unicorn"), "hailoctl models --available")):
            with self.subTest(says):
                done = self.run_hailoctl("detect", self.picture(), *words)
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertIn(says, done.stderr)

    def test_key_points_come_from_a_network(self):
        model = SOURCE / "tests/data/models/pose_rows.onnx"
        (line,) = self.lines("pose", self.picture(width=128, height=64), "--model", model)
        self.assertEqual(len(line["poses"]), 2)

    def test_the_head_that_is_told_counts(self):
        for task, file, head in (("pose", "tests/data/models/pose_rows.onnx", "boxes"),
                                 ("segment", "models/detect-segment-tiny/segment-tiny.onnx", "decoded")):
            with self.subTest(task):
                model = self.own_models / f"{task}.onnx"
                shutil.copy(SOURCE / file, model)
                model.with_suffix(".yaml").write_text(f"family: {task}\nhead: {head}\n")
                done = self.run_hailoctl(task, self.picture(), "--model", model)
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertIn(f"of the kind {head}", done.stderr)

    def test_depth_of_a_scene_is_not_flat(self):
        (line,) = self.lines("depth", SOURCE / "docs/pictures/yard.jpg", "-o", "yard.jpg")  # scdepthv3, by its name
        self.assertGreater(line["stats"]["max"], line["stats"]["min"])
        shape = self.read_jpeg(self.folder / "yard.jpg")[1].shape
        self.assertEqual((shape[1], shape[0]), (line["width"], line["height"]))

    @unittest.skipUnless((SHARED / "models/yolox_nano.onnx").exists(), "../shared/models is not there")
    def test_a_real_detector_finds_the_cat(self):
        (line,) = self.lines("detect", SHARED / "pictures/chelsea.png", "--model", SHARED / "models/yolox_nano.onnx")
        self.assertIn("cat", [one["label"] for one in line["objects"]])

    def test_the_models_own_classes_and_fit_count(self):
        models = SOURCE / "tests/data/models"
        picture = self.picture(width=128, height=64)
        (line,) = self.lines("detect", picture, "--model", models / "fruit.onnx")
        self.assertEqual([(one["label"], one["bbox"]) for one in line["objects"]],
                         [("apple", [16, 8, 32, 16]), ("pear", [88, 32, 16, 32])])
        (line,) = self.lines("detect", picture, "--model", models / "fruit.onnx", "--class", "pear")
        self.assertEqual([one["label"] for one in line["objects"]], ["pear"])
        done = self.run_hailoctl("detect", picture, "--model", models / "fruit.onnx", "--class", "person")
        self.assertEqual(done.returncode, 2)
        self.assertIn("the first of the 2 that it knows is 'apple'", done.stderr)


if __name__ == "__main__":
    unittest.main()
