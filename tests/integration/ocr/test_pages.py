"""Whole pages, read with PP-OCRv4: what Pillow has drawn comes back in the order in which people read it."""

import concurrent.futures
import io
import re
import unittest
import xml.etree.ElementTree

import numpy
from PIL import Image, ImageDraw, ImageFont

from fixture import PaddleTest
from rendered import FONTS, chinese_line, CHINESE_FONTS, distance, font_file, latin_line, page
from support.service_client import Client

TEXT = ImageFont.truetype(font_file(FONTS[0]), 40)  # 10 points at 300 dpi
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

    def test_boxes_are_around_what_was_drawn(self):
        picture = Image.new("RGB", (900, 400), "white")
        draw = ImageDraw.Draw(picture)
        places = {}
        for x, y, text in ((60, 40, "London"), (500, 60, "Vienna 1907"), (200, 280, "garden")):
            draw.text((x, y), text, fill="black", font=TEXT)
            places[text] = draw.textbbox((x, y), text, font=TEXT)
        regions = self.read(picture)["regions"]
        self.assertEqual({region["text"] for region in regions}, set(places))
        for region in regions:
            (left, top), _, (right, bottom), _ = region["bbox"]
            for is_, should in zip((left, top, right, bottom), places[region["text"]]):
                self.assertAlmostEqual(is_, should, delta=14, msg=region)

    def test_words_have_boxes_of_their_own(self):
        picture = Image.new("RGB", (900, 120), "white")
        draw = ImageDraw.Draw(picture)
        draw.text((40, 40), "river station morning", fill="black", font=TEXT)
        rows = [line.split("\t") for line in self.ask(picture, format="tsv").body.decode().splitlines()]
        words = [(row[11], int(row[6]), int(row[6]) + int(row[8])) for row in rows if row[0] == "5"]
        self.assertEqual([word for word, _, _ in words], ["river", "station", "morning"])
        for word, left, right in words:
            at = 40 + TEXT.getlength("river station morning"[:"river station morning".index(word)])
            self.assertAlmostEqual(left, at, delta=16)
            self.assertAlmostEqual(right, at + TEXT.getlength(word), delta=16)

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

    def test_white_on_black_and_faint_text(self):
        for ink, paper in ((255, 0), (150, 200)):
            picture = Image.new("RGB", (700, 100), (paper,) * 3)
            ImageDraw.Draw(picture).text((40, 30), "public paper London 4711", fill=(ink,) * 3, font=TEXT)
            self.assertEqual(self.lines(picture), ["public paper London 4711"])

    def test_a_page_without_text(self):
        random = numpy.random.default_rng(3)
        for name, picture in (("white", Image.new("RGB", (800, 600), "white")), ("one pixel", Image.new("L", (1, 1))),
                              ("noise", Image.fromarray(random.integers(0, 256, (300, 400, 3), numpy.uint8))),
                              ("a line of pixels", Image.new("L", (3000, 1), 255)), ("and down", Image.new("L", (1, 3000), 9))):
            with self.subTest(name):
                answer = self.read(picture)
                self.assertEqual((answer["success"], answer["text"], answer["regions"]), (True, "", []))
                self.assertEqual(answer["statistics"], {"total_regions": 0, "average_confidence": 0})
                self.assertEqual(self.ask(picture, format="text").body, b"")

    def test_many_at_once_are_answered_alike(self):
        sent = io.BytesIO()
        self.small.resize((450, 216)).save(sent, "PNG")

        def ask(_):
            client = Client(self.service.port)
            try:
                return client.post_form({"image": sent.getvalue()}, "/api/ocr")
            finally:
                client.close()

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(ask, range(16)))
        self.assertEqual({answer.status for answer in answers}, {200})
        self.assertEqual(len({answer.body for answer in answers}), 1)

    def test_annotated_pictures_show_where_the_text_is(self):
        drawn = Image.open(io.BytesIO(self.ask(self.small, annotated="true").body))
        self.assertEqual((drawn.format, drawn.size), ("JPEG", self.small.size))
        change = numpy.abs(numpy.asarray(drawn).astype(int) - numpy.asarray(self.small)).max(axis=2)
        for region in self.read(self.small)["regions"]:
            x, y = region["polygon"][0]
            self.assertGreater(change[max(0, y - 2):y + 3, max(0, x - 2):x + 3].max(), 60)


class Cache(PaddleTest):
    config = "processing: {enable_caching: true}\n"

    def test_the_same_picture_is_answered_without_a_network(self):
        picture, _ = page(font_file(FONTS[0]), 9, sizes=(30,))
        first = self.read(picture)
        self.assertEqual(self.client.get("/cache/stats").json(), {"enabled": True, "items_cached": 1})
        self.manager.kill()  # nobody is there to ask
        self.assertEqual(self.read(picture), first)
        self.assertTrue(self.lines(picture))


if __name__ == "__main__":
    unittest.main()
