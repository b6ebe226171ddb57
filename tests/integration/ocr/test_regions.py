"""Small pictures with some words, read with PP-OCRv4: where they are, where there are none, many at once, kept answers."""

import concurrent.futures
import io
import unittest

import numpy
from PIL import Image, ImageDraw

from fixture import TEXT, PaddleTest
from rendered import FONTS, font_file, page
from support.service_client import Client


class Regions(PaddleTest):
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

    def test_lines_that_run_up_and_down_beside_others(self):
        picture = Image.new("RGB", (700, 500), "white")
        draw = ImageDraw.Draw(picture)
        draw.text((150, 60), "A page with a margin", fill="black", font=TEXT)
        for text, angle, x in (("Volume seven, 1907", 90, 40), ("Winter in Vienna", -90, 620)):
            margin = Image.new("RGB", (420, 60), "white")
            ImageDraw.Draw(margin).text((5, 2), text, fill="black", font=TEXT)
            picture.paste(margin.rotate(angle, expand=True), (x, 60))
        texts = {region["text"]: region["polygon"] for region in self.read(picture)["regions"]}
        self.assertEqual(set(texts), {"A page with a margin", "Volume seven, 1907", "Winter in Vienna"})
        # The first corner is the upper left one of the text.
        up, down = texts["Volume seven, 1907"], texts["Winter in Vienna"]
        self.assertGreater(up[0][1], up[1][1] + 100)
        self.assertLess(down[0][1], down[1][1] - 100)

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
        picture, sent = Image.new("RGB", (320, 64), "white"), io.BytesIO()
        ImageDraw.Draw(picture).text((20, 10), "river 1907", fill="black", font=TEXT)
        picture.save(sent, "PNG")

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
        self.assertEqual([region["text"] for region in answers[0].json()], ["river 1907"])


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
