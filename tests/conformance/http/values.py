"""The bytes that a transcript names: @png:16x12, @zeros:100, @noise:100, @picture.jpg, cut by [:100]."""

import pathlib
import random
import re

from support.pictures import flat, gradient, png

_CUT = re.compile(r"^(.*?)\[(-?\d*):(-?\d*)\]$")


def _size(text):
    return tuple(int(side) for side in text.split("x"))


def bytes_of(text, folder):
    """What @text means. folder: where its files lie."""
    if cut := _CUT.match(text):
        first, last = (int(end) if end else None for end in cut.group(2, 3))
        return bytes_of(cut.group(1), folder)[first:last]
    kind, _, argument = text.partition(":")
    if kind == "png":  # a gradient; a second size is that of which its header lies
        size, _, lie = argument.partition(":")
        picture = flat(*_size(size), 0) if lie else gradient(*_size(size))
        return png(picture, _size(lie) if lie else None)
    if kind == "zeros":
        return bytes(int(argument))
    if kind == "noise":
        return random.Random(int(argument)).randbytes(int(argument))
    if kind == "hex":
        return bytes.fromhex(argument)
    return (pathlib.Path(folder) / text).read_bytes()


def unescape(text):
    r"""\r, \n, \t, \\ and \xHH in text to bytes."""
    return text.encode().decode("unicode_escape").encode("latin-1")
