"""A recogniser that takes lines of one width, as on the NPU: PP-OCRv4's with a yaml that says so. Lines of a page are
several times as long; what was drawn has to come."""

import pathlib
import shutil
import tempfile
import unittest

from fixture import MODELS, PaddleTest
from rendered import CHINESE_FONTS, FONTS, WAYS, chinese_line, distance, font_file, latin_line, page
from support.manager_process import SOURCE, ManagerProcess

SAID = """head: ctc
labels: characters.txt
input: {width: 320, height: 48, fit: corner, colour: bgr, mean: 127.5, std: 127.5}
"""


class OneWidth(PaddleTest):
    @classmethod
    def make_manager(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name).resolve()
        shutil.copy(MODELS / "ch_PP-OCRv4_rec_infer.onnx", cls.folder / "narrow.onnx")
        shutil.copy(MODELS / "ppocr_keys_v1.txt", cls.folder / "characters.txt")
        (cls.folder / "narrow.yaml").write_text(SAID)
        return ManagerProcess(device="onnx", arguments=("--model-dirs", f"{MODELS}:{cls.folder}", "--catalogue", SOURCE / "models" / "catalogue"))

    @classmethod
    def service_arguments(cls):
        return ("--recognition", str(cls.folder / "narrow.onnx"))

    def test_long_lines_are_read_in_parts(self):
        for font, make_line, way, most in ((FONTS[0], latin_line, 0, 0.02), (FONTS[1], latin_line, 3, 0.03), (CHINESE_FONTS[0], chinese_line, 0, 0.02)):
            if font_file(font) is None:
                continue
            with self.subTest(font):
                picture, drawn = page(font_file(font), 40, make_line)
                read = self.lines(WAYS[way](picture, 1))
                wrong = distance("\n".join(read), "\n".join(drawn))
                print(f"\n{font}: {wrong} of {len(chr(10).join(drawn))} characters wrong")
                self.assertLessEqual(wrong, most * len("\n".join(drawn)), list(zip(read, drawn)))

    def test_words_of_a_line_in_parts_are_where_they_stand(self):
        picture, drawn = page(font_file(FONTS[0]), 41, sizes=(28,))
        rows = [row.split("\t") for row in self.ask(picture, format="tsv").body.decode().splitlines()[1:]]
        words = [row for row in rows if row[0] == "5"]
        self.assertLessEqual(distance(" ".join(row[-1] for row in words), drawn[0]), 1)
        lefts = [int(row[6]) for row in words]
        self.assertEqual(lefts, sorted(lefts))
        self.assertAlmostEqual(lefts[0], 50, delta=8)  # as page() draws it


del PaddleTest
if __name__ == "__main__":
    unittest.main()
