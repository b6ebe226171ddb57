"""Another detector as it is published, ch_PP-OCRv3_det_infer.onnx, where ../shared/models has it, with a yaml of its own beside
it: it finds the lines that PP-OCRv4 finds, and what is read in them is what was drawn."""

import pathlib
import shutil
import tempfile
import unittest

from fixture import MODELS, PaddleTest
from rendered import CHINESE_FONTS, FONTS, WAYS, chinese_line, distance, font_file, latin_line, page
from support.manager_process import SOURCE, ManagerProcess
from support.real_network import SHARED
from support.service_client import Client
from support.service_process import ServiceProcess, wait_ready

DETECTOR = SHARED / "models" / "ch_PP-OCRv3_det_infer.onnx"
SAID = """head: db
input: {width: 320, height: 320, step: 32, max_side: 2048, colour: bgr, mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375]}
"""


def overlap(one, other):
    """Intersection over union of two upright boxes, each as its corners."""
    left, right = max(one[0][0], other[0][0]), min(one[2][0], other[2][0])
    top, bottom = max(one[0][1], other[0][1]), min(one[2][1], other[2][1])
    common = max(0, right - left) * max(0, bottom - top)
    areas = [(box[2][0] - box[0][0]) * (box[2][1] - box[0][1]) for box in (one, other)]
    return common / (sum(areas) - common)


@unittest.skipUnless(DETECTOR.exists(), "../shared/models is not there")
class OtherDetector(PaddleTest):
    @classmethod
    def make_manager(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.path = pathlib.Path(folder.name).resolve() / DETECTOR.name
        shutil.copy(DETECTOR, cls.path)
        cls.path.with_suffix(".yaml").write_text(SAID)
        return ManagerProcess(device="onnx", arguments=("--model-dirs", f"{MODELS}:{cls.path.parent}",
                                                        "--catalogue", SOURCE / "models" / "catalogue"))

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.enterClassContext(ServiceProcess("hailo-ocr", cls.manager.socket_path, cls.path, arguments=cls.arguments))
        wait_ready(cls.other)

    def test_it_finds_the_lines_that_pp_ocrv4_finds(self):
        pages = [(page(font_file(font), 20, make_line), way) for font, make_line, way in
                 ((FONTS[0], latin_line, 0), (FONTS[1], latin_line, 3), (CHINESE_FONTS[0], chinese_line, 2)) if font_file(font)]
        for number, ((picture, drawn), way) in enumerate(pages):
            picture = WAYS[way](picture, number)
            with self.subTest(number):
                ours = self.read(picture)["regions"]
                self.assertGreaterEqual(len(ours), len(drawn))
                self.client, client = Client(self.other.port), self.client
                try:
                    others = self.read(picture)["regions"]
                    read = self.lines(picture)
                finally:
                    self.client.close()
                    self.client = client
                for region in ours:
                    best = max(overlap(region["bbox"], other["bbox"]) for other in others)
                    self.assertGreater(best, 0.6, region)
                self.assertEqual(len(others), len(ours))
                self.assertLess(distance("\n".join(read), "\n".join(drawn)), 0.05 * len("\n".join(drawn)))


if __name__ == "__main__":
    unittest.main()
