"""CLIP's byte pair encoding, after its published description (github.com/openai/CLIP, clip/simple_tokenizer.py).

A text is lower-cased, parted into words, and of each word's bytes the pair whose merge comes first in the list is made
one, again and again. Left out: what the ftfy package repairs beside the normalisation form, and HTML's entities.
"""
from __future__ import annotations

import collections
import functools
import unicodedata
from pathlib import Path

import regex

START, END = "<|startoftext|>", "<|endoftext|>"
HEADER = "#version: 0.2"
WORDS = regex.compile(r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+",
                      regex.IGNORECASE)
END_OF_WORD = "</w>"
MERGES_OF_CLIP = 49152 - 256 - 2  # the published file goes on after those that count


@functools.cache
def letters_of_bytes() -> dict[int, str]:
    """A printable character for each byte: its own where it has one, else those from U+0100 up."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {byte: chr(256 + i) for i, byte in enumerate(others)}


def words_of(text: str) -> list[str]:
    text = unicodedata.normalize("NFC", text)
    text = regex.sub(r"\s+", " ", text.strip()).strip().lower()
    return WORDS.findall(text)


def symbols_of(word: str) -> tuple[str, ...]:
    letters = [letters_of_bytes()[byte] for byte in word.encode()]
    return (*letters[:-1], letters[-1] + END_OF_WORD)


def merged(symbols: tuple[str, ...], pair: tuple[str, str]) -> tuple[str, ...]:
    """`symbols` with every occurrence of `pair`, from the left, made one."""
    result, at = [], 0
    while at < len(symbols):
        if symbols[at:at + 2] == pair:
            result.append("".join(pair))
            at += 2
        else:
            result.append(symbols[at])
            at += 1
    return tuple(result)


class Tokenizer:
    def __init__(self, lines: list[str], count: int = MERGES_OF_CLIP):
        """Of the lines of a merges file: the first is no merge, and at most `count` are read."""
        merges = [tuple(line.split()) for line in lines[1:1 + count]]
        letters = list(letters_of_bytes().values())
        names = letters + [letter + END_OF_WORD for letter in letters] + ["".join(pair) for pair in merges]
        self.ids = {name: index for index, name in enumerate([*names, START, END])}
        self._ranks = {pair: rank for rank, pair in enumerate(merges)}
        self._known = {START: (START,), END: (END,)}

    @staticmethod
    def read(path: Path) -> Tokenizer:
        return Tokenizer(path.read_text("utf-8").splitlines())

    def encode(self, text: str) -> list[int]:
        """Without start and end."""
        return [self.ids[name] for word in words_of(text) for name in self._pieces(word)]

    def _pieces(self, word: str) -> tuple[str, ...]:
        if word not in self._known:
            symbols = symbols_of(word)
            while pairs := [pair for pair in zip(symbols, symbols[1:]) if pair in self._ranks]:
                symbols = merged(symbols, min(pairs, key=self._ranks.get))
            self._known[word] = symbols
        return self._known[word]


def learn(texts: list[str], count: int) -> list[str]:
    """The lines of a merges file: the pair that is most frequent in `texts` is made one, `count` times at most."""
    words = collections.Counter(symbols_of(word) for text in texts for word in words_of(text))
    merges = []
    while len(merges) < count:
        pairs = collections.Counter()
        for symbols, times in words.items():
            for pair in zip(symbols, symbols[1:]):
                pairs[pair] += times
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        words = collections.Counter({merged(symbols, best): times for symbols, times in words.items()})
    return [HEADER, *(" ".join(pair) for pair in merges)]
