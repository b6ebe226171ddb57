"""A device that is not there, that does not match, that goes and comes back, or that never lets go."""

import contextlib
import http.client
import json
import os
import pathlib
import signal
import struct
import tempfile
import unittest

from fixture import ManagerTest, infer, load, manager
from support.manager_process import SLOW, SOURCE, build
from support.wire import Memory, Wire

SHIM = SOURCE / "tests" / "support" / "worker_shim.py"
AWAY = {"fail": {"code": "unavailable", "message": "no chip answers"}}
MISMATCH = {"fail": {"code": "version_mismatch", "message": "driver 5.1.1, library 5.2.0, firmware 5.2.0"}}


class PlannedWorkers:
    """Each test has a manager whose workers do as planned."""

    config = "worker: {device_wait: 0.5}\n"

    @classmethod
    def setUpClass(cls):
        pass

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="hailo-test-")
        self.addCleanup(scratch.cleanup)
        self._plan = pathlib.Path(scratch.name) / "plan"

    def plan(self, plan):
        if plan is None:
            self._plan.unlink()
            return
        fresh = self._plan.with_suffix(".new")
        fresh.write_text(json.dumps(plan))
        fresh.replace(self._plan)

    def run_manager(self, plan=None):
        if plan is not None:
            self.plan(plan)
        self.manager = manager(arguments=["--worker", str(SHIM)], http="127.0.0.1:0", config=self.config,
                               env={"NPU_TEST_WORKER_PLAN": str(self._plan)})
        self.manager.__enter__()
        self.addCleanup(self.manager.close)

    def starts(self):
        return len(pathlib.Path(f"{self._plan}.starts").read_bytes())

    def kill_workers(self):
        for pid in self.manager.workers():
            os.kill(pid, signal.SIGKILL)

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.manager.http_port(), timeout=30)
        self.addCleanup(connection.close)
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, json.loads(response.read())

    def assertNoDevice(self, reason, code):
        client = self.wire([])
        status = self.assertOk(client.call({"action": "status"}))
        self.assertIsNone(status["device_id"])
        self.assertEqual(status["runtime_broken_reason"], reason)
        self.assertEqual(client.call({"action": "device_status"}),
                         {"status": "error", "message": "Device not initialized", "runtime_broken_reason": reason})
        for message in (infer(self.model("tiny")), load(self.model("tiny")),
                        {"action": "unload_model", "model_path": self.model("tiny")}):
            reply = client.call(message)
            self.assertEqual(reply["code"], code, reply)
            self.assertIn(reason, reply["error"])
        self.assertEqual(self.get("/health")[1]["device"], reason)
        self.assertEqual(self.get("/health/ready"), (503, {"ready": False}))


class AtTheStart(PlannedWorkers, ManagerTest):
    def test_a_device_that_is_not_there_is_waited_for_and_clients_are_told(self):
        for code in ("unavailable", "busy"):
            self.run_manager({"fail": {"code": code, "message": "no chip answers"}})
            self.assertNoDevice("waiting for device: no chip answers", "unavailable")
            self.plan(None)
            self.until(lambda status: status["device_id"] is not None, "the device was found")
            self.assertOk(self.wire([]).call(infer(self.model("tiny"))))
            self.assertEqual(self.get("/health")[1]["device"], "ok")
            self.assertEqual(self.get("/health/ready"), (200, {"ready": True}))
            self.assertEqual(self.manager.stop(), 0)

    def test_versions_that_do_not_match_are_told_and_not_tried_again_and_again(self):
        self.run_manager(MISMATCH)
        for _ in range(10):
            self.assertNoDevice("version mismatch: driver 5.1.1, library 5.2.0, firmware 5.2.0", "version_mismatch")
        self.assertEqual(self.starts(), 1)
        self.assertEqual(self.manager.stop(), 0)

    def test_what_is_wrong_is_logged_once_however_often_it_is_tried(self):
        self.run_manager(AWAY)
        self.until(lambda _: self.starts() >= 4, "it was tried several times")
        lines = self.manager.log().splitlines()
        self.assertEqual(sum("warning: waiting for device: no chip answers" in line for line in lines), 1)
        self.assertEqual(sum("info: worker vision: started" in line for line in lines), 1)
        self.assertEqual(sum("info: worker vision: pid" in line for line in lines), 1)

    def test_a_load_that_passes_no_file_takes_nobody_elses_descriptor(self):
        self.run_manager(AWAY)
        client = self.wire(["shm"])
        with Memory(4096) as memory:
            texts = [json.dumps(message).encode() for message in (
                load(self.model("tiny")), {"action": "shm_register", "size": 4096})]
            client.send_raw(b"".join(struct.pack(">I", len(text)) + text for text in texts), [memory.fd])
            self.assertEqual(client.receive()["code"], "unavailable")
            self.assertOk(client.receive())

    def test_stopping_while_the_device_is_waited_for(self):
        self.run_manager(AWAY)
        self.assertEqual(self.manager.stop(), 0)


class Later(PlannedWorkers, ManagerTest):
    def test_a_device_that_goes_is_waited_for_and_its_models_come_back(self):
        self.run_manager()
        client = self.wire([])
        self.assertOk(client.call(load(self.model("tiny"))))
        self.plan(AWAY)
        self.kill_workers()
        reply = client.call(infer(self.model("tiny")))
        self.assertEqual(reply["code"], "unavailable", reply)
        self.assertIn("no chip answers", reply["error"])
        status = client.call({"action": "status"})
        self.assertEqual(status["runtime_broken_reason"], "waiting for device: no chip answers")
        self.assertEqual(self.get("/health")[1]["device"], "waiting for device: no chip answers")
        device = self.assertOk(client.call({"action": "device_status"}))["device"]
        self.assertIsNone(device["temperature_celsius"], "nobody can read it")
        self.plan(None)
        self.until(lambda status: status["loaded_models"] and not status["runtime_broken_reason"], "all is back")
        self.assertOk(client.call(infer(self.model("tiny"))))

    def test_versions_that_do_not_match_any_more_fail_at_once_what_waits_and_what_comes(self):
        self.run_manager()
        client = self.wire([])
        self.assertOk(client.call(load(self.model("tiny"))))
        self.plan(MISMATCH)
        starts = self.starts()
        self.kill_workers()
        for _ in range(3):
            reply = client.call(infer(self.model("tiny")))
            self.assertEqual(reply["code"], "version_mismatch", reply)
            self.assertIn("driver 5.1.1, library 5.2.0, firmware 5.2.0", reply["error"])
        self.assertEqual(self.starts(), starts + 1)


    def test_a_worker_of_another_build_is_not_used(self):
        self.run_manager()
        client = self.wire([])
        self.assertOk(client.call(load(self.model("tiny"))))
        self.plan({"ready": {"build": "0.0.0", "device": {"kind": "onnx"}}})
        self.kill_workers()
        reply = client.call(infer(self.model("tiny")))
        self.assertEqual(reply["code"], "version_mismatch", reply)
        self.assertIn("the worker is of version 0.0.0", reply["error"])

    def test_a_worker_that_has_found_another_kind_of_device_is_not_used(self):
        self.run_manager()
        client = self.wire([])
        self.assertOk(client.call(load(self.model("tiny"))))
        self.plan({"ready": {"build": build(), "device": {"kind": "onnx"}}})
        self.kill_workers()
        reply = client.call(infer(self.model("tiny")))
        self.assertEqual(reply["code"], "unavailable", reply)
        self.assertIn("a device of kind 'onnx'", reply["error"])
        self.plan(None)
        self.until(lambda status: status["loaded_models"] and not status["runtime_broken_reason"], "all is back")


class WorkersThatNeverEnd(PlannedWorkers, ManagerTest):
    """Killed, but in the kernel for ever: for the manager they live on."""

    config = f"policy: {{infer_timeout: {SLOW}, quarantine: 0}}\nworker: {{end_timeout: {0.5 * SLOW}, device_wait: 0.5}}\n"

    def release(self):
        with contextlib.suppress(ProcessLookupError):  # released before
            os.kill(int(pathlib.Path(f"{self._plan}.linger").read_text()), signal.SIGKILL)

    def run_until_stuck(self):
        self.run_manager({"linger": True})
        self.addCleanup(self.release)
        self.client = self.wire([])
        self.assertOk(self.client.call(load(self.model("tiny"))))
        self.plan(None)
        self.manager.faults("faults: [{kind: hang, op: infer, model: tiny, times: 1}]\n")
        self.assertIn(self.client.call(infer(self.model("tiny")))["code"], ("device_lost", "unavailable"))
        self.assertEqual([line[:3] for line in self.manager.fired()], [("hang", "infer", "tiny")])
        self.until(lambda status: status["runtime_broken_reason"], "it is stuck")

    def test_their_lane_stays_down_and_says_so_and_the_others_work(self):
        self.run_until_stuck()
        reason = self.client.call({"action": "status"})["runtime_broken_reason"]
        self.assertRegex(reason, r"^no answer for [\d.]+ s; pid \d+ does not end although it was killed")
        reply = self.client.call(infer(self.model("tiny")))
        self.assertEqual(reply["code"], "unavailable")
        self.assertIn("does not end", reply["error"])
        self.assertOk(self.client.call(infer(self.model("whisper"), model_type="whisper", data={"audio": [0.0]})))
        self.assertIn("does not end", self.manager.log())

    def test_when_they_end_after_all_their_models_come_back(self):
        self.run_until_stuck()
        self.release()
        self.until(lambda status: status["loaded_models"] and not status["runtime_broken_reason"], "all is back")
        self.assertOk(self.client.call(infer(self.model("tiny"))))

    def test_the_manager_stops_without_them(self):
        self.run_until_stuck()
        self.assertEqual(self.manager.stop(), 0)


if __name__ == "__main__":
    unittest.main()
