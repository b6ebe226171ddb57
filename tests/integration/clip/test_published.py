"""hailo-clip with the published pair for the chip, as the simulated device and the fake HailoRT have it: 77 tokens of 512
numbers, one text at a time. The chip answers with noise, which depends on what it was given."""

import pathlib
import tempfile
import unittest

import numpy

from fixture import base64_of, figure
from support.manager_process import ManagerProcess
from support.service_process import ServiceTest

IMAGE, TEXT = "clip_vit_b_32_image_encoder", "clip_vit_b_32_text_encoder"
VOCABULARY = 514  # of no merges


class Published(ServiceTest):
    program = "hailo-clip"

    @classmethod
    def make_manager(cls):
        cls.config = cls.side_files()
        return ManagerProcess(sim_profile="hailo10h")

    @classmethod
    def model_path(cls):
        return cls.manager.model(IMAGE)

    @classmethod
    def side_files(cls):
        folder = tempfile.TemporaryDirectory(prefix="hailo-test-")
        cls.addClassCleanup(folder.cleanup)
        path = pathlib.Path(folder.name)
        chance = numpy.random.default_rng(1)
        (path / "merges.txt").write_text("#version: 0.2\n")
        numpy.save(path / "tokens.npy", chance.normal(size=(VOCABULARY, 512)).astype(numpy.float32))
        numpy.save(path / "projection.npy", chance.normal(size=(512, 512)).astype(numpy.float32))
        return (f"clip: {{tokenizer: {path}/merges.txt, token_embeddings: {path}/tokens.npy, "
                f"text_projection: {path}/projection.npy}}\n")

    def vector(self, path, **fields):
        answer = self.client.post_json(fields, path)
        self.assertEqual(answer.status, 200, answer.body[:500])
        vector = numpy.array(answer.json()["embedding"])
        self.assertEqual(vector.shape, (512,))
        self.assertAlmostEqual(numpy.linalg.norm(vector), 1, places=5)
        return vector

    def test_each_encoder_gets_its_own_input(self):
        one, other, again = (self.vector("/v1/embed/text", text=text) for text in ("a cat", "a dog", "a cat"))
        self.assertGreater(numpy.abs(one - other).max(), 0.01)
        numpy.testing.assert_array_equal(one, again)
        pictures = [self.vector("/v1/embed/image", image=base64_of(figure(seed))) for seed in (1, 2)]
        self.assertGreater(numpy.abs(pictures[0] - pictures[1]).max(), 0.01)

    def test_many_texts_go_in_batches(self):
        self.assertEqual(self.client.get("/v1/info").json()["batch"], 8)
        body = {"image": base64_of(figure(1)), "prompts": [f"{number} cats" for number in range(21)], "top_k": 21,
                "score_mode": "cosine", "threshold": -1}
        first, again = (self.client.post_json(body, "/v1/classify") for _ in range(2))
        self.assertEqual(first.status, 200, first.body[:500])
        scores = [one["score"] for one in first.json()["classifications"]]
        self.assertEqual(len(set(scores)), 21)  # the chip's noise differs from text to text
        self.assertEqual(scores, [one["score"] for one in again.json()["classifications"]])

    def test_the_model_is_named_as_it_is_published(self):
        answer = self.client.post_json({"image": base64_of(figure(1)), "prompts": ["a cat", "a dog"]}, "/v1/classify")
        self.assertEqual(answer.status, 200, answer.body[:500])
        self.assertEqual(answer.json()["model"], "clip-vit-b-32")
        self.assertAlmostEqual(sum(one["score"] for one in answer.json()["classifications"]), 1, places=6)


if __name__ == "__main__":
    unittest.main()
