"""Small files that ask hailo-depth for a lot of work or memory."""

import os
import pathlib
import struct
import threading
import time
import unittest
import zlib

import numpy

from integration.depth.fixture import Client, DepthTest
from support.manager_process import SLOW
from support.pictures import chunk, gradient, png

SIDE = 7000  # 49 million pixels of the 50 that are allowed
SECONDS = 2.0  # of one core
TIMES_THE_FLOOR = 8.0  # the same on machines and in builds that are slower: a plain picture of 12 million pixels
PEAK = 400_000_000
PATIENCE = 600  # seconds for one answer: some seconds of a core that many others may want too
TICK = os.sysconf("SC_CLK_TCK")


def zeros(count):
    packer = zlib.compressobj(9)
    whole, rest = divmod(count, 1 << 20)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(whole)) + packer.compress(bytes(rest)) + packer.flush()


def png_of(side, data, bits=8, color=2, interlace=0):
    head = struct.pack(">IIBBBBB", side, side, bits, color, 0, 0, interlace)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def png_of_empty_blocks(size):
    """Deflate in blocks without a byte, by the fixed code: ten bits each."""
    return png_of(8, b"\x78\x01" + sum(2 << 10 * i for i in range(4)).to_bytes(5, "little") * (size // 5))


def gif_of_clear_codes(size):
    """Each code of three bits empties a table of 4096 entries."""
    block = b"\xff" + b"\x24\x49\x92" * 85
    head = b"GIF89a" + struct.pack("<HHBBB", 8, 8, 0x80, 0, 0) + bytes(3) + b"\xff" * 3
    return head + b"," + struct.pack("<HHHHB", 0, 0, 8, 8, 0) + b"\2" + block * (size // 256) + b"\0;"


def jpeg_of_scans(scans, components):
    """Progressive, and each scan says with a few bytes that nothing changes in any block."""
    def segment(marker, data):
        return bytes([0xff, marker]) + struct.pack(">H", len(data) + 2) + data

    numbers = range(1, components + 1)
    table = bytes([1] + [0] * 15)
    out = b"\xff\xd8" + segment(0xdb, b"\0" + b"\1" * 64)
    out += segment(0xc2, struct.pack(">BHHB", 8, SIDE, SIDE, components) + b"".join(bytes([i, 0x11, 0]) for i in numbers))
    out += segment(0xc4, b"\0" + table + b"\0") + segment(0xc4, b"\x10" + table + b"\xe0")
    out += segment(0xda, bytes([components]) + b"".join(bytes([i, 0]) for i in numbers) + b"\0\0\1")
    blocks = (SIDE // 8) ** 2
    out += bytes(blocks * components // 8 + 1)
    runs = "".join("0" + "1" * 14 for _ in range(blocks // 32767 + 1))
    runs += "1" * (-len(runs) % 8)
    scan = int(runs, 2).to_bytes(len(runs) // 8, "big").replace(b"\xff", b"\xff\0")
    for i in range(scans):
        out += segment(0xda, bytes([1, 1 + i % components, 0, 1, 63, 0x10])) + scan
    return out + b"\xff\xd9"


def tiff_of_one_strip(bits, samples):
    data = zeros(SIDE * SIDE * bits * samples // 8)
    tags = [(256, 4, [SIDE]), (257, 4, [SIDE]), (258, 3, [bits] * samples), (259, 3, [8]), (262, 3, [2]),
            (273, 4, [0]), (277, 3, [samples]), (278, 4, [SIDE]), (279, 4, [len(data)])]
    behind = 8 + 2 + 12 * len(tags) + 4
    values = b""
    directory = struct.pack("<H", len(tags))
    for tag, kind, numbers in tags:
        packed = struct.pack("<%d%s" % (len(numbers), "H" if kind == 3 else "I"), *numbers)
        if len(packed) > 4:
            packed, values = struct.pack("<I", behind + len(values)), values + packed
        directory += struct.pack("<HHI", tag, kind, len(numbers)) + packed.ljust(4, b"\0")
    start = behind + len(values)
    directory = directory.replace(struct.pack("<HHII", 273, 4, 1, 0), struct.pack("<HHII", 273, 4, 1, start))
    return b"II*\0" + struct.pack("<I", 8) + directory + bytes(4) + values + data


def png_of_noise():
    """A usual picture whose depth map is as hard to compress as there are."""
    rows = numpy.random.default_rng(1).integers(0, 256, (256, 320, 1), numpy.uint8)
    return png(numpy.tile(rows.repeat(28, axis=0).repeat(22, axis=1)[:SIDE, :SIDE], (1, 1, 3)))


BOMBS = {
    "png of noise": png_of_noise,
    "png of 49 million zeros": lambda: png_of(SIDE, zeros((SIDE * 3 + 1) * SIDE)),
    "png of four 16-bit samples, interlaced": lambda: png_of(SIDE, zeros(SIDE * SIDE * 8 + 14 * SIDE), 16, 6, 1),
    "png of more data than pixels": lambda: png_of(8, zeros(1 << 29)),
    "png of empty blocks": lambda: png_of_empty_blocks(48_000_000),
    "gif of clear codes": lambda: gif_of_clear_codes(16_000_000),
    "jpeg of 199 scans": lambda: jpeg_of_scans(198, 1),
    "jpeg of 199 scans of three components": lambda: jpeg_of_scans(198, 3),
    "tiff of one strip": lambda: tiff_of_one_strip(8, 3),
    "tiff of eight 16-bit samples": lambda: tiff_of_one_strip(16, 8),
}


class Pictures(DepthTest):
    def setUp(self):
        super().setUp()
        self.proc = pathlib.Path(f"/proc/{self.depth.pid}")

    def work(self):
        """Seconds of a core that the service has used."""
        fields = (self.proc / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def cost(self, picture, output):
        """The answer, the seconds of work and the peak of memory that it took."""
        (self.proc / "clear_refs").write_text("5")  # the peak begins anew
        before = self.work()
        answer = self.post({"image": picture, "output_format": output})
        status = dict(line.split(":", 1) for line in (self.proc / "status").read_text().splitlines())
        return answer, self.work() - before, int(status["VmHWM"].split()[0]) << 10

    def test_no_file_takes_more_than_two_seconds_of_a_core_and_400_megabytes(self):
        answer, floor, _ = self.cost(png(gradient(4000, 3000)), "both")
        self.assertEqual(answer.status, 200, answer.body[:300])
        allowed = max(SECONDS, TIMES_THE_FLOOR * floor)
        for name, make in BOMBS.items():
            picture = make()
            for output in ("image", "both"):
                with self.subTest(name, output=output):
                    answer, seconds, peak = self.cost(picture, output)
                    self.assertIn(answer.status, (200, 400, 413), answer.body[:300])
                    self.assertLess(seconds, allowed, f"the floor took {floor}")
                    if SLOW == 1:
                        self.assertLess(peak, PEAK)
                if answer.status != 200:
                    break  # nothing of it depends on the answer's format

    def test_others_are_answered_meanwhile(self):
        bomb = gif_of_clear_codes(16_000_000)
        statuses = []
        attackers = [threading.Thread(target=lambda: statuses.append(self.post({"image": bomb}).status)) for _ in range(4)]
        for attacker in attackers:
            attacker.start()
        slowest = 0.0
        while any(attacker.is_alive() for attacker in attackers):
            begin = time.monotonic()
            self.assertEqual(self.client.get("/health").status, 200)
            slowest = max(slowest, time.monotonic() - begin)
            time.sleep(0.01)
        for attacker in attackers:
            attacker.join()
        self.assertEqual(statuses, [413] * 4)
        self.assertLess(slowest, 0.5 * SLOW)

    def post(self, fields):
        """By a connection of its own, so that one late answer does not spoil the next request."""
        client = Client(self.depth.port, PATIENCE)
        try:
            return client.post_form(fields)
        finally:
            client.close()


if __name__ == "__main__":
    unittest.main()
