"""Pages of text as people meet them, drawn by Pillow: in fonts of Debian, in sizes, with noise, blurred, seen from the
side. What was drawn is known, so what is read can be compared with it."""

import glob

import numpy
from PIL import Image, ImageDraw, ImageFilter, ImageFont

SIZES = (12, 14, 16, 19, 23, 28, 34, 40)
FONTS = ("dejavu/DejaVuSans.ttf", "dejavu/DejaVuSerif.ttf", "dejavu/DejaVuSansMono.ttf", "liberation*/LiberationSans-Regular.ttf",
         "liberation*/LiberationSerif-Regular.ttf", "liberation*/LiberationMono-Regular.ttf", "lato/Lato-Regular.ttf",
         "open-sans/OpenSans-Regular.ttf", "roboto/**/Roboto-Regular.ttf", "cantarell/Cantarell-[RV]*.otf", "crosextra/Carlito-Regular.ttf",
         "crosextra/Caladea-Regular.ttf", "hack/Hack-Regular.ttf", "inconsolata/Inconsolata.otf", "freefont/FreeSans.*",
         "freefont/FreeSerif.*", "freefont/FreeMono.*", "linux-libertine/LinLibertine_R.otf", "linux-libertine/LinBiolinum_R.otf",
         "comfortaa/Comfortaa-Regular.ttf")
CHINESE_FONTS = ("droid/DroidSansFallbackFull.ttf", "wqy/wqy-microhei.ttc")

WORDS = """time person year way day thing man world life hand part child eye woman place work week case point government company
number group problem fact able good new first last long great little own other old right big high different small large next early
young important few public bad same be have do say get make go know take see come think look want give use find tell ask seem feel
try leave call about after again against between under while where house river quick brown fox jumps over lazy dog paper letter
station market kitchen window garden bridge morning winter summer Berlin London Paris Vienna Monday Friday March October Europe
Report Invoice Total Chapter Section Table Figure Page Volume Street North South""".split()
CHARACTERS = ("的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
              "十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形"
              "相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五"
              "果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回")


def font_file(pattern):
    found = sorted(file for kind in ("truetype", "opentype") for file in glob.glob(f"/usr/share/fonts/{kind}/{pattern}", recursive=True))
    return found[0] if found else None


def latin_line(random, width, font):
    line = ""
    while True:
        kind = random.integers(10)
        word = str(random.choice(WORDS))
        if kind == 0:
            word = str(random.integers(1, 100000))
        elif kind == 1:
            word = f"{random.integers(1, 100)}.{random.integers(10, 100)}"
        elif kind == 2:
            word += ","
        longer = f"{line} {word}".strip()
        if font.getlength(longer) > width:
            return line
        line = longer


def chinese_line(random, width, font):
    line = ""
    while font.getlength(line + "国") <= width:
        line += str(random.choice(list(CHARACTERS)))
    return line


def page(file, seed, make_line=latin_line, sizes=SIZES, width=900):
    """The picture, and its lines from above."""
    random = numpy.random.default_rng(seed)
    fonts = [ImageFont.truetype(file, size) for size in sizes]
    paper, ink = int(random.integers(225, 256)), int(random.integers(0, 60))
    picture = Image.new("RGB", (width, 60 + sum(int(size * 2) for size in sizes)), (paper,) * 3)
    draw, lines, y = ImageDraw.Draw(picture), [], 30
    for size, font in zip(sizes, fonts):
        line = make_line(random, width - 120 - random.integers(0, 300), font)
        draw.text((50, y), line, fill=(ink,) * 3, font=font)
        lines.append(line)
        y += int(size * 2)
    return picture, lines


def noisy(picture, seed, sigma=12):
    values = numpy.asarray(picture).astype(float)
    values += numpy.random.default_rng(seed).normal(0, sigma, values.shape)
    return Image.fromarray(numpy.clip(values, 0, 255).astype(numpy.uint8))


def blurred(picture, radius=0.7):
    return picture.filter(ImageFilter.GaussianBlur(radius))


def from_the_side(picture, seed):
    """Its corners moved by up to 3 %, as in a photograph, and turned by up to 3 degrees."""
    random = numpy.random.default_rng(seed)
    picture = picture.rotate(float(random.uniform(-3, 3)), Image.BICUBIC, fillcolor=picture.getpixel((0, 0)))
    width, height = picture.size
    to = numpy.array([(0, 0), (width, 0), (width, height), (0, height)], float)
    at = to + random.uniform(-.03, .03, (4, 2)) * (width, height)
    rows = []
    for (x, y), (u, v) in zip(to, at):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y, u], [0, 0, 0, x, y, 1, -v * x, -v * y, v]]
    rows = numpy.array(rows)
    return picture.transform(picture.size, Image.PERSPECTIVE, list(numpy.linalg.solve(rows[:, :8], rows[:, 8])), Image.BICUBIC,
                             fillcolor=picture.getpixel((0, 0)))


def as_it_is(picture, _seed):
    return picture


WAYS = (as_it_is, noisy, lambda picture, seed: blurred(picture), from_the_side)


def distance(a, b):
    """Levenshtein's, row by row."""
    row = numpy.arange(len(b) + 1)
    letters = numpy.array(list(b)) if b else numpy.array([], "U1")
    for i, letter in enumerate(a, 1):
        best = numpy.minimum(row[:-1] + (letters != letter), row[1:] + 1)
        ahead = numpy.concatenate([[i], best])
        row = numpy.minimum.accumulate(ahead - numpy.arange(len(b) + 1)) + numpy.arange(len(b) + 1)
    return int(row[-1])
