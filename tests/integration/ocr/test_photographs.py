"""A page that somebody photographed: small, bent, darker on one side. What a person reads on it is what has to come."""

import unittest

from PIL import Image

from fixture import PaddleTest
from rendered import distance
from support.manager_process import SOURCE

# tests/data/pictures/README.md says whose it is. Below the last line is half of another one.
PAGE = SOURCE / "tests" / "data" / "pictures" / "page.png"
TEXT = ["Region-based segmentation",
        "Let us first determine markers of the coins and the",
        "background. These markers are pixels that we can label",
        "unambiguously as either object or background. Here,",
        "the markers are found at the two extreme parts of the",
        "histogram of grey values:",
        ">>> markers = np.zeros_like(coins)"]


class Photographs(PaddleTest):
    def assertReads(self, picture, share):
        lines = self.lines(picture)
        wrong = distance("\n".join(lines[:len(TEXT)]), "\n".join(TEXT))
        print(f"\n{self.id().rpartition('.')[2]}: {wrong} of {len(chr(10).join(TEXT))} characters wrong")
        self.assertLessEqual(wrong, share * len("\n".join(TEXT)), lines)

    def setUp(self):
        super().setUp()
        self.picture = Image.open(PAGE).convert("RGB")

    def test_every_line_of_a_bent_page_is_read(self):
        self.assertReads(self.picture, 0.02)

    def test_the_same_from_further_away_and_on_its_side(self):
        width, height = self.picture.size
        wide = Image.new("RGB", (3 * width, 3 * height), (90, 80, 70))
        wide.paste(self.picture, (width, height))
        self.assertReads(wide, 0.03)
        self.assertReads(self.picture.rotate(90, expand=True), 0.05)


del PaddleTest
if __name__ == "__main__":
    unittest.main()
