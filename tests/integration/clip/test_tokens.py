"""CLIP's tokens of 10,000 texts are those of its published description, as models/clip-tiny/bpe.py has it with Python's
`regex`: with the published merges where ../shared/models is, and with merges that are learned here."""

import gzip
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

from support.manager_process import BIN, SOURCE

sys.path.insert(0, str(SOURCE / "models" / "clip-tiny"))
import bpe  # noqa: E402

PUBLISHED = SOURCE.parent / "shared" / "models" / "language" / "clip_bpe_16e6.txt.gz"
COUNT = 10_000

# Scripts, marks, symbols and spaces that every version of Unicode in use here has alike.
RANGES = ((0x20, 0x7E), (0x20, 0x7E), (0xA0, 0x17F), (0x300, 0x36F), (0x370, 0x3FF), (0x400, 0x52F), (0x5D0, 0x5EA),
          (0x621, 0x669), (0x905, 0x939), (0xE01, 0xE3A), (0x10A0, 0x10C5), (0x1100, 0x11FF), (0x1E00, 0x1FFE),
          (0x2000, 0x206F), (0x2070, 0x209C), (0x20A0, 0x20BF), (0x2100, 0x218B), (0x2460, 0x24FF), (0x2600, 0x26FF),
          (0x3000, 0x30FF), (0x4E00, 0x4FFF), (0xAC00, 0xACFF), (0xF900, 0xFAFF), (0xFB00, 0xFB06), (0xFF01, 0xFF5E),
          (0x10400, 0x1044F), (0x1D400, 0x1D4FF), (0x1F300, 0x1F64F), (0, 0x1F), (0x7F, 0x9F))
PIECES = ("it's", "DON'T", "we'll", "'", "''re", "'\u017f", "<|startoftext|>", "<|ENDOFTEXT|>", "<|endoftext", "|>",
          "\u03a3", "\u0391\u03a3", "\u03a3\u0391", "\u00b7", "\u0345", "\u0130", "I\u0307", "\u017f", "\u212a", "e\u0301",
          "\u1100\u1161", "\u0300", "\ufeff", "\u200d", " ", "  ", "\t", "\n", "\x1c", "\u3000", "\u2028", "12,345.6", "\u00bd",
          "\u2163", "_", "a_b", "http://x.org/?q=1", "#tag", "@me", ":-)", "\U0001f468\u200d\U0001f469", "\u00c5ngstr\u00f6m", "stra\u00dfe",
          "STRASSE", "aaaaaaaaaaaaaaaaaaaaaaaa", "antidisestablishmentarianism", "\ufffd")


def sentences():
    """What this repository's pages say."""
    words = [word for page in sorted((SOURCE / "docs").rglob("*.md")) for word in page.read_text().split()]
    return [" ".join(words[at:at + 12]) for at in range(0, len(words), 12)]


def texts(prose):
    chance = random.Random(7)
    made = chance.sample(prose, min(len(prose), COUNT // 4))
    while len(made) < COUNT:
        text = ""
        for _ in range(chance.randint(0, 12)):
            if chance.random() < 0.5:
                low, high = chance.choice(RANGES)
                text += "".join(chr(chance.randint(low, high)) for _ in range(chance.randint(1, 8)))
            else:
                text += chance.choice(PIECES) + chance.choice(("", " "))
        made.append(text)
    return made


class Tokens(unittest.TestCase):
    def assertSame(self, lines, prose):
        oracle = bpe.Tokenizer(lines)
        made = texts(prose)
        self.assertEqual(len(made), COUNT)
        with tempfile.TemporaryDirectory(prefix="hailo-test-") as folder:
            merges = pathlib.Path(folder) / "merges.txt"
            merges.write_text("\n".join(lines) + "\n", "utf-8")
            ours = subprocess.run([BIN / "clip_tokens", merges], input="\n".join(map(json.dumps, made)), check=True,
                                  capture_output=True, text=True).stdout.splitlines()
        for text, got in zip(made, ours, strict=True):
            self.assertEqual([int(token) for token in got.split()], oracle.encode(text), ascii(text))

    def test_with_merges_that_were_learned_here(self):
        prose = sentences()
        lines = bpe.learn(prose[::7], 300)
        self.assertEqual(len(lines), 301)
        self.assertSame(lines, prose)

    @unittest.skipUnless(PUBLISHED.exists(), f"no {PUBLISHED}")
    def test_with_the_published_merges(self):
        lines = gzip.decompress(PUBLISHED.read_bytes()).decode().splitlines()
        self.assertGreater(len(lines), bpe.MERGES_OF_CLIP)
        self.assertSame(lines, sentences())
        start_and_end = bpe.Tokenizer(lines).ids
        self.assertEqual((start_and_end[bpe.START], start_and_end[bpe.END]), (49406, 49407))


if __name__ == "__main__":
    unittest.main()
