"""Devices and workers that fail: what can be repeated is, the rest gets a typed error."""

import os
import signal
import threading
import unittest

from fixture import STORY, FaultTest, infer
from support.manager_process import DEVICE, SLOW

ROUNDS = 20


class Workers(FaultTest):
    how = {"config": f"policy: {{infer_timeout: {2 * SLOW}, load_timeout: {5 * SLOW}, quarantine: 0}}\n"}

    def fault(self, kind, op="infer", model="slow", **more):
        extra = "".join(f", {key}: {value}" for key, value in more.items())
        self.manager.faults(f"faults:\n- {{kind: {kind}, op: {op}, model: {model}{extra}}}\n")

    def test_a_worker_that_crashes_on_a_request_does_it_again(self):
        with self.wire([]) as wire:
            wire.call(infer(self.manager.model("slow")))
            self.fault("crash", times=1)
            self.assertEqual(wire.call(infer(self.manager.model("slow"))).get("status"), "ok")

    def test_a_request_that_always_crashes_its_worker_is_given_up_and_harms_nobody(self):
        with self.wire([]) as wire:
            self.fault("crash", times=0)
            self.assertEqual(wire.call(infer(self.manager.model("slow"))).get("code"), "device_lost")
            self.manager.faults("faults: []\n")
            self.assertEqual(wire.call(infer(self.manager.model("slow"))).get("status"), "ok")

    def test_a_device_that_is_lost_is_opened_again_and_the_request_repeated(self):
        for op in ("infer", "load"):
            with self.subTest(op=op), self.wire([]) as wire:
                self.fault("device_lost", op=op, times=1, id=op)
                before = self.manager.workers()
                self.assertEqual(wire.call(infer(self.manager.model("slow"))).get("status"), "ok")
                self.assertNotEqual(self.manager.workers(), before)
                wire.call({"action": "unload_model", "model_type": "depth", "model_path": self.manager.model("slow")})

    def test_a_device_that_is_lost_by_every_repeat_is_told(self):
        with self.wire([]) as wire:
            self.fault("device_lost", times=0)
            reply = wire.call(infer(self.manager.model("slow")))
            self.assertEqual(reply.get("code"), "device_lost", reply)
            self.assertIn("vision worker was lost", reply["error"])
            self.manager.faults("faults: []\n")
            self.assertEqual(wire.call(infer(self.manager.model("slow"))).get("status"), "ok")

    def test_a_request_that_hangs_is_given_up_and_harms_nobody(self):
        with self.wire([]) as wire:
            wire.call(infer(self.manager.model("slow")))
            self.fault("hang", times=1)
            reply = wire.call(infer(self.manager.model("slow")))
            self.assertEqual(reply.get("code"), "deadline_exceeded", reply)
            self.assertRegex(reply["error"], r"^no answer for [0-9.]+ s \(policy.infer_timeout\): the vision worker was ended$")
            self.assertEqual(wire.call(infer(self.manager.model("slow"))).get("status"), "ok")

    def test_a_load_that_hangs_is_given_up_and_harms_nobody(self):
        with self.wire([]) as wire:
            self.fault("hang", op="load", times=1)
            reply = wire.call(infer(self.manager.model("slow")))
            self.assertEqual(reply.get("code"), "deadline_exceeded", reply)
            self.assertIn("policy.load_timeout", reply["error"])
            self.assertEqual(wire.call(infer(self.manager.model("slow"))).get("status"), "ok")

    @unittest.skipIf(DEVICE == "hailort", "the fake's speech is not slow piece by piece")
    def test_long_audio_is_not_taken_for_hung_while_its_pieces_come(self):
        pieces = 5 * SLOW  # of half a second each: more than the watchdog's time
        workers = None
        with self.wire(["tail"]) as wire:
            for _ in range(2):
                reply = wire.call(infer(self.manager.model("lecturer"), model_type="whisper", data={
                    "audio": {"dtype": "float32", "shape": [pieces * 1600], "tail": [0, pieces * 6400]}}),
                    tail=bytes(pieces * 6400))
                self.assertEqual(reply.get("status"), "ok", reply)
                self.assertEqual(len(reply["result"]["segments"]), pieces)
                workers = workers or self.manager.workers()
                self.assertEqual(self.manager.workers(), workers)

    def test_an_error_of_the_device_is_the_requests_own(self):
        with self.wire([]) as wire:
            # The HailoRT adapter repeats a run by itself once: another one's failure may have ended it.
            self.fault("error", times=2 if DEVICE == "hailort" else 1)
            reply = wire.call(infer(self.manager.model("slow")))
            self.assertTrue(reply["error"].startswith("Inference failed: "), reply)
            self.assertEqual(wire.call(infer(self.manager.model("slow"))).get("status"), "ok")

    def test_out_of_memory_on_load_is_typed(self):
        with self.wire([]) as wire:
            self.fault("out_of_memory", op="load", times=0)
            reply = wire.call({"action": "load_model", "model_type": "depth", "model_path": self.manager.model("slow")})
            self.assertEqual(reply.get("code"), "does_not_fit", reply)
            self.assertIn("RESOURCE_EXHAUSTED", reply["error"])

    def test_a_stream_that_breaks_off_is_told_and_not_repeated(self):
        with self.wire(["stream"]) as wire:
            wire.send(infer(self.manager.model("chat"), model_type="vlm_chat", stream=True,
                            data={"prompt": STORY, "max_generated_tokens": 100000}))
            self.assertIn("event", wire.receive())
            for pid in self.manager.workers():
                os.kill(pid, signal.SIGKILL)
            reply = wire.receive()
            while "event" in reply:
                reply = wire.receive()
            self.assertEqual(reply.get("code"), "device_lost", reply)

    def test_kill_9_again_and_again_under_load_loses_nothing(self):
        failures = []

        def client(number):
            with self.wire([], f"client-{number}") as wire:
                for _ in range(ROUNDS):
                    reply = wire.call(infer(self.manager.model("tiny")))
                    if reply.get("status") != "ok":
                        failures.append(reply)

        threads = [threading.Thread(target=client, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        # Far enough apart that no request meets two kills: that one would rightly be given up.
        for _ in range(3):
            done = self.bystander.done
            for pid in self.manager.workers():
                os.kill(pid, signal.SIGKILL)
            while self.bystander.done < done + 10 and not self.bystander.failures:
                pass
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])


@unittest.skipIf(DEVICE == "hailort", "its readings have a thread of their own")
class Readings(FaultTest):
    how = {"config": f"policy: {{infer_timeout: {2 * SLOW}}}\n"}

    def test_readings_that_hang_cost_a_worker_soon_and_nobody_a_request(self):
        with self.wire([]) as wire:
            before = self.manager.workers()
            self.manager.faults("faults:\n- {kind: hang, op: telemetry, times: 1}\n")
            self.until(lambda _: wire.call({"action": "device_status"}) and self.manager.workers() not in (before, []),
                       "the worker was replaced")
        self.assertRegex(self.manager.log(), r"is gone: no answer for [\d.]+ s")


if __name__ == "__main__":
    unittest.main()
