"""Whole pages, read with PP-OCRv4: what Pillow has drawn comes back in the order in which people read it."""

import io
import re
import unittest
import xml.etree.ElementTree

import numpy
from PIL import Image, ImageDraw, ImageFont

from fixture import TEXT, PaddleTest
from rendered import FONTS, chinese_line, CHINESE_FONTS, distance, font_file, latin_line, page

TITLE = ImageFont.truetype(font_file(FONTS[0]), 90)


def two_columns(width=2480, height=3508):
    """A page of A4 at 300 dpi: a title, two columns of text, a footer; and its lines in the order of reading."""
    random = numpy.random.default_rng(5)
    picture = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(picture)
    draw.text((500, 200), "Annual Report of the Station", fill="black", font=TITLE)
    lines = ["Annual Report of the Station"]
    for left in (220, 1300):
        for row in range(20):
            line = latin_line(random, 960 if row % 7 != 6 else 400, TEXT)
            draw.text((left, 460 + 130 * row), line, fill="black", font=TEXT)
            lines.append(line)
    draw.text((1180, 3350), "Page 17", fill="black", font=TEXT)
    return picture, [*lines, "Page 17"]


class Pages(PaddleTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.small, cls.small_lines = page(font_file(FONTS[0]), 7)

    def assertRead(self, read, drawn, share=0.02):
        """Each line where it belongs: a line in another place is wrong as a whole."""
        self.assertEqual(len(read), len(drawn), read)
        wrong = [distance(a, b) for a, b in zip(read, drawn)]
        self.assertLessEqual(sum(wrong), share * len("".join(drawn)), list(zip(read, drawn)))

    def test_a_page_of_300_dpi_in_two_columns_is_read_column_by_column(self):
        picture, drawn = two_columns()
        lines = {}
        for region in self.read(picture)["regions"]:
            lines.setdefault((region["block"], region["line"]), []).append(region["text"])
        self.assertRead([" ".join(words) for words in lines.values()], drawn)
        self.assertEqual({block for block, _ in lines}, {0, 1, 2, 3})

    def test_pages_on_their_side_and_upside_down(self):
        for angle in (90, 180, 270, 7, -11):
            with self.subTest(angle):
                turned = self.small.rotate(angle, Image.BICUBIC, expand=True, fillcolor=self.small.getpixel((0, 0)))
                self.assertRead(self.lines(turned), self.small_lines)

    def test_hocr_and_alto_are_xml_with_the_same_words(self):
        words = [word for line in self.small_lines for word in line.split()]
        for form, tag, content in (("hocr", "span", None), ("alto", "String", "CONTENT")):
            root = xml.etree.ElementTree.fromstring(self.ask(self.small, format=form).body)
            found = [node for node in root.iter() if node.tag.endswith("}" + tag)]
            if form == "hocr":
                found = [node for node in found if node.get("class") == "ocrx_word"]
                self.assertTrue(all(re.fullmatch(r"bbox \d+ \d+ \d+ \d+; x_wconf \d+", node.get("title")) for node in found))
            read = [node.get(content) if content else node.text for node in found]
            self.assertLess(distance(read, words), 0.05 * len(words))

    @unittest.skipUnless(font_file(CHINESE_FONTS[0]), "scripts/setup --dev installs the fonts")
    def test_languages_are_those_of_the_letters(self):
        chinese, _ = page(font_file(CHINESE_FONTS[0]), 1, chinese_line, sizes=(28, 28))
        digits = Image.new("RGB", (300, 80), "white")
        ImageDraw.Draw(digits).text((30, 20), "1907 2024", fill="black", font=TEXT)
        self.assertEqual(self.read(chinese)["languages_detected"], ["zh"])
        self.assertEqual(self.read(self.small, languages="zh")["languages_detected"], ["en"])
        self.assertEqual(self.read(digits)["languages_detected"], ["en"])  # whose network it was
        self.assertEqual(self.client.get("/health").json()["languages_supported"], ["en", "zh"])

    def test_annotated_pictures_show_where_the_text_is(self):
        drawn = Image.open(io.BytesIO(self.ask(self.small, annotated="true").body))
        self.assertEqual((drawn.format, drawn.size), ("JPEG", self.small.size))
        change = numpy.abs(numpy.asarray(drawn).astype(int) - numpy.asarray(self.small)).max(axis=2)
        for region in self.read(self.small)["regions"]:
            x, y = region["polygon"][0]
            self.assertGreater(change[max(0, y - 2):y + 3, max(0, x - 2):x + 3].max(), 60)


if __name__ == "__main__":
    unittest.main()
