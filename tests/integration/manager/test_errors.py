"""Mistakes of clients: the exact texts, and what becomes of the connection."""

import contextlib
import os
import pathlib
import struct
import sys
import tempfile
import unittest

from fixture import PICTURE, ManagerTest, infer, load, manager
from support.manager_process import build
from support.wire import Wire, tensor


class InsideAFrame(ManagerTest):
    """The connection stays open and the reply has the request_id."""

    def refused(self, message, text):
        client = self.wire()
        self.assertEqual(client.call({**message, "request_id": 5}), {"error": text, "request_id": 5})
        self.assertOk(client.call({"action": "ping"}))

    def test_unknown_actions(self):
        self.refused({"action": "fly"}, "Unknown action: fly")
        self.refused({}, "Unknown action: None")
        self.refused({"action": None}, "Unknown action: None")
        self.refused({"action": 3}, "Unknown action: 3")

    def test_missing_fields(self):
        self.refused({"action": "load_model"}, "model_path required")
        self.refused({"action": "load_model", "model_path": ""}, "model_path required")
        self.refused({"action": "unload_model"}, "model_path required")
        both = "model_path and input_data required"
        self.refused({"action": "infer", "model_path": self.model("tiny")}, both)
        self.refused({"action": "infer", "input_data": {}}, both)

    def test_missing_files(self):
        path = self.model("missing")
        self.refused(load(path), f"Model file not found: {path}")
        self.refused(infer(path), f"Model file not found: {path}")

    def test_files_that_a_family_misses(self):
        there, missing = self.model("tiny"), self.model("missing")
        layers = {"text_input_layer": "in", "text_output_layer": "out"}
        clip = lambda image, text: load("clip", "clip", model_params={
            "image_hef_path": image, "text_hef_path": text, **layers})
        ocr = lambda detection, chinese: load(there, "ocr", model_params={
            "detection_hef_path": detection, "recognition_hefs": {"en": there, "zh": chinese}})
        prefix = "Failed to load model:"
        self.refused(clip(missing, there), f"{prefix} Image HEF not found: {missing}")
        self.refused(clip(there, missing), f"{prefix} Text HEF not found: {missing}")
        self.refused(ocr(missing, there), f"{prefix} Detection HEF not found: {missing}")
        self.refused(ocr(there, missing), f"{prefix} Recognition HEF for zh not found: {missing}")
        self.refused(load(missing, "ocr"), f"Model file not found: {missing}")

    def test_unknown_type_after_the_file_was_found(self):
        self.refused(load(self.model("tiny"), "vision"), "Failed to load model: Unsupported model_type: vision")
        self.refused(infer(self.model("tiny"), model_type="vision"),
                     "Failed to load model: Unsupported model_type: vision")

    def test_parameters_of_families(self):
        self.refused(load("clip", "clip"),
                     "Failed to load model: image_hef_path and text_hef_path are required for clip")
        self.refused(load(self.model("tiny"), "ocr"), "Failed to load model: detection_hef_path is required for ocr")

    def test_wrong_tensors(self):
        wrong = {"input": {"dtype": "uint8", "shape": [4, 4, 3]}}
        self.refused(infer(self.model("tiny"), data=wrong),
                     "Inference failed: tensor must include dtype, shape, and data_b64")
        self.refused(infer(self.model("tiny"), data={"input": {**PICTURE, "dtype": "complex64"}}),
                     "Inference failed: data type 'complex64' not understood")
        short = {"input": {**PICTURE, "shape": [4, 4, 4]}}
        self.refused(infer(self.model("tiny"), data=short),
                     "Inference failed: tensor of dtype uint8 and shape (4, 4, 4) has 64 bytes, got 48")

    def test_policy_fields_of_any_client(self):
        path = self.model("tiny")
        self.refused(infer(path, priority="urgent"),
                     'priority must be realtime, interactive or batch, got "urgent"')
        self.refused(infer(path, timeout_ms=0), "timeout_ms must be a whole number in 1..86400000, got 0")
        self.refused(load(path, keep_alive="5m"), 'keep_alive must be a number of seconds, got "5m"')
        self.refused(load(path, pin=1), "pin must be true or false, got 1")

    def test_features_that_were_not_asked_for(self):
        path = self.model("tiny")
        self.assertIn("stream", self.wire().call(infer(path, stream=True))["error"])
        self.assertIn("shm", self.wire().call({"action": "shm_register", "size": 1})["error"])
        self.assertIn("shm", self.wire().call(infer(path, output={"region": 1}))["error"])
        self.assertIn("cancel", self.wire().call({"action": "cancel", "request_id_to_cancel": 1})["error"])

    def test_without_a_hello_errors_have_no_code(self):
        self.assertEqual(set(self.wire().call({"action": "fly"})), {"error"})
        self.assertEqual(self.wire([]).call({"action": "fly"})["code"], "invalid_argument")

    def test_an_id_that_is_too_long_is_answered_without_it(self):
        client = self.wire(["pipeline"])
        for request_id in ("x" * 255, "x" * (2 << 20), ["x"] * 100, {"a": [1.5] * 70000}):
            for action in ("ping", "infer"):
                reply = client.call({**infer(self.model("tiny"), request_id), "action": action})
                self.assertEqual(reply, {"error": "request_id must take at most 256 bytes as JSON text",
                                         "code": "invalid_argument"})
        self.assertEqual(client.call({"action": "ping", "request_id": "x" * 254})["request_id"], "x" * 254)

    def test_what_is_echoed_of_a_long_field_is_cut(self):
        client = self.wire([])
        for message in ({"action": "x" * 1000}, {"action": ["x"] * 1000}, infer("a", priority=["x"] * 1000)):
            self.assertLess(len(client.call(message)["error"]), 300)
        self.assertEqual(client.call({"action": "x" * 100000})["error"],
                         "action must take at most 65536 bytes as JSON text")


class OutsideAFrame(ManagerTest):
    """The connection is closed, with a reply or without."""

    how = {"config": "limits: {message_bytes: 100000}\n"}

    def closes(self, data, text=None):
        client = self.wire()
        client.send_raw(data)
        if text is not None:
            reply = client.receive()
            self.assertEqual(list(reply), ["error"])
            self.assertRegex(reply["error"], text)
        self.assertTrue(client.closed())

    def frame(self, data):
        return struct.pack(">I", len(data)) + data

    def test_too_large(self):
        self.closes(struct.pack(">I", 100001), "^Message too large: 100001 bytes$")

    def test_exactly_the_limit_is_fine(self):
        client = self.wire()
        client.send_raw(self.frame(b'{"action":"ping"}'.ljust(100000)))
        self.assertOk(client.receive())

    def test_not_json(self):
        for data in (b"", b"{", b"\xff\xfe", b'{"a":"\xff"}', b"{} x", b"[" * 50 + b"]" * 50):
            with self.subTest(data=data):
                self.closes(self.frame(data), ".")

    def test_not_an_object(self):
        for data in (b"[]", b"null", b"1", b'"x"'):
            with self.subTest(data=data):
                self.closes(self.frame(data))

    def test_end_inside_a_frame(self):
        client = self.wire()
        client.send_raw(b"\x00\x00\x00\x09{")
        client.socket.shutdown(1)
        self.assertTrue(client.closed())

    def test_too_large_a_reply(self):
        client = self.wire()
        client.send(infer(self.model("wide"), data={"input": {"dtype": "uint8", "shape": [256, 256, 3]}}))
        self.assertIn("tensor must include", client.receive()["error"])
        client = self.wire(["shm"])
        memory = os.memfd_create("m", os.MFD_ALLOW_SEALING)
        self.addCleanup(os.close, memory)
        size = 256 * 256 * 3
        os.ftruncate(memory, size)
        import fcntl
        fcntl.fcntl(memory, 1033, 6)
        region = client.call({"action": "shm_register", "size": size}, fds=[memory])["region"]
        data = {"input": {"dtype": "uint8", "shape": [256, 256, 3], "region": region}}
        reply = client.call(infer(self.model("wide"), 9, data=data))
        self.assertRegex(reply["error"], r"^Response too large: \d+ bytes$")
        self.assertNotIn("request_id", reply)
        self.assertTrue(client.closed())


class Paths(ManagerTest):
    def test_nothing_outside_the_model_directories(self):
        client = self.wire()
        for path in ("/etc/passwd", "/nonexistent/model.hef", str(self.manager.model_dir),
                     f"{self.manager.model_dir}/../log", f"{self.manager.model_dir}x/a.hef"):
            for message in (load(path), infer(path)):
                self.assertRegex(client.call(message)["error"], "^Model path not allowed: ")

    def test_symbolic_links_do_not_lead_out(self):
        link = self.manager.model_dir / "passwd.hef"
        link.symlink_to("/etc/passwd")
        folder = self.manager.model_dir / "etc"
        folder.symlink_to("/etc")
        client = self.wire()
        for path in (link, folder / "passwd"):
            self.assertRegex(client.call(load(str(path)))["error"], "^Model path not allowed: ")

    def test_symbolic_links_inside_are_fine(self):
        link = self.manager.model_dir / "sub"
        link.symlink_to(self.manager.model_dir)
        self.assertOk(self.wire().call(load(str(link / "tiny.hef"))))

    def test_side_files_are_confined_too(self):
        params = {"detection_hef_path": "/etc/passwd", "recognition_hefs": {"en": self.model("line")}}
        reply = self.wire().call(load(self.model("tiny"), "ocr", model_params=params))
        self.assertRegex(reply["error"], "Model path not allowed: /etc/passwd")


class WorkersThatAreWrong(unittest.TestCase):
    @contextlib.contextmanager
    def manager_with(self, loaded):
        """A manager whose worker ends a load with `loaded` and answers with memory that it was not given."""
        with tempfile.TemporaryDirectory() as folder:
            worker = pathlib.Path(folder) / "worker"
            worker.write_text(f"#!{sys.executable}\nBUILD = '{build()}'\nLOADED = {loaded!r}\n{WRONG_WORKER}")
            worker.chmod(0o700)
            with manager(arguments=["--worker", worker], device="sim") as running:
                yield running

    def test_a_reply_that_cannot_be_made_is_an_error_with_its_request_id(self):
        with self.manager_with(loaded={"info": {}}) as running:
            for features in (["pipeline"], ["pipeline", "tail"]):
                with Wire(running.socket_path, features) as client:
                    reply = client.call(infer(running.model("tiny"), "mine", data={}))
                    self.assertEqual(reply, {"error": "the worker named memory that it was not given",
                                             "code": "internal", "request_id": "mine"})
                    self.assertEqual(client.call({"action": "ping"})["status"], "ok")

    def test_what_is_no_answer_costs_the_worker_and_not_the_manager(self):
        for loaded, why in (({"result": 5}, "is no answer to it"),
                            ({"info": 5}, "done.info must be an object, got 5"),
                            ({"info": {}, "memory_bytes": 2 ** 64 - 1}, "done.memory_bytes must be")):
            with self.subTest(loaded=loaded), self.manager_with(loaded) as running:
                with Wire(running.socket_path, ["pipeline"]) as client:
                    reply = client.call(load(running.model("tiny"), request_id="mine"))
                    self.assertEqual((reply["code"], reply["request_id"]), ("device_lost", "mine"), reply)
                    self.assertEqual(client.call({"action": "ping"})["status"], "ok")
                self.assertIn(why, running.log())


WRONG_WORKER = """
import json, socket, struct

link = socket.socket(fileno=3)


def say(message):
    text = json.dumps(message).encode()
    link.sendall(struct.pack(">I", len(text)) + text)


say({"op": "ready", "build": BUILD,
     "device": {"kind": "sim", "id": "wrong", "architecture": "HAILO10H", "firmware": "1", "memory_bytes": 0,
                "group_release": False, "runs_at_once": 1}})
while header := link.recv(4, socket.MSG_WAITALL):
    message = json.loads(link.recv(struct.unpack(">I", header)[0], socket.MSG_WAITALL))
    result = {"dtype": "float32", "shape": [4, 4, 1], "region": 77, "offset": 0}
    answers = {"load": LOADED, "telemetry": {"telemetry": {}},
               "infer": {"result": result, "output_bytes": 64}}
    if message["op"] in answers:
        say({"op": "done", "job": message["job"], **answers[message["op"]]})
"""


if __name__ == "__main__":
    unittest.main()
