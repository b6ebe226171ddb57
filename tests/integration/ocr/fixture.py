"""hailo-ocr in front of a manager that reads with PP-OCRv4 on the CPU (scripts/fetch-models)."""

import io
import unittest

from PIL import ImageFont

from rendered import FONTS, WAYS, distance, font_file, page
from support.manager_process import SOURCE, ManagerProcess
from support.service_process import ServiceTest

MODELS = SOURCE / "third_party" / "ocr-models"
TEXT = ImageFont.truetype(font_file(FONTS[0]), 40)  # 10 points at 300 dpi


@unittest.skipUnless((MODELS / ".complete").exists(), "scripts/fetch-models has not run")
class PaddleTest(ServiceTest):
    program = "hailo-ocr"
    arguments = ("--recognition", "ocr", "--classification", "ocr_angle")

    @classmethod
    def make_manager(cls):
        return ManagerProcess(device="onnx", arguments=("--model-dirs", MODELS, "--catalogue", SOURCE / "models" / "catalogue"))

    @classmethod
    def model_path(cls):
        return "ocr_det"

    def ask(self, picture, path="/v1/ocr/extract", **fields):
        sent = io.BytesIO()
        picture.save(sent, "PNG")
        answer = self.client.post_form({"image": sent.getvalue(), **fields}, path)
        self.assertEqual(answer.status, 200, answer.body[:500])
        return answer

    def read(self, picture, **fields):
        return self.ask(picture, **fields).json()

    def lines(self, picture, **fields):
        """The lines of text, without those between blocks."""
        text = self.ask(picture, format="text", **fields).body.decode()
        return [line.strip() for line in text.split("\n") if line.strip()]


class AccuracyTest(PaddleTest):
    def error_of(self, fonts, make_line, ways_of):
        """The share of wrong characters on a page of each font in each of its ways."""
        wrong = drawn = 0
        for number, pattern in enumerate(fonts):
            for way in ways_of(number):
                picture, lines = page(font_file(pattern), 1000 + 10 * number, make_line)
                read = self.lines(WAYS[way](picture, number))
                wrong += distance("\n".join(read), "\n".join(lines))
                drawn += len("\n".join(lines))
        print(f"\n{make_line.__name__}: {wrong} of {drawn} characters wrong, {100 * wrong / drawn:.2f} %")
        return wrong / drawn
