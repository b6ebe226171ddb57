"""Pictures as other programs write them, and what is none, through all picture services.

Pillow writes the files and is the oracle: what it says of a file has to be so, and the pixels that it reads, sent as a
plain PNG, have to be answered alike. tests/conformance/http has what JSON may say wrongly.
"""

import base64
import io
import unittest

import numpy
from PIL import Image, ImageOps

from fixture import ServicesTest
from support.manager_process import SOURCE
from support.pictures import flat, png
from support.unseen import faces, figures, people, things

EXIF_ORIENTATION = 0x0112
ROUNDING = 0.02  # of a map's 0..1, or a cosine: a picture on its side is resized before it is turned
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100)
SHARES = {"depth": (), "detect": ("threshold", "iou_threshold"), "segment": ("threshold", "iou_threshold"),
          "pose": ("confidence_threshold", "iou_threshold", "keypoint_threshold"), "clip": (),
          "scrfd": ("conf_threshold", "iou_threshold"), "face": ("conf_threshold", "iou_threshold"),
          "ocr": ("det_threshold", "box_threshold", "rec_threshold")}
MAPS = ("depth", "clip")  # tasks that find no objects, of which there may be a maximum
WHAT_IS_FOUND = {"pose": "poses", "scrfd": "faces", "face": "faces", "ocr": "regions"}
NO_SHARES = ("-1", "2", "x", "nan", "-nan", "inf", "1e-999x", "0,5", "")


def encoded(picture, kind, **how):
    out = io.BytesIO()
    picture.save(out, kind, **how)
    return out.getvalue()


def opened(data):
    return Image.open(io.BytesIO(data))


class Odd(ServicesTest):
    """Each is answered as what Pillow sees in it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        kinds = {"depth": things, "detect": things, "segment": things, "pose": people, "clip": figures}
        cls.scenes = {task: Image.fromarray(kind.render(503, height=256, width=256).picture[:224])
                      for task, kind in kinds.items()}
        cls.scenes["scrfd"] = cls.scenes["face"] = Image.fromarray(faces.render(faces.identity(7), 7000, 128)[:120])
        cls.scenes["ocr"] = Image.open(SOURCE / "docs" / "pictures" / "page.jpg").resize((700, 500))

    def found(self, service, data):
        """The objects or the people; of depth the map, of clip the scores."""
        answer = service.post(data, **({"output_format": "numpy"} if service.task == "depth" else {}))
        self.assertEqual(answer.status, 200, answer.body[:300])
        found = answer.json()
        if service.task == "depth":
            return numpy.load(io.BytesIO(base64.b64decode(found["depth_map"])))["depth"]
        if service.task == "clip":
            return numpy.array(sorted((one["text"], one["score"]) for one in found["classifications"]))[:, 1].astype(float)
        return found[WHAT_IS_FOUND[service.task]] if service.task in WHAT_IS_FOUND else found

    def assertAnsweredAs(self, make, expected=lambda picture: picture.convert("RGB")):
        """make: a scene to the file that is sent; expected: the opened file to the upright RGB picture in it."""
        for service in self.services:
            with self.subTest(service.name):
                data = make(self.scenes[service.task])
                found = self.found(service, data)
                should = self.found(service, encoded(expected(opened(data)), "PNG"))
                self.assertGreater(len(should), 0)
                if service.task in MAPS:
                    numpy.testing.assert_allclose(found, should, atol=ROUNDING)
                else:
                    self.assertEqual(found, should)

    def test_grey(self):
        def make(scene):
            data = encoded(scene.convert("L"), "PNG")
            self.assertEqual(opened(data).mode, "L")
            return data
        self.assertAnsweredAs(make)

    def test_16_bit_grey_png(self):
        def make(scene):
            grey = numpy.asarray(scene.convert("L")).astype(numpy.uint16) * 257
            data = encoded(Image.fromarray(grey), "PNG")
            self.assertEqual((opened(data).mode, data[24]), ("I", 16))
            return data
        self.assertAnsweredAs(make, lambda picture: Image.fromarray((numpy.asarray(picture) >> 8).astype(numpy.uint8))
                              .convert("RGB"))

    def test_palette_png_with_transparency(self):
        def make(scene):
            data = encoded(scene.quantize(200), "PNG", transparency=3)
            self.assertEqual((opened(data).mode, opened(data).info["transparency"]), ("P", 3))
            return data
        self.assertAnsweredAs(make)

    def test_of_animations_the_first_picture(self):
        for kind, how in (("GIF", {}), ("WEBP", {"lossless": True})):
            def make(scene):
                first, second = scene.quantize(200), Image.fromarray(flat(*scene.size, 90))
                data = encoded(first, kind, save_all=True, append_images=[second], duration=100, **how)
                self.assertEqual((opened(data).format, opened(data).n_frames), (kind, 2))
                return data
            self.assertAnsweredAs(make)

    def test_cmyk_jpeg(self):
        def make(scene):
            data = encoded(scene.convert("CMYK"), "JPEG", quality=95)
            self.assertEqual(opened(data).mode, "CMYK")
            return data
        self.assertAnsweredAs(make)

    def test_a_jpeg_on_its_side_is_seen_upright(self):
        def make(scene):
            exif = Image.Exif()
            exif[EXIF_ORIENTATION] = 6  # to be turned a quarter clockwise
            data = encoded(scene.transpose(Image.Transpose.ROTATE_90), "JPEG", quality=95, exif=exif)
            self.assertEqual(opened(data).getexif()[EXIF_ORIENTATION], 6)
            self.assertEqual(opened(data).size, scene.size[::-1])
            return data
        self.assertAnsweredAs(make, ImageOps.exif_transpose)

    def test_one_pixel(self):
        for service in self.services:
            with self.subTest(service.name):
                self.found(service, encoded(Image.new("RGB", (1, 1), (200, 100, 50)), "PNG"))
                drawn = opened(service.post(png(flat(1, 1, 9)), annotated="true").body)
                self.assertEqual((drawn.format, drawn.size), ("JPEG", (1, 1)))


class Bad(ServicesTest):
    def assertRefused(self, answer, status, words):
        self.assertEqual(answer.status, status, answer.body[:300])
        error = answer.error()
        self.assertIn(words, error if isinstance(error, str) else error["message"])

    def test_what_is_no_picture(self):
        for service in self.services:
            for image, status, words in ((b"A picture of my cat.\n" * 20, 400, "not an image in a known format; send JPEG"),
                                         (b"", 400, "Missing 'image' field"),
                                         (HEIC, 400, "HEIC image, which is not read; convert it to JPEG"),
                                         (png(flat(70000, 1, 0)), 413, "70000 x 1 pixels, at most 65535 a side")):
                with self.subTest(service.name, words=words):
                    self.assertRefused(service.post(image), status, words)
            self.assertEqual(service.post(png(flat(8, 8, 0))).status, 200)

    def test_a_truncated_jpeg(self):
        data = encoded(Image.fromarray(things.render(503).picture), "JPEG")
        with self.assertRaises(OSError):
            opened(data[:len(data) // 2]).load()
        for service in self.services:
            with self.subTest(service.name):
                self.assertRefused(service.post(data[:len(data) // 2]), 400, "truncated")

    def test_numbers_of_forms_that_are_none_or_out_of_range(self):
        picture = png(flat(8, 8, 0))
        for service in self.services:
            for name in SHARES[service.task]:
                for value in NO_SHARES:
                    with self.subTest(service.name, field=name, value=value):
                        self.assertRefused(service.post(picture, **{name: value}), 400, f"{name} must be a number in 0..1")
            most = "max_faces" if service.task in ("scrfd", "face") else "max_detections"
            for value in ("1e9", "1000000000", "4294967297", "18446744073709551617") if service.task not in (*MAPS, "ocr") else ():
                with self.subTest(service.name, field=most, value=value):
                    self.assertRefused(service.post(picture, **{most: value}), 400, f"{most} must be a whole number in 1..300")


if __name__ == "__main__":
    unittest.main()
