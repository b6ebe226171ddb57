"""The sample streaming service in front of a real manager: what its clients see, and what is left of those who leave.

STREAMS: how many clients leave (40; .ci/nightly takes 1000).
"""

import json
import os
import pathlib
import random
import re
import signal
import socket
import struct
import threading
import unittest

from support.footprint import Footprint
from support.manager_process import SLOW, ManagerProcess
from support.patience import Patience
from support.service_client import TIMEOUT, Client
from support.service_process import ServiceTest

HERE = pathlib.Path(__file__).resolve().parent
STREAMS = int(os.environ.get("STREAMS", "40"))
AT_ONCE = 12
TOKEN = 0.1  # seconds: the profile's
ENDLESS = " ".join(f"w{number}" for number in range(3000))


def chat(text, max_tokens=10_000):
    return {"messages": [{"role": "user", "content": text}], "max_tokens": max_tokens}


def events(answer):
    """The data of each event."""
    return [event.removeprefix("data: ") for event in answer.body.decode().split("\n\n") if event]


class StreamService(ServiceTest):
    program = "stream-sample"

    @classmethod
    def make_manager(cls):
        return ManagerProcess(sim_profile=HERE / "profile.yaml", http="127.0.0.1:0", device="sim")

    @classmethod
    def model_path(cls):
        return cls.manager.model("talker")

    def metric(self, pattern, port=None):
        """The sum of what the lines that begin with the pattern say."""
        client = Client(port or self.manager.http_port())
        text = client.get("/metrics").body.decode()
        client.close()
        return sum(float(value) for value in re.findall(f"^{pattern}" + r"\S* (\S+)$", text, re.MULTILINE))

    def open_stream(self, path="/v1/chat/completions", body=None):
        """A socket that has sent its request."""
        body = json.dumps(body or chat(ENDLESS)).encode()
        sock = socket.create_connection(("127.0.0.1", self.service.port), timeout=TIMEOUT)
        sock.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        return sock

    def test_a_chat_is_a_stream_of_events_that_ends_in_done(self):
        answer = self.client.post_json(chat("a few words"), "/v1/chat/completions")
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "text/event-stream"))
        *chunks, last = events(answer)
        self.assertEqual(last, "[DONE]")
        self.assertEqual("".join(json.loads(chunk)["choices"][0]["delta"]["content"] for chunk in chunks), "a few words")

    def test_a_generation_is_lines(self):
        answer = self.client.post_json({"prompt": "a few words"}, "/api/generate")
        self.assertEqual(answer.headers["Content-Type"], "application/x-ndjson")
        lines = [json.loads(line) for line in answer.body.splitlines()]
        self.assertEqual([line["done"] for line in lines], [False] * (len(lines) - 1) + [True])
        self.assertTrue("".join(line["response"] for line in lines).endswith("a few words"))

    def test_each_api_words_its_own_errors(self):
        for path in ("/v1/chat/completions", "/v1/embeddings"):
            error = self.client.post_json({}, path).error()
            self.assertEqual(set(error), {"message", "type", "param", "code"}, path)
        for path in ("/api/generate", "/api/tags"):
            self.assertIsInstance(self.client.post_json({}, path).error(), str, path)
        self.assertEqual(self.client.post_json({}, "/else").body, b"404: Not Found")

    def test_what_fails_before_the_first_piece_is_answered_with_a_status(self):
        """Although it turns out only when the stream has been made."""
        self.manager.faults("faults: [{kind: device_lost, op: infer, times: 0}]")
        answer = self.client.post_json(chat("a few words"), "/v1/chat/completions")
        self.manager.clear_fired()
        self.assertEqual(answer.status, 503, answer.body[:300])
        self.assertIn("message", answer.error())

    def test_a_device_lost_in_mid_stream_is_told_in_the_apis_own_form(self):
        failed = r'hailo_http_requests_total\{.*status="503"'
        before = self.metric(failed, self.service.port)
        chatting, generating = self.open_stream(), self.open_stream("/api/generate", {"prompt": ENDLESS, "max_tokens": 3000})
        self.addCleanup(chatting.close)
        self.addCleanup(generating.close)
        for sock, ends in ((chatting, b"data: [DONE]\n\n\r\n0\r\n\r\n"), (generating, b"}\n\r\n0\r\n\r\n")):
            text = b""
            while b"w2" not in text and b" 2" not in text:
                text += sock.recv(65536)
            os.kill(self.manager.worker("generation"), signal.SIGKILL)
            while not text.endswith(b"0\r\n\r\n"):
                text += sock.recv(65536)
            self.assertTrue(text.endswith(ends), text[-500:])
            self.assertIn(b'{"error":', text)
            self.assertNotIn(b"event: error", text)
        patience = Patience("both count as failed", self.service.log)
        while self.metric(failed, self.service.port) < before + 2:
            patience.spend()
        self.assertIn("the stream failed: ", self.service.log())

    def leave(self, draw, seen):
        """Opens a stream and leaves it somewhere; notes how many pieces had come."""
        sock = self.open_stream()
        wanted = draw.choice((0, 1, 1, 2, 3))
        sock.settimeout(draw.uniform(0, 2 * TOKEN) if wanted == 0 else TIMEOUT)
        text = b""
        try:
            while text.count(b"data: ") < max(wanted, 1):
                text += sock.recv(65536)
        except TimeoutError:
            pass
        how = draw.choice(("close", "reset", "pipelined", "shut"))
        if how == "pipelined":  # what nobody reads before the stream has ended
            sock.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n" * 100)
        if how == "reset":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if how == "shut":
            sock.shutdown(socket.SHUT_RDWR)
        sock.setblocking(False)
        try:
            text += sock.recv(1 << 20)
        except OSError:
            pass
        sock.close()
        seen.append(text.count(b"data: "))

    def leave_many(self, count, seed):
        """All of them, some at a time; the pieces that they have seen."""
        seen = []
        numbers = iter(range(count))
        lock = threading.Lock()

        def work():
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                self.leave(random.Random(f"{seed} {number}"), seen)

        threads = [threading.Thread(target=work) for _ in range(AT_ONCE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        patience = Patience("no stream is left", self.service.log)
        while (self.metric(r"hailo_http_requests_in_flight", self.service.port) > 1
               or self.metric(r"hailo_queue_depth") > 0):
            patience.spend()
        return seen

    def made(self):
        """How many tokens the chip made for each generation that was cancelled."""
        return [int(tokens) for tokens in re.findall(r"talker was cancelled after (\d+) tokens", self.manager.log())]

    def test_of_clients_who_leave_nothing_stays(self):
        seed = random.randrange(1 << 32)
        self.leave_many(AT_ONCE, seed)
        earlier = len(self.made())
        before = [Footprint(self.service.pid), Footprint(self.manager.pid)]
        seen = self.leave_many(STREAMS, f"{seed} again")
        made = self.made()[earlier:]
        print(f"seed {seed}: of {STREAMS} streams {len(made)} began, {sum(seen)} tokens seen, {sum(made)} made")
        self.assertEqual(len(seen), STREAMS)
        # Each at most one more than its client saw: the one that was being made.
        self.assertLessEqual(sum(made), sum(seen) + len(made), f"seed {seed}: {seen} {made}")
        for was, name in zip(before, ("service", "manager")):
            patience = Patience(f"the {name} has as many descriptors as before", self.service.log)
            while Footprint(was.pid).descriptors > was.descriptors:
                patience.spend()
            if SLOW == 1:  # sanitizers keep what was freed
                self.assertLess(Footprint(was.pid).anonymous - was.anonymous, 8 << 20, name)


if __name__ == "__main__":
    unittest.main()
