"""OpenAI's own JavaScript client in front of hailo-clip. The service's other routes say what has to come."""

import base64
import unittest

import numpy

from fixture import ClipTest, base64_of, figure
from support import npm_client


@npm_client.needs("openai")
class OpenAi(ClipTest):
    def create(self, *requests):
        done = npm_client.run("openai_embeddings", url=f"http://127.0.0.1:{self.service.port}/v1",
                              requests=[{"model": self.model, **request} for request in requests])
        self.assertEqual(done["models"], [self.model])
        return done["answers"]

    def setUp(self):
        super().setUp()
        self.model = self.client.get("/v1/info").json()["model"]

    def vectors(self, answer, count):
        self.assertEqual((answer["object"], answer["model"]), ("list", self.model))
        self.assertEqual([one["index"] for one in answer["data"]], list(range(count)))
        self.assertEqual({one["object"] for one in answer["data"]}, {"embedding"})
        return [numpy.array(one["embedding"]) for one in answer["data"]]

    def test_texts_in_every_encoding(self):
        """Without an encoding the client itself asks for base64 and decodes it; when asked for base64 it hands that on."""
        texts = ["a small red circle", "a large blue star"]
        as_usual, as_floats, as_base64 = self.create(
            {"input": texts}, {"input": texts, "encoding_format": "float"}, {"input": texts, "encoding_format": "base64"})
        expected = [self.text_vector(text) for text in texts]
        for answer in (as_usual, as_floats):
            for found, vector in zip(self.vectors(answer, 2), expected, strict=True):
                numpy.testing.assert_allclose(found, vector, atol=1e-6)
        for one, vector in zip(as_base64["data"], expected, strict=True):
            numpy.testing.assert_allclose(numpy.frombuffer(base64.b64decode(one["embedding"]), "<f4"), vector, atol=1e-6)
        self.assertEqual(as_usual["usage"]["total_tokens"], as_usual["usage"]["prompt_tokens"])
        self.assertGreater(as_usual["usage"]["total_tokens"], 8)

    def test_one_text_and_tokens(self):
        one, tokens = self.create({"input": "a red circle"}, {"input": [[1, 2, 3], [4]]})
        numpy.testing.assert_allclose(self.vectors(one, 1)[0], self.text_vector("a red circle"), atol=1e-6)
        self.vectors(tokens, 2)

    def test_a_picture_is_a_data_uri(self):
        picture = figure(3)
        uri = "data:image/png;base64," + base64_of(picture)
        alone, beside = self.create({"input": uri}, {"input": ["a red circle", uri], "encoding_format": "float"})
        expected = self.picture_vector(picture)
        numpy.testing.assert_allclose(self.vectors(alone, 1)[0], expected, atol=1e-6)
        text, found = self.vectors(beside, 2)
        numpy.testing.assert_allclose(found, expected, atol=1e-6)
        numpy.testing.assert_allclose(text, self.text_vector("a red circle"), atol=1e-6)

    def test_mistakes_are_the_errors_that_the_client_knows(self):
        model, empty, number = self.create({"input": "a", "model": "gpt-4"}, {"input": []}, {"input": 7})
        self.assertEqual((model["error"], model["status"]), ("NotFoundError", 404))
        self.assertIn(self.model, model["message"])
        for answer in (empty, number):
            self.assertEqual((answer["error"], answer["status"], answer["type"]),
                             ("BadRequestError", 400, "invalid_request_error"))
            self.assertIn("input must", answer["message"])


if __name__ == "__main__":
    unittest.main()
