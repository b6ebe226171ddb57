"""Texts as strangers send them: none, thousands, megabytes, no texts at all; and many clients at once."""

import concurrent.futures
import json
import unittest

from fixture import CAPTIONS, ClipTest, base64_of, figure
from support.service_client import Client


class Texts(ClipTest):
    def refused(self, status, answer, *words):
        self.assertEqual(answer.status, status, answer.body[:500])
        for word in words:
            self.assertIn(word, str(answer.error()))

    def post(self, **fields):
        return self.client.post_json({"image": base64_of(figure(1)), **fields}, "/v1/classify")

    def test_ten_thousand_prompts_are_refused_and_a_thousand_are_not(self):
        self.refused(400, self.post(prompts=["a"] * 10_000), "at most 1000 texts", "10000")
        prompts = [f"a small {number} circle" for number in range(1000)]
        self.assertEqual(len(self.classify(figure(1), prompts, top_k=2000)), 1000)
        self.refused(400, self.client.post_json({"input": ["a"] * 10_000}, "/v1/embeddings"), "1..1000 entries")
        self.refused(400, self.post(prompts=["a"] * 101, templates=["{}"] * 10), "at most 1000 texts", "1010")

    def test_a_megabyte_is_refused_at_once(self):
        for size, status in ((8193, 400), (1 << 20, 413)):
            self.refused(status, self.post(prompts=["a" * size]))
            self.refused(status, self.client.post_json({"text": "a" * size}, "/v1/embed/text"))
        self.refused(400, self.client.post_json({"input": "a" * (1 << 20)}, "/v1/embeddings"), "at most 8192 bytes")
        self.classify(figure(1), ["a" * 8192, "ä" * 4096, "\u0300" * 4096])

    def test_what_is_no_utf8_is_refused(self):
        for text in (b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf5\x80\x80\x80"):
            for path, body in (("/v1/embed/text", b'{"text":"%s"}'), ("/v1/embeddings", b'{"input":"%s"}'),
                               ("/v1/classify", b'{"image":"","prompts":["%s"]}')):
                self.refused(400, self.client.post_json(body % text, path))
            form = self.client.post_form({"image": figure(1), "prompts": text}, "/v1/classify")
            self.refused(400, form)

    def test_a_second_time_costs_nothing(self):
        def cache():
            return self.client.get("/v1/info").json()["cache"]
        self.classify(figure(1), CAPTIONS)
        before = cache()
        self.classify(figure(2), CAPTIONS)
        after = cache()
        self.assertEqual(after["misses"], before["misses"])
        self.assertEqual(after["hits"], before["hits"] + len(CAPTIONS))

    def test_clients_at_once_get_their_own_answers(self):
        def ask(number):
            client = Client(self.service.port)
            try:
                prompts = [f"{caption} {number}" for caption in CAPTIONS[::8]]
                body = {"image": base64_of(figure(number)), "prompts": prompts, "top_k": 100}
                return number, client.post_json(body, "/v1/classify")
            finally:
                client.close()

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            for number, answer in pool.map(ask, range(32)):
                found = self.ok(answer)["classifications"]
                self.assertEqual(len(found), len(CAPTIONS[::8]))
                self.assertTrue(all(one["text"].endswith(f" {number}") for one in found))

    def test_a_client_that_leaves_takes_its_texts_with_it(self):
        body = json.dumps({"image": base64_of(figure(1)), "prompts": [f"gone {n}" for n in range(1000)]}).encode()
        client = Client(self.service.port)
        client.connection.request("POST", "/v1/classify", body, {"Content-Type": "application/json"})
        client.close()
        self.assertEqual(len(self.classify(figure(1), CAPTIONS[:3])), 3)


if __name__ == "__main__":
    unittest.main()
