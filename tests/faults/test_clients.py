"""Hostile and unlucky clients: none of them costs anybody else a request."""

import contextlib
import json
import os
import pathlib
import re
import socket
import struct
import unittest

from fixture import STORY, FaultTest, infer
from support.manager_process import SLOW
from support.wire import Memory, Wire, tensor

LARGE = tensor(bytes(640 * 640 * 3), (640, 640, 3))


def frame(payload):
    return struct.pack(">I", len(payload)) + payload


class Frames(FaultTest):
    def test_garbage_of_every_kind(self):
        """Sent at once with the end of the stream; what comes back until the manager closes."""
        silence, error, pong = [], ["error"], ["status"]
        for garbage, answers in (
            # An end in the middle of a frame.
            (b"", silence), (b"\0", silence), (b"\0\0\0", silence), (b"\0\0\1\0{", silence),
            # Too large.
            (b"\xff\xff\xff\xff", error), (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", error),
            # No JSON.
            (b"\0\0\0\0", error), (frame(b"{"), error), (frame(b'{"action":"\xff\xfe"}'), error),
            (frame(b"[" * 100000), error), (frame(b'{"a":' * 10000), error), (frame(b'{"action":"infer"'), error),
            (frame(b'{"action":"ping"}' * 2), error), (frame(os.urandom(4096)), error),
            # No object.
            (frame(b"[]"), silence), (frame(b"null"), silence), (frame(b'"ping"'), silence), (frame(b"1"), silence),
            # No action, and another frame behind it.
            (frame(b'{"action":1e999}') + frame(b'{"action":"ping"}'), error + pong),
        ):
            with self.subTest(garbage=garbage[:40]), self.wire() as wire:
                wire.send_raw(garbage)
                wire.socket.shutdown(socket.SHUT_WR)
                replies = []
                while (reply := wire.receive()) is not None:
                    replies.append("error" if "error" in reply else "status")
                self.assertEqual(replies, answers)

    def test_countless_values_take_no_memory(self):
        before = self.peak()
        with self.wire() as wire:
            wire.send_raw(frame(b'{"action":"ping","x":[' + b"0," * ((32 << 20) - 100) + b"0]}"))
            self.assertEqual(wire.receive(), {"error": "Message too large: more than 4194304 JSON values"})
            self.assertTrue(wire.closed())
        with self.wire() as wire:
            wire.send_raw(frame(b'{"action":"ping","x":[' + b"0," * ((4 << 20) - 10) + b"0]}"))
            self.assertEqual(wire.receive().get("status"), "ok")
        if SLOW == 1:  # sanitizers keep what was freed
            self.assertLess(self.peak() - before, 300 << 20)

    def peak(self):
        status = pathlib.Path(f"/proc/{self.manager.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) << 10

    def test_hostile_fields_in_well_formed_requests(self):
        model = self.manager.model("tiny")
        hostile = (None, True, -1, 1e308, 2**63, "", "x" * 100000, [], {}, [[]], "\0", "../../etc/passwd")
        with self.wire([]) as wire:
            for value in hostile:
                for field in ("action", "model_path", "model_type", "model_params", "input_data", "priority",
                              "timeout_ms", "keep_alive", "pin", "stream", "output", "client", "features"):
                    request = infer(model)
                    request[field] = value
                    self.assertIsNotNone(wire.call(request), (field, value))
                for field in ("dtype", "shape", "data_b64", "region", "offset", "tail"):
                    data = {"input": {**LARGE, "data_b64": "AAAA", "shape": [3], field: value}}
                    self.assertIn("error", wire.call(infer(model, data=data)), (field, value))

    def test_a_flood_of_descriptors(self):
        null = os.open("/dev/null", os.O_RDONLY)
        self.addCleanup(os.close, null)
        fds = pathlib.Path(f"/proc/{self.manager.pid}/fd")
        before = sum(1 for _ in fds.iterdir())
        for features in (None, ["shm"]):
            with self.wire(features) as wire:
                with self.assertRaises(OSError):
                    for _ in range(1000):
                        wire.send({"action": "ping"}, fds=[null] * 200)
                        if wire.receive() is None:
                            raise ConnectionResetError
        self.until(lambda status: status["queue_depth"] <= 2, "quiet")
        self.assertLess(sum(1 for _ in fds.iterdir()), before + 30)

    def test_descriptors_whose_closing_never_ends(self):
        for message in ({"action": "ping"}, {"action": "shm_register", "size": 4096}):
            with self.subTest(message=message), self.wire(["shm"]) as wire:
                text = frame(json.dumps(message).encode())
                with self.lingering() as near:
                    wire.send_raw(text[:1], [near.fileno()])
                wire.send_raw(text[1:])
                self.assertIsNotNone(wire.receive())
                done = self.bystander.done
                while self.bystander.done < done + 3 and not self.bystander.failures:
                    pass

    def lingering(self):
        """A socket: who closes it last waits for an hour."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            near = socket.create_connection(server.getsockname())
            self.addCleanup(server.accept()[0].close)
        near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 3600))
        near.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                near.send(bytes(1 << 16))
        return near

    def test_a_region_that_is_truncated_after_it_was_registered(self):
        with self.wire(["shm"]) as wire, Memory(4096) as memory:
            self.assertIn("region", wire.call({"action": "shm_register", "size": 4096}, fds=[memory.fd]))
            with self.assertRaises(OSError):
                os.ftruncate(memory.fd, 0)
            data = {"input": {"dtype": "uint8", "shape": [4, 4, 3], "region": 1, "offset": 0}}
            self.assertEqual(wire.call(infer(self.manager.model("tiny"), data=data)).get("status"), "ok")

    def test_unsealed_memory_never_becomes_a_region(self):
        with self.wire(["shm"]) as wire, Memory(4096, sealed=False) as memory:
            self.assertIn("error", wire.call({"action": "shm_register", "size": 4096}, fds=[memory.fd]))


class Pace(FaultTest):
    def test_a_slow_writer_holds_up_nobody(self):
        request = frame(b'{"action":"ping","request_id":"slow"}')
        with self.wire() as wire:
            done = self.bystander.done
            for i in range(len(request) - 1):
                wire.send_raw(request[i:i + 1])
            while self.bystander.done < done + 3 and not self.bystander.failures:
                pass
            wire.send_raw(request[-1:])
            self.assertEqual(wire.receive()["request_id"], "slow")

    def test_a_reader_that_never_reads_holds_up_nobody_and_is_bounded(self):
        with self.wire(["pipeline"]) as wire:
            wire.socket.setblocking(False)
            sent = 0
            try:
                for sent in range(200000):
                    wire.socket.sendall(frame(b'{"action":"device_status","request_id":%d}' % sent))
            except BlockingIOError:
                pass
            self.assertLess(sent, 199999, "the manager read on although nobody took its answers")
            done = self.bystander.done
            while self.bystander.done < done + 3 and not self.bystander.failures:
                pass

    def test_half_closed_clients_get_their_answers(self):
        with self.wire() as wire:
            wire.send(infer(self.manager.model("slow"), 1))
            wire.socket.shutdown(socket.SHUT_WR)
            self.assertEqual(wire.receive().get("status"), "ok")
            self.assertTrue(wire.closed())


class Deaths(FaultTest):
    """A client that is gone in each phase of its request leaves nothing behind."""

    def settled(self):
        self.until(lambda status: status["queue_depth"] <= 2, "the dead client's work is gone")

    def test_in_the_middle_of_a_frame(self):
        for size in (1, 3, 4, 5, 100, 300000):
            wire = self.wire()
            wire.send_raw(frame(b'{"x":"' + b"y" * 600000)[:size])
            wire.close()
        self.settled()

    def test_after_the_request_was_sent(self):
        for _ in range(20):
            wire = self.wire()
            wire.send(infer(self.manager.model("large"), data={"input": LARGE}))
            wire.close()
        self.settled()

    def test_while_queued(self):
        wire = self.wire(["pipeline"])
        for i in range(50):
            wire.send(infer(self.manager.model("slow"), i))
        self.until(lambda status: status["queue_depth"] >= 20, "queued")
        wire.close()
        self.settled()

    def test_while_its_model_loads(self):
        self.manager.faults("faults:\n- {kind: slow, op: load, model: slow, delay_ms: 500}\n")
        wire = self.wire()
        wire.send(infer(self.manager.model("slow")))
        self.until(lambda status: status["queue_depth"] >= 2, "waiting")
        wire.close()
        self.settled()

    def test_while_its_answer_streams(self):
        wire = self.wire(["stream"])
        wire.send(infer(self.manager.model("chat"), model_type="vlm_chat", stream=True,
                        data={"prompt": STORY, "max_generated_tokens": 100000}))
        self.assertIn("event", wire.receive())
        wire.close()
        self.settled()

    def test_while_its_answer_is_being_written(self):
        wire = self.wire()
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.send(infer(self.manager.model("large"), data={"input": LARGE}))
        wire.socket.recv(1000)
        wire.close()
        self.settled()

    def test_holding_shared_memory(self):
        maps = pathlib.Path(f"/proc/{self.manager.pid}/maps")
        for _ in range(10):
            with Memory(1 << 20) as memory:
                wire = self.wire(["shm", "pipeline"])
                wire.call({"action": "shm_register", "size": 1 << 20, "request_id": 0}, fds=[memory.fd])
                data = {"input": {"dtype": "uint8", "shape": [4, 4, 3], "region": 1, "offset": 0}}
                wire.send(infer(self.manager.model("slow"), 1, data=data))
                wire.close()
        self.settled()
        self.assertLess(maps.read_text().count("memfd:test"), 3)


if __name__ == "__main__":
    unittest.main()
