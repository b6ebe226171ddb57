"""A model that has taken over its worker reaches nothing, and costs its own worker only."""

import ctypes
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from support.manager_process import ADAPTERS, BIN, ManagerProcess
from support.messages import infer
from support.wire import Wire

PROFILE = """
name: trespasser
architecture: HAILO10H
firmware: "5.2.0"
memory_mb: 100
models:
  good:
    kind: tensor
    inputs: [{name: in, dtype: uint8, shape: [4, 4, 3]}]
    outputs: [{name: out, dtype: float32, shape: [4, 4, 1]}]
  bad:
    kind: tensor
    inputs: [{name: in, dtype: uint8, shape: [4, 4, 3]}]
    outputs: [{name: out, dtype: float32, shape: [4, 4, 1]}]
  whisper: {kind: speech}
faults:
  - {kind: trespass, op: infer, model: bad, times: 0, attempt: %s}
"""
# The calls by which the attempts are ended, and what the others are told.
ENDED = {"fork": "clone", "exec": "execve", "ptrace": "ptrace", "kill": "kill"}
DENIED = {"open": "openat of /etc/shadow", "write": "openat of /tmp", "connect": "socket"}
SANITIZED = bool(os.environ.get("NPU_SANITIZE"))


def landlock():
    create_ruleset, version = 444, 1
    return ctypes.CDLL(None).syscall(create_ruleset, None, ctypes.c_size_t(0), version) > 0


class ConfinementTest(unittest.TestCase):
    device = "sim"

    # The faults are in the profile, so that a simulated device needs no file while it runs.
    def start(self, attempt, **how):
        folder = tempfile.TemporaryDirectory(prefix="hailo-test-")
        self.addCleanup(folder.cleanup)
        profile = pathlib.Path(folder.name) / "profile.yaml"
        profile.write_text(PROFILE % attempt)
        manager = ManagerProcess(profile, device=self.device, env={"HAILO_SIM_FAULTS": ""}, **how)
        self.addCleanup(manager.close)
        return manager.start()

    def wire(self, manager):
        wire = Wire(manager.socket_path, [])
        self.addCleanup(wire.close)
        return wire

    def assertServes(self, manager, wire):
        reply = wire.call(infer(manager.model("good")))
        self.assertEqual(reply.get("status"), "ok", reply)


@unittest.skipIf(SANITIZED, "workers with a sanitizer are not confined")
class Trespasser(ConfinementTest):
    logs_all = True

    def test_what_no_library_would_do_ends_its_worker_only_and_is_told(self):
        for attempt, call in ENDED.items():
            with self.subTest(attempt):
                manager = self.start(attempt)
                wire = self.wire(manager)
                self.assertServes(manager, wire)
                self.assertEqual(wire.call({"action": "load_model", "model_type": "whisper", "model_path": manager.model("whisper")}).get("status"), "ok")
                vision, speech = manager.worker("vision"), manager.worker("speech")
                reply = wire.call(infer(manager.model("bad")))
                self.assertEqual(reply.get("code"), "device_lost", reply)
                self.assertIn(f"tried {call}, which it may not", reply["error"])
                self.assertServes(manager, wire)
                self.assertNotEqual(manager.worker("vision"), vision)
                self.assertEqual(manager.worker("speech"), speech)
                self.assertIn(f"confinement: {call} is denied and ends this process", manager.log())
                self.assertRegex(manager.log(), rf"worker vision: pid {vision} is gone: .*tried {call}, which it may not")
                refused = wire.call({"action": "status"})["refused_models"]
                self.assertEqual([row["model_path"] for row in refused], [manager.model("bad")])
                manager.close()

    def test_what_a_library_may_try_fails_and_is_told(self):
        for attempt, call in DENIED.items():
            with self.subTest(attempt):
                manager = self.start(attempt)
                wire = self.wire(manager)
                self.assertServes(manager, wire)
                vision = manager.worker("vision")
                reply = wire.call(infer(manager.model("bad")))
                self.assertEqual(reply.get("code"), "internal", reply)
                self.assertServes(manager, wire)
                self.assertEqual(manager.worker("vision"), vision)
                if self.logs_all or attempt == "connect":
                    self.assertIn(f"confinement: {call} is denied", manager.log())
                manager.close()

    def test_status_and_the_log_say_that_workers_are_confined(self):
        manager = self.start("open")
        device = self.wire(manager).call({"action": "device_status"})["device"]
        self.assertRegex(device["confinement"], "^(files and )?system calls")
        told = subprocess.run([BIN / "hailoctl", "--socket", manager.socket_path, "status"], capture_output=True, text=True, check=True)
        self.assertRegex(told.stdout, r"(?m)^confined +(files and )?system calls")
        self.assertEqual(len(re.findall(r"workers are (?:not wholly )?confined: ", manager.log())), 1)


@unittest.skipUnless(list(ADAPTERS.glob("hailort-[0-9]*.so")), "there is no fake HailoRT")
class TrespasserOnHailort(Trespasser):
    """HailoRT opens files, so that what holds it there is Landlock, of which the kernel keeps the log."""

    device = "hailort"
    logs_all = False

    def test_what_a_library_may_try_fails_and_is_told(self):
        if not landlock():
            self.skipTest("the kernel has no Landlock")
        super().test_what_a_library_may_try_fails_and_is_told()


class Unconfined(ConfinementTest):
    def test_it_can_be_turned_off_which_status_and_the_log_say_once(self):
        manager = self.start("open", config="worker: {confine: false}\n")
        wire = self.wire(manager)
        self.assertServes(manager, wire)
        self.assertEqual(wire.call({"action": "load_model", "model_type": "whisper", "model_path": manager.model("whisper")}).get("status"), "ok")
        device = wire.call({"action": "device_status"})["device"]
        self.assertEqual(device["confinement"], "nothing: worker.confine is off")
        self.assertEqual(manager.log().count("warning: workers are not wholly confined: nothing: worker.confine is off"), 1)

    def test_the_attempts_of_these_tests_are_real(self):
        for attempt in sorted(ENDED | DENIED):
            if attempt == "open" and not os.access("/etc/shadow", os.R_OK):
                continue
            with self.subTest(attempt):
                manager = self.start(attempt, config="worker: {confine: false}\n")
                wire = self.wire(manager)
                reply = wire.call(infer(manager.model("bad")))
                if attempt == "exec":  # the worker has become /bin/true
                    self.assertIn("exited with status 0", reply["error"])
                else:
                    self.assertEqual(reply.get("status"), "ok", reply)
                manager.close()


if __name__ == "__main__":
    unittest.main()
