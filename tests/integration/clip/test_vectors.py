"""What hailo-clip computes beside the networks, against numpy, Pillow and CLIP's published tokenizer: the networks'
own outputs come from the manager, asked without the service."""

import array
import base64
import io
import math
import sys
import unittest

import numpy
from PIL import Image

from fixture import CLIP_TINY, ClipTest, base64_of, encoded, figure
from support.unseen import figures
from support.wire import Wire, tensor, tensor_bytes

sys.path.insert(0, str(CLIP_TINY))
import bpe  # noqa: E402

TOKENS = 77
TEXTS = ("a small red circle", "A photo of a LARGE blue star.", "", "déjà vu 2024!", "a " * 200)
PARAMS = {"image_hef_path": "clip-tiny-image", "text_hef_path": "clip-tiny-text", "text_input_layer": "input",
          "text_output_layer": "features"}


def unit(vector):
    return vector / numpy.linalg.norm(vector)


class Vectors(ClipTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tokenizer = bpe.Tokenizer.read(CLIP_TINY / "clip-tiny-bpe.txt")
        cls.table = numpy.load(CLIP_TINY / "clip-tiny-tokens.npy")
        cls.projection = numpy.load(CLIP_TINY / "clip-tiny-projection.npy")

    def setUp(self):
        super().setUp()
        self.wire = Wire(self.manager.socket_path, [])
        self.addCleanup(self.wire.close)

    def network(self, mode, values, dtype):
        reply = self.wire.call({"action": "infer", "model_type": "clip", "model_path": "clip", "model_params": PARAMS,
                                "input_data": {"mode": mode, "tensor": tensor(values.tobytes(), values.shape, dtype)}})
        self.assertEqual(reply["status"], "ok", reply)
        return numpy.array(array.array("f", tensor_bytes(reply["result"]))).reshape(reply["result"]["shape"])

    def of_text(self, text):
        ids = self.tokenizer.ids
        row = [ids[bpe.START], *self.tokenizer.encode(text)[:TOKENS - 2], ids[bpe.END]]
        features = self.network("text", self.table[row + [0] * (TOKENS - len(row))], "float32")
        return unit(features[0, len(row) - 1] @ self.projection)

    def of_picture(self, picture):
        """Resized straight to the input, as the Python project does it."""
        small = numpy.asarray(Image.fromarray(picture).resize((64, 64), Image.BICUBIC))
        return unit(self.network("image", small, "uint8").ravel())

    def test_texts(self):
        for text in TEXTS:
            with self.subTest(text=text[:20]):
                vector = self.text_vector(text)
                numpy.testing.assert_allclose(vector, self.of_text(text), atol=1e-5)
                self.assertAlmostEqual(numpy.linalg.norm(vector), 1, places=5)

    def test_many_texts_are_encoded_in_batches_and_give_the_same(self):
        self.assertEqual(self.client.get("/v1/info").json()["batch"], 8)
        texts = [f"a {colour} {shape}" for colour in figures.COLOURS for shape in figures.SHAPES][:27]
        found = self.ok(self.client.post_json({"input": texts}, "/v1/embeddings"))["data"]
        for text, one in zip(texts, found, strict=True):
            numpy.testing.assert_allclose(one["embedding"], self.of_text(text), atol=1e-5)

    def test_templates_are_averaged(self):
        templates = ["a photo of a {}.", "a drawing of a {}", "{} {}"]
        whole = unit(sum(self.of_text(one.replace("{}", "red circle", 1)) for one in templates))
        numpy.testing.assert_allclose(self.text_vector("red circle", templates=templates), whole, atol=1e-5)

    def test_pictures_of_any_shape_fill_the_input(self):
        for width, height in ((64, 64), (200, 90), (31, 77), (1, 1)):
            with self.subTest(size=(width, height)):
                picture = figures.render(5, 9, max(height, 40), max(width, 40)).picture[:height, :width]
                numpy.testing.assert_allclose(self.picture_vector(encoded(picture)), self.of_picture(picture), atol=0.02)

    def test_scores_are_cosines_or_their_softmax(self):
        picture = figure(11, "a large red star")
        prompts = ["a large red star", "a small red star", "a large blue house"]
        vector = self.of_picture(numpy.asarray(Image.open(io.BytesIO(picture))))
        cosines = {prompt: float(self.of_text(prompt) @ vector) for prompt in prompts}
        found = self.classify(picture, prompts, score_mode="cosine", threshold=-1)
        self.assertEqual([one["text"] for one in found], sorted(prompts, key=cosines.get, reverse=True))
        for one in found:
            self.assertAlmostEqual(one["score"], cosines[one["text"]], places=4)
        most = max(cosines.values())
        whole = sum(math.exp(100 * (value - most)) for value in cosines.values())
        for one in self.classify(picture, prompts):
            self.assertAlmostEqual(one["score"], math.exp(100 * (cosines[one["text"]] - most)) / whole, places=3)
        alone, = self.classify(picture, prompts[:1])
        self.assertAlmostEqual(alone["score"], cosines[prompts[0]], places=4)
        worst = min(cosines, key=cosines.get)
        self.assertLess(cosines[worst], 0)
        self.assertEqual(self.classify(picture, [worst]), [])

    def test_openai_gives_the_same_vectors(self):
        picture = figure(3)
        tokens = self.tokenizer.encode(TEXTS[0])
        body = {"model": "clip-tiny", "input": [TEXTS[0], tokens, {"text": TEXTS[0]}, {"image": base64_of(picture)},
                                                "data:image/png;base64," + base64_of(picture)]}
        texts, pictures = self.text_vector(TEXTS[0]), self.picture_vector(picture)
        for encoding in ("float", "base64"):
            answer = self.ok(self.client.post_json({**body, "encoding_format": encoding}, "/v1/embeddings"))
            self.assertEqual([one["index"] for one in answer["data"]], list(range(5)))
            self.assertEqual(answer["usage"]["prompt_tokens"], 3 * (len(tokens) + 2))
            for one, expected in zip(answer["data"], [texts] * 3 + [pictures] * 2):
                vector = one["embedding"]
                if encoding == "base64":  # as OpenAI's own client reads it
                    vector = numpy.frombuffer(base64.b64decode(vector), "<f4")
                numpy.testing.assert_allclose(vector, expected, atol=1e-7)


if __name__ == "__main__":
    unittest.main()
