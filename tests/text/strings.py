"""Texts that tokenizers find difficult: thirty scripts, emoji, controls, spaces, numbers, code, broken UTF-8."""

import random

# First and last character of a range of each script.
SCRIPTS = [(0x61, 0x7A), (0x41, 0x5A), (0xC0, 0xFF), (0x100, 0x17F), (0x1E00, 0x1EFF), (0x391, 0x3A9), (0x3B1, 0x3C9), (0x410, 0x44F),
           (0x531, 0x556), (0x5D0, 0x5EA), (0x621, 0x64A), (0x710, 0x72C), (0x905, 0x939), (0x985, 0x9B9), (0xA05, 0xA39),
           (0xB85, 0xBB9), (0xC05, 0xC39), (0xD05, 0xD39), (0xE01, 0xE3A), (0xE81, 0xEAE), (0xF40, 0xF69), (0x1000, 0x102A),
           (0x10A0, 0x10C5), (0x10D0, 0x10F0), (0x1200, 0x1248), (0x13A0, 0x13F4), (0x1780, 0x17B3), (0x1820, 0x1842),
           (0x3041, 0x3096), (0x30A1, 0x30FA), (0x4E00, 0x9FA5), (0xAC00, 0xD7A3), (0x10330, 0x1034A), (0x1D400, 0x1D454)]
MARKS = [(0x300, 0x36F), (0x64B, 0x652), (0x93C, 0x94D), (0x20D0, 0x20DC)]
NUMBERS = [(0x30, 0x39), (0x660, 0x669), (0x966, 0x96F), (0x2160, 0x217F), (0xB2, 0xB3), (0x2460, 0x2473)]
SIGNS = [(0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E), (0xA1, 0xBF), (0x2010, 0x2027), (0x20A0, 0x20BF), (0x2190, 0x21FF),
         (0x3001, 0x3011), (0xFF01, 0xFF0F)]
SPACES = [" ", "  ", "   ", "\t", "\n", "\n\n", "\r\n", " \n ", "\u00a0", "\u2003", "\u3000", "\u2028"]
EMOJI = ["😀", "👍🏽", "👩‍👩‍👧‍👦", "🇩🇪", "❤️", "🏳️‍🌈", "☺", "🤖"]
CONTROLS = ["\x00", "\x01", "\x1b", "\x7f", "\u200b", "\u200d", "\u202e", "\ufffd", "\ufe0f", "\u00ad"]
WORDS = ("the quick brown fox don't I'm we'll they've HELLO World's http://example.org/a?b=c&d x_1 = f(y[0]); // return None "
         "naïve café Straße ŒUVRE ΣΊΣΥΦΟΣ ﬁne İstanbul ſo 12345 3.14 1,000,000 1907-08-09 <b>bold</b> {\"a\": [1, 2]} #!/bin/sh").split()
SPECIAL = ["<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<s>", "</s>", "[MASK]", "[SEP]", "<think>", "<|0.00|>", "<unk>"]


def of_range(dice, ranges):
    first, last = dice.choice(ranges)
    return chr(dice.randint(first, last))


def piece(dice):
    kind = dice.randrange(12)
    if kind < 3:
        return dice.choice(WORDS)
    if kind < 6:
        script = [dice.choice(SCRIPTS)]
        return "".join(of_range(dice, script) for _ in range(dice.randint(1, 9)))
    if kind == 6:
        return "".join(of_range(dice, SCRIPTS) + (of_range(dice, MARKS) if dice.random() < .4 else "") for _ in range(dice.randint(1, 4)))
    if kind == 7:
        return "".join(of_range(dice, NUMBERS) for _ in range(dice.randint(1, 6)))
    if kind == 8:
        return "".join(of_range(dice, SIGNS) for _ in range(dice.randint(1, 4)))
    if kind == 9:
        return dice.choice(EMOJI)
    if kind == 10:
        return dice.choice(CONTROLS)
    return dice.choice(SPECIAL)


def text(dice):
    parts = []
    for _ in range(dice.randint(1, 12)):
        parts.append(piece(dice))
        if dice.random() < .7:
            parts.append(" " if dice.random() < .7 else dice.choice(SPACES))
    joined = "".join(parts)
    if dice.random() < .05:  # cut within characters: what Python and JavaScript decode with U+FFFD
        joined = joined.encode()[dice.randint(0, 3):-1 - dice.randint(0, 3)].decode(errors="replace")
    return joined


def texts(count, seed=1):
    dice = random.Random(seed)
    return [text(dice) for _ in range(count)]
