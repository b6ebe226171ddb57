"""hailoctl ocr, clip and faces through a real manager, with networks on ONNX Runtime. What has to come out is what was
drawn: text, figures; and where a person sees a face."""

import json
import math
import pathlib
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

import numpy
from PIL import Image

from support import pictures
from support.manager_process import BIN, SLOW, SOURCE, ManagerProcess
from support.unseen import MODELS, figures

sys.path.insert(0, str(SOURCE / "tests/integration/ocr"))
import rendered  # noqa: E402

PROGRAM = str(BIN / "hailoctl")
TIMEOUT = 120 * SLOW
SHARED = SOURCE.parent / "shared"
FETCHED = SOURCE / "third_party"
ASTRONAUT = SHARED / "pictures/astronaut.png"
FACE = 180, 75, 268, 178  # where a person sees the astronaut's
FOLDERS = [FETCHED / "ocr-models", FETCHED / "face-models", MODELS / "clip-tiny"]


class ReadingTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folders = ":".join(str(folder) for folder in FOLDERS if folder.exists())
        cls.manager = cls.enterClassContext(ManagerProcess(
            device="onnx", arguments=("--model-dirs", folders, "--catalogue", MODELS / "catalogue")))

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def run_hailoctl(self, *words, socket=None):
        return subprocess.run([PROGRAM, "--socket", str(socket or self.manager.socket_path), *map(str, words)],
                              capture_output=True, text=True, timeout=TIMEOUT, cwd=self.folder, stdin=subprocess.DEVNULL)

    def text(self, *words):
        done = self.run_hailoctl(*words)
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        return done.stdout

    def lines(self, *words):
        return [json.loads(line) for line in self.text("--json", *words).splitlines()]

    def wrong(self, *words, says, code=2, **more):
        done = self.run_hailoctl(*words, **more)
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        self.assertIn(says, done.stderr)

    def file(self, picture, name="page.png"):
        Image.fromarray(numpy.asarray(picture)).save(self.folder / name)
        return name


@unittest.skipUnless((FETCHED / "ocr-models/.complete").exists(), "scripts/fetch-models has not run")
class Ocr(ReadingTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.picture, cls.drawn = rendered.page(rendered.font_file(rendered.FONTS[0]), 7, sizes=(19, 23, 28))

    def read(self, *words):
        return self.text("ocr", self.file(self.picture), *words)

    def test_the_text_is_all_that_is_printed(self):
        self.assertEqual([line for line in self.read().splitlines() if line], self.drawn)

    def test_json_has_regions_where_the_lines_are(self):
        for words in (("--json", "ocr"), ("ocr", "--format", "json")):
            with self.subTest(words):
                found = json.loads(self.text(*words, self.file(self.picture)))
                self.assertEqual((found["picture"], found["width"], found["height"]),
                                 ("page.png", self.picture.width, self.picture.height))
                self.assertEqual([region["text"] for region in found["regions"]], self.drawn)
                self.assertEqual(found["languages_detected"], ["en"])
                self.assertGreater(found["inference_time_ms"], 0)
                tops = [region["bbox"][0][1] for region in found["regions"]]
                self.assertEqual(tops, sorted(tops))

    def test_documents_are_those_of_tesseract(self):
        rows = [row.split("\t") for row in self.read("--format", "tsv").splitlines()]
        self.assertEqual(rows[0][-1], "text")
        self.assertEqual(" ".join(row[-1] for row in rows[1:] if row[0] == "5"), " ".join(self.drawn))
        root = xml.etree.ElementTree.fromstring(self.read("--format", "alto"))
        words = [node.get("CONTENT") for node in root.iter() if node.tag.endswith("}String")]
        self.assertEqual(" ".join(words), " ".join(self.drawn))
        self.assertIn("ocr_page", self.read("--format", "hocr"))

    def test_several_pages_have_headings_and_are_no_single_document(self):
        for name in ("a.png", "b.png"):
            self.file(self.picture, name)
        heading, *rest = self.text("ocr", "a.png", "b.png", "-o", "out/").splitlines()
        self.assertRegex(heading, r"^a\.png: \d+x\d+, 3 lines, \d+ ms -> out/a\.jpg$")
        self.assertEqual(rest[:3], self.drawn)
        with Image.open(self.folder / "out/a.jpg") as image:
            changed = numpy.abs(numpy.asarray(image).astype(int) - numpy.asarray(self.picture)).max(axis=2) > 60
        self.assertGreater(changed.mean(), 0.002)
        for form in ("hocr", "alto"):
            self.wrong("ocr", "a.png", "b.png", "--format", form, says="one document for one picture")

    def test_what_is_less_sure_than_asked_for_is_left_out(self):
        self.assertEqual(self.lines("ocr", self.file(self.picture), "--threshold", 1)[0]["regions"], [])

    def test_a_language_that_nothing_reads_is_a_wrong_command_line(self):
        self.wrong("ocr", self.file(self.picture), "--language", "fr", says="nothing here reads 'fr'; there are en, zh")

    def test_models_of_another_kind_are_told(self):
        name = self.file(self.picture)
        self.wrong("ocr", name, "--model", "clip-tiny-text", code=1, says="no picture of 1 or 3 channels")
        self.wrong("ocr", name, "--recognition", "unicorn", code=1, says="hailoctl models --available")


class Clip(ReadingTest):
    """clip-tiny has learned drawn figures."""

    TABLES = ("--catalogue", MODELS / "catalogue", "--model-dirs", MODELS / "clip-tiny")

    def clip(self, *words):
        return self.lines("clip", "--model", "clip-tiny-image", *self.TABLES, *words)

    def figure(self, what, seed=5):
        return self.file(figures.render(seed, figures.COMBINATIONS.index(what)).picture, "figure.png")

    def prompts(self, count=20):
        """A figure that training has left out, and captions of others and its own."""
        own = next(what for what in figures.COMBINATIONS if figures.held_out(what))
        texts = [figures.caption(what) for what in figures.COMBINATIONS[:count] if what != own] + [figures.caption(own)]
        return own, texts, [word for text in texts for word in ("-p", text)]

    def test_the_text_that_was_drawn_is_the_best(self):
        own, texts, words = self.prompts()
        (line,) = self.clip(self.figure(own), *words)
        ranks = line["classifications"]
        self.assertEqual([one["rank"] for one in ranks], list(range(1, len(texts) + 1)))
        self.assertEqual(ranks[0]["text"], texts[-1])
        self.assertAlmostEqual(sum(one["score"] for one in ranks), 1, places=5)
        self.assertNotIn("embedding", line)
        (line,) = self.clip(self.figure(own), *words, "--top-k", 2, "--score-mode", "cosine", "-o", "seen.png")
        self.assertEqual((len(line["classifications"]), line["output"]), (2, "seen.png"))
        self.assertTrue(all(-1 <= one["score"] <= 1 for one in line["classifications"]))

    def test_shares_are_a_softmax_of_a_hundred_cosines(self):
        own, texts, words = self.prompts(2)
        picture = self.figure(own)
        (cosines,) = self.clip(picture, *words, "--score-mode", "cosine")
        (shares,) = self.clip(picture, *words, "--score-mode", "softmax")
        powers = [math.exp(100 * one["score"]) for one in cosines["classifications"]]
        for one, power in zip(shares["classifications"], powers, strict=True):
            self.assertAlmostEqual(one["score"], power / sum(powers), places=3)

    def test_templates_are_averaged(self):
        own, texts, _ = self.prompts(2)
        picture = self.figure(own)
        score = lambda *words: self.clip(picture, *words, "--score-mode", "cosine")[0]["classifications"][0]["score"]  # noqa: E731
        self.assertEqual(score("-p", texts[0], "--template", "{}"), score("-p", texts[0]))
        self.assertEqual(score("-p", texts[0], "--template", "one {}"), score("-p", "one " + texts[0]))
        self.assertNotEqual(score("-p", texts[0], "--template", "one {}", "--template", "{}"), score("-p", texts[0]))

    def test_vectors_have_length_one(self):
        (line,) = self.clip(self.figure(figures.COMBINATIONS[0]), "--embedding")
        self.assertEqual((len(line["embedding"]), line["dimension"]), (64, 64))
        self.assertAlmostEqual(numpy.linalg.norm(line["embedding"]), 1, places=5)
        self.assertNotIn("classifications", line)
        text = self.text("clip", "--model", "clip-tiny-image", "figure.png", "--embedding").splitlines()
        self.assertRegex(text[0], r"^figure\.png: \d+x\d+, 64 numbers, \d+ ms$")
        numpy.testing.assert_allclose([float(word) for word in text[1].split()], line["embedding"], atol=1e-6)

    def test_wrong_command_lines_are_told_before_anything_is_done(self):
        picture = self.figure(figures.COMBINATIONS[0])
        for words, says in ((("clip", picture), "--embedding"), (("clip", picture, "-p", "a", "--template", "b"), "{}"),
                            (("clip", picture, "-p", "a" * 9000), "at most 8192 bytes"),
                            (("clip", picture, "-p", "a", "--top-k", 0), "--top-k")):
            with self.subTest(says):
                self.wrong(*words, says=says, socket="nobody.sock")

    def test_tables_that_nothing_tells_are_asked_for(self):
        self.wrong("clip", self.figure(figures.COMBINATIONS[0]), "--model", "clip-tiny-image", "-p", "a", "--catalogue",
                   self.folder, code=1, says="(--token-embeddings)")

    def test_the_usual_model_is_told_with_what_brings_it(self):
        self.wrong("clip", self.figure(figures.COMBINATIONS[0]), "-p", "a", code=1, says="clip_vit_b_32_image_encoder")


@unittest.skipUnless((FETCHED / "face-models/.complete").exists() and ASTRONAUT.exists(), "scripts/fetch-models or ../shared is not there")
class Faces(ReadingTest):
    MODEL = ("--model", "blazeface_short")

    def test_the_astronauts_face_is_found_and_drawn(self):
        (line,) = self.lines("faces", ASTRONAUT, *self.MODEL, "-o", "face.png")
        (face,) = line["faces"]
        x, y, width, height = face["bbox"]
        self.assertLess(abs(x + width / 2 - (FACE[0] + FACE[2]) / 2), 12)
        self.assertLess(abs(y + height / 2 - (FACE[1] + FACE[3]) / 2), 12)
        self.assertEqual([point["type"] for point in face["landmarks"]],
                         ["left_eye", "right_eye", "nose", "left_mouth", "right_mouth"])
        for point in face["landmarks"]:
            self.assertTrue(x < point["x"] < x + width and y < point["y"] < y + height, point)
        with Image.open(ASTRONAUT) as before, Image.open(self.folder / "face.png") as after:
            changed = numpy.abs(numpy.asarray(after).astype(int) - numpy.asarray(before.convert("RGB"))).max(axis=2) > 60
        self.assertGreater(changed[y + height - 1, x + 5:x + width - 5].mean(), 0.9)  # the lower edge
        self.assertFalse(changed[300:].any())

    def test_the_table_is_for_people(self):
        head, title, row = self.text("faces", ASTRONAUT, *self.MODEL).splitlines()
        self.assertRegex(head, r"astronaut\.png: 512x512, 1 face, \d+ ms$")
        self.assertIn("CONFIDENCE", title)
        self.assertRegex(row, r"^ +1 +\d+ % +\d+,\d+ \d+x\d+$")
        self.assertIn("no face", self.text("faces", ASTRONAUT, *self.MODEL, "--threshold", 1))

    def test_a_model_of_another_kind_is_told(self):
        (self.folder / "grey.png").write_bytes(pictures.png(pictures.gradient(64, 64)))
        self.wrong("faces", "grey.png", "--model", "clip-tiny-image", code=1, says="outputs")


del ReadingTest
if __name__ == "__main__":
    unittest.main()
