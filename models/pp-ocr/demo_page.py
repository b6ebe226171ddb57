#!/usr/bin/env python3
"""Draws docs/pictures/page.jpg: a page of text in two columns, photographed from the side, for demonstrations.

    python3 models/pp-ocr/demo_page.py docs/pictures/page.jpg

Needs python3-pil, python3-numpy, fonts-dejavu-core.
"""

import sys

import numpy
from PIL import Image, ImageDraw, ImageFilter, ImageFont

FOLDER = "/usr/share/fonts/truetype/dejavu/"
TITLE = "One accelerator, many services"
COLUMNS = ("""A camera that looks for people, a
microphone that writes down what it
hears and a program that answers
questions can share one chip, if
somebody decides whose turn it is.

That is the work of the device
manager. It knows which networks
are loaded, how much memory each
of them takes (from 3 MB to 2 GB),
and what is waiting for them.""",
           """A short piece of work does not
wait behind a long one: 6 ms for a
picture are not added to the 4.2 s
of an answer. What is urgent goes
first, and nobody waits for ever.

When a network hangs, its process
is replaced. What was loaded is
loaded again; unfinished work is
done once more. The programs see
a delay and no error.""")


def drawn():
    picture = Image.new("RGB", (1240, 760), (244, 240, 230))
    draw = ImageDraw.Draw(picture)
    draw.text((230, 50), TITLE, fill=(30, 30, 60), font=ImageFont.truetype(FOLDER + "DejaVuSerif-Bold.ttf", 46))
    for number, column in enumerate(COLUMNS):
        draw.multiline_text((90 + 560 * number, 170), column, fill=(35, 35, 35), spacing=14,
                            font=ImageFont.truetype(FOLDER + "DejaVuSerif.ttf", 27))
    draw.text((590, 690), "- 17 -", fill=(35, 35, 35), font=ImageFont.truetype(FOLDER + "DejaVuSerif.ttf", 24))
    return picture


def photographed(picture):
    """On a dark table, from the side, with uneven light and noise."""
    width, height = 1400, 1000
    corners = numpy.array([(110, 90), (1300, 60), (1340, 900), (60, 940)], float)  # of the page
    rows = []
    for (x, y), (u, v) in zip(corners, ((0, 0), (1240, 0), (1240, 760), (0, 760))):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y, u], [0, 0, 0, x, y, 1, -v * x, -v * y, v]]
    rows = numpy.array(rows)
    how = list(numpy.linalg.solve(rows[:, :8], rows[:, 8]))
    page = picture.transform((width, height), Image.PERSPECTIVE, how, Image.BICUBIC)
    there = Image.new("L", picture.size, 255).transform((width, height), Image.PERSPECTIVE, how, Image.BICUBIC)
    table = Image.new("RGB", (width, height), (70, 52, 40))
    table.paste(page, (0, 0), there)
    table = table.filter(ImageFilter.GaussianBlur(0.8))
    y, x = numpy.mgrid[0:height, 0:width]
    light = 1.05 - 0.35 * numpy.hypot((x - 400) / width, (y - 300) / height)
    pixels = numpy.asarray(table) * light[..., None] + numpy.random.default_rng(1).normal(0, 5, (height, width, 3))
    return Image.fromarray(numpy.clip(pixels, 0, 255).astype(numpy.uint8))


if __name__ == "__main__":
    photographed(drawn()).save(sys.argv[1], quality=80)
