"""Graphs that go wrong by accident, on the CPU: what they may take of memory and time, and what it costs others."""

import os
import subprocess
import time
import unittest

from support import onnx_file
from support.manager_process import BIN, SLOW, ManagerProcess
from support.messages import infer
from support.wire import Wire, tensor, tensor_bytes

LIMIT = 1.0 * SLOW  # seconds of a run
MARGIN = 10.0 * SLOW
MEMORY = 64 << 20
CONFIG = f"""
policy: {{infer_timeout: {LIMIT}}}
limits: {{model_memory_bytes: {MEMORY}}}
"""


class Limits(unittest.TestCase):
    def setUp(self):
        self.manager = ManagerProcess(device="onnx", config=CONFIG)
        self.addCleanup(self.manager.close)
        self.manager.start()
        self.good = self.add("good", onnx_file.plus(1))

    def add(self, name, content):
        return str(onnx_file.write(self.manager.model_dir / f"{name}.onnx", content))

    def wire(self, features=None):
        wire = Wire(self.manager.socket_path, features)
        self.addCleanup(wire.close)
        return wire

    def assertServes(self, wire):
        picture = tensor(bytes([7]) * 48, onnx_file.SHAPE)
        reply = wire.call(infer(self.good, data={"input": picture}))
        self.assertEqual(reply.get("status"), "ok", reply)
        self.assertEqual(len(tensor_bytes(reply["result"])), 4 * 48)

    def test_a_graph_without_an_end_is_ended_and_its_worker_goes_on(self):
        endless = self.add("endless", onnx_file.endless())
        asker, other = self.wire([]), self.wire([])
        self.assertServes(other)
        worker = self.manager.worker("vision")
        begin = time.monotonic()
        asker.send(infer(endless))
        self.assertServes(other)  # behind it
        self.assertLess(time.monotonic() - begin, LIMIT + MARGIN)
        reply = asker.receive()
        self.assertEqual(reply.get("code"), "deadline_exceeded", reply)
        self.assertIn("policy.infer_timeout", reply["error"])
        self.assertEqual(self.manager.worker("vision"), worker)

    @unittest.skipIf(os.environ.get("NPU_SANITIZE"), "an allocation that fails ends a program with sanitizers")
    def test_a_graph_that_takes_too_much_memory_is_refused_it(self):
        greedy = self.add("greedy", onnx_file.greedy(1 << 30))
        wire = self.wire([])
        self.assertServes(wire)
        worker = self.manager.worker("vision")
        for _ in range(3):
            reply = wire.call(infer(greedy))
            self.assertEqual(reply.get("code"), "unsupported", reply)
            self.assertIn("limits.model_memory_bytes", reply["error"])
            self.assertServes(wire)
        self.assertEqual(self.manager.worker("vision"), worker)

    def test_what_ran_into_its_limit_is_refused_for_a_while_and_status_says_so(self):
        endless = self.add("endless", onnx_file.endless())
        link = self.manager.model_dir / "link.onnx"
        link.symlink_to(endless)
        wire = self.wire([])
        self.assertEqual(wire.call(infer(endless)).get("code"), "deadline_exceeded")
        for path in (endless, str(link)):
            begin = time.monotonic()
            reply = wire.call(infer(path))
            self.assertEqual(reply.get("code"), "unavailable", reply)
            self.assertRegex(reply["error"], r"^The model is refused: .* once, last by: .*policy.infer_timeout.*; refused for \d s more$")
            self.assertGreater(reply["retry_after_ms"], 0)
            self.assertLess(time.monotonic() - begin, LIMIT)
        self.assertServes(wire)
        for action in ("status", "device_status"):
            rows = wire.call({"action": action})["refused_models"]
            self.assertEqual([(row["model_path"], row["model_type"]) for row in rows], [(endless, "depth")])
            self.assertIn("policy.infer_timeout", rows[0]["reason"])
            self.assertGreater(rows[0]["seconds_left"], 0)
        told = subprocess.run([BIN / "hailoctl", "--socket", self.manager.socket_path, "status"], capture_output=True, text=True)
        self.assertRegex(told.stdout, r"(?m)^refused +depth \S+/endless.onnx: it has ended its worker or held it for too long once")
        onnx_file.write(endless, onnx_file.plus(2))  # another model
        wire.call({"action": "unload_model", "model_type": "depth", "model_path": endless})
        self.assertEqual(wire.call(infer(endless)).get("status"), "ok")

    def test_what_suits_its_limits_is_not_touched_by_them(self):
        modest = self.add("modest", onnx_file.greedy(1 << 20))
        wire = self.wire([])
        for _ in range(3):
            self.assertEqual(wire.call(infer(modest)).get("status"), "ok")


if __name__ == "__main__":
    unittest.main()
