"""PNG files to and from arrays: only what the tests need, with the standard library."""

import struct
import zlib

import numpy

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(array, size=None):
    """uint8 (height, width, 3) to PNG; `size` makes the header lie about (width, height)."""
    height, width, _ = array.shape
    rows = numpy.zeros((height, 1 + width * 3), numpy.uint8)
    rows[:, 1:] = array.reshape(height, width * 3)
    header = struct.pack(">IIBBBBB", *(size or (width, height)), 8, 2, 0, 0, 0)
    return (_SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows.tobytes(), 1)) +
            chunk(b"IEND", b""))


def gradient(width, height):
    """Dark on the left, bright on the right, the channels apart by one."""
    row = numpy.linspace(0, 250, width).astype(numpy.uint8)
    return numpy.stack([numpy.tile(row + channel, (height, 1)) for channel in range(3)], axis=2)


def flat(width, height, value):
    return numpy.full((height, width, 3), value, numpy.uint8)


def from_png(data):
    """A PNG of 8-bit RGB or 16-bit grey to an array."""
    assert data.startswith(_SIGNATURE)
    at, packed = len(_SIGNATURE), b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", body[:10])
        elif kind == b"IDAT":
            packed += body
        at += 12 + length
    channels = {0: 1, 2: 3}[colour]
    pixel = channels * depth // 8
    rows = numpy.frombuffer(zlib.decompress(packed), numpy.uint8).reshape(height, 1 + width * pixel)
    out = numpy.zeros((height, width * pixel), numpy.uint8)
    before = numpy.zeros(width * pixel, numpy.uint8)
    for y, row in enumerate(rows):
        before = out[y] = _unfilter(row[0], row[1:].copy(), before, pixel)
    if depth == 16:
        return out.view(">u2").reshape(height, width)
    return out.reshape(height, width, channels)


def _unfilter(how, row, above, pixel):
    if how == 0:
        return row
    if how == 1:
        return numpy.cumsum(row.reshape(-1, pixel), axis=0, dtype=numpy.uint8).reshape(-1)
    if how == 2:
        return row + above
    line, up = row.tolist(), above.tolist()
    for i in range(len(line)):
        a = line[i - pixel] if i >= pixel else 0
        b, c = up[i], up[i - pixel] if i >= pixel else 0
        if how == 3:
            guess = (a + b) // 2
        else:
            near = [abs(b - c), abs(a - c), abs(a + b - 2 * c)]
            guess = (a, b, c)[near.index(min(near))]
        line[i] = (line[i] + guess) & 255
    return numpy.array(line, numpy.uint8)
