"""What only a HailoRT does to its users: the chip restarts, calls never return, others hold the device.

On the HailoRT adapter and the fake HailoRT, whose README has the faults. Every hang has to end in a new worker with
the same models.
"""

import pathlib
import subprocess
import unittest

from fixture import PROFILE, STORY, FaultTest, infer
from support.manager_process import BIN, SLOW, ManagerProcess
from support.wire import Wire

SHORT = {"HAILO_FAKE_TIME_SCALE": str(0.05 * SLOW),  # the library's own 10 and 45 s are 0.5 and 2.25 s
         "HAILO_FRAME_TIMEOUT_MS": str(1000 * SLOW)}
PATIENCE = f"policy: {{infer_timeout: {6 * SLOW}, generation_timeout: {8 * SLOW}, load_timeout: {10 * SLOW}}}\n"


class Hailort(FaultTest):
    how = {"device": "hailort", "env": SHORT, "config": PATIENCE}

    def fault(self, kind, op="infer", model="slow", **more):
        extra = "".join(f", {key}: {value}" for key, value in more.items())
        self.manager.faults(f"faults:\n- {{kind: {kind}, op: {op}, model: {model}{extra}}}\n")

    def call(self, message):
        with self.wire([]) as wire:
            return wire.call(message)

    def chat(self, **more):
        return infer(self.manager.model("chat"), model_type="vlm_chat", data={"prompt": "one two three"}, **more)

    def listen(self):
        return infer(self.manager.model("listener"), model_type="whisper", data={"audio": [0.0] * 16000})

    def assertOk(self, reply):
        self.assertEqual(reply.get("status"), "ok", reply)

    def load_all(self):
        for message in (infer(self.manager.model("slow")), self.chat(), self.listen()):
            self.assertOk(self.call(message))

    def assertAllBack(self):
        wanted = {"tiny", "slow", "chat", "listener"}
        self.until(lambda status: wanted <= {pathlib.Path(row["model_path"]).stem for row in status["loaded_models"]}
                   and not status["runtime_broken_reason"], "all models are back")
        self.load_all()


class Restarts(Hailort):
    def test_a_chip_that_restarts_under_a_frame_loses_nothing(self):
        self.load_all()
        self.fault("restart")
        self.assertOk(self.call(infer(self.manager.model("slow"))))
        self.assertAllBack()

    def test_a_chip_that_restarts_under_an_answer_costs_the_answer_that_had_begun(self):
        self.load_all()
        with self.wire(["stream"]) as wire:
            wire.send(infer(self.manager.model("chat"), model_type="vlm_chat", stream=True,
                            data={"prompt": STORY, "max_generated_tokens": 900}))
            self.assertIn("event", wire.receive())
            self.fault("restart")
            self.assertOk(self.call(infer(self.manager.model("slow"))))
            reply = wire.receive()
            while "event" in reply:
                reply = wire.receive()
            self.assertEqual(reply.get("code"), "device_lost", reply)
        self.assertAllBack()


class Hangs(Hailort):
    def test_a_frame_that_never_comes_back(self):
        self.load_all()
        self.fault("hang")
        self.assertOk(self.call(infer(self.manager.model("slow"))))
        self.assertAllBack()

    def test_a_token_that_never_comes(self):
        self.load_all()
        self.fault("hang", op="read", model="chat")
        reply = self.call(self.chat())
        self.assertIn(reply.get("code", "ok"), ("ok", "device_lost"), reply)
        self.assertAllBack()

    def test_a_transcription_that_never_returns(self):
        self.load_all()
        self.fault("hang", model="listener")
        self.assertOk(self.call(self.listen()))
        self.assertAllBack()

    def test_a_load_that_is_never_answered(self):
        for op, model, message in (("upload", "slow", infer(self.manager.model("slow"))), ("load", "chat", self.chat())):
            self.fault("no_reply", op=op, model=model, id=model)
            reply = self.call(message)
            self.assertIn(reply.get("code", "ok"), ("ok", "device_lost", "unavailable"), reply)
            self.assertOk(self.call(message))
        self.assertOk(self.call(self.listen()))
        self.assertAllBack()

    def test_a_destructor_that_never_returns(self):
        self.load_all()
        self.fault("hang", op="unload", model="chat")
        self.call({"action": "unload_model", "model_type": "vlm_chat", "model_path": self.manager.model("chat")})
        self.assertOk(self.call(self.chat()))
        self.assertAllBack()


class Memory(Hailort):
    def test_without_memory_the_group_is_released_and_what_stays_comes_back(self):
        for op, status in (("upload", 3), ("load", 71)):
            self.assertOk(self.call(self.listen()))
            self.fault("out_of_memory", op=op, model="slow", status=status, id=op)
            self.assertOk(self.call(infer(self.manager.model("slow"))))
            self.call({"action": "unload_model", "model_type": "depth", "model_path": self.manager.model("slow")})


class Start(unittest.TestCase):
    """Before there is a device."""

    def manager(self, faults=None):
        manager = ManagerProcess(sim_profile=PROFILE, device="hailort", env=SHORT)
        self.addCleanup(manager.close)
        if faults is not None:
            manager.faults(faults)
        return manager

    def reason(self, manager):
        with Wire(manager.socket_path) as wire:
            return wire.call({"action": "status"})["runtime_broken_reason"]

    def await_device(self, manager):
        with Wire(manager.socket_path, []) as wire:
            while wire.call({"action": "status"})["device_id"] is None:
                pass
            self.assertEqual(wire.call(infer(manager.model("tiny"))).get("status"), "ok")

    def test_no_driver_and_a_server_that_is_not_up_yet_are_waited_for(self):
        for status in (64, 89):
            manager = self.manager(f"faults: [{{kind: status, op: scan, model: scan, status: {status}, times: 0}}]\n")
            manager.start()
            self.assertRegex(self.reason(manager), rf"^waiting for device: .*\({status}\)")
            manager.faults("faults: []\n")
            self.await_device(manager)
            self.assertEqual(manager.stop(), 0)

    def test_a_version_mismatch_is_told_and_does_not_end_the_manager(self):
        manager = self.manager("faults: [{kind: status, op: scan, model: scan, status: 76, times: 0}]\n")
        manager.start()
        self.assertRegex(self.reason(manager), r"^version mismatch: .*\(76\)")
        with Wire(manager.socket_path, []) as wire:
            self.assertEqual(wire.call(infer(manager.model("tiny"))).get("code"), "version_mismatch")
        self.assertEqual(manager.stop(), 0)


class Others(unittest.TestCase):
    """Another program has the chip, or a part of it."""

    def setUp(self):
        self.manager = ManagerProcess(sim_profile=PROFILE, device="hailort", env=SHORT)
        self.addCleanup(self.manager.close)
        self.manager.start()
        self.peer = subprocess.Popen([str(BIN / "hailort_fake_peer")], env=self.manager._env, text=True,
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(self.peer.communicate)
        self.wire = Wire(self.manager.socket_path, [])
        self.addCleanup(self.wire.close)

    def tell(self, command):
        self.peer.stdin.write(command + "\n")
        self.peer.stdin.flush()
        return int(self.peer.stdout.readline().split()[0])

    def chat(self):
        return self.wire.call(infer(self.manager.model("chat"), model_type="vlm_chat", data={"prompt": "one two"}))

    def test_a_program_in_the_same_group_shares_the_chip(self):
        self.assertEqual(self.tell("group SHARED"), 0)
        self.assertEqual(self.tell(f"load {self.manager.model('slow')}"), 0)
        self.assertEqual(self.wire.call(infer(self.manager.model("tiny"))).get("status"), "ok")
        self.assertEqual(self.tell("temperature"), 0)

    def test_a_language_model_of_somebody_else_is_busy_until_it_goes(self):
        self.assertEqual(self.tell("group SHARED"), 0)
        self.assertEqual(self.tell(f"llm {self.manager.model('chat')}"), 0)
        reply = self.chat()
        self.assertEqual(reply.get("code"), "busy", reply)
        self.assertEqual(self.wire.call(infer(self.manager.model("tiny"))).get("status"), "ok")
        self.assertEqual(self.tell("drop"), 0)
        self.assertEqual(self.chat().get("status"), "ok")

    def test_a_program_in_a_group_of_its_own_keeps_the_chip_to_itself(self):
        self.assertEqual(self.tell("group mine"), 0)
        reply = self.wire.call(infer(self.manager.model("tiny")))
        self.assertIn(reply.get("code"), ("busy", "unavailable"), reply)
        self.assertEqual(self.tell("drop"), 0)
        self.assertEqual(self.wire.call(infer(self.manager.model("tiny"))).get("status"), "ok")


if __name__ == "__main__":
    unittest.main()
