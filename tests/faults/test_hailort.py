"""What only a HailoRT does to its users: the chip restarts, calls never return, others hold the device.

On the HailoRT adapter and the fake HailoRT, whose README has the faults. Calls that never return: test_hangs.py.
"""

import os
import pathlib
import signal
import subprocess
import time
import unittest

from fixture import PROFILE, STORY, infer
from hailort_fixture import GENERATION, INFER, LANES, LOAD, MARGIN, SHORT, START, UNHURRIED, Hailort, patience, stems
from support.manager_process import BIN, SLOW, ManagerProcess
from support.wire import Wire


class Restarts(Hailort):
    def test_a_chip_that_restarts_under_a_frame_loses_nothing(self):
        self.load_all()
        before = self.workers()
        self.fault("restart")
        self.assertOk(self.call(self.ask("slow")))
        self.assertFired("restart", "infer", "slow")
        self.assertNotEqual(self.manager.worker("vision"), before["vision"])
        self.assertAllBack()

    def test_a_restart_of_which_the_call_under_way_never_hears(self):
        self.load_all()
        for op, model, bound in (("infer", "slow", INFER), ("read", "chat", GENERATION), ("infer", "listener", INFER)):
            with self.subTest(op=op, model=model):
                before = self.workers()
                fired = len(self.manager.fired())
                self.fault("restart_hang", op=op, model=model)
                begin = time.monotonic()
                self.assertOkInTheEnd(model)
                self.assertLess(time.monotonic() - begin, bound + MARGIN)
                self.assertEqual(len(self.manager.fired()), fired + 1)
                self.assertNotEqual(self.manager.worker(LANES[model]), before[LANES[model]])
                self.assertAllBack()


class RestartsUnderAnswers(Hailort):
    """HailoRT may not say that nothing more comes; the adapter finds out after ten seconds."""

    how = {"device": "hailort", "env": SHORT, "config": patience(generation_timeout=60 * SLOW)}

    def test_a_chip_that_restarts_under_an_answer_costs_the_answer_that_had_begun(self):
        self.load_all()
        with self.wire(["stream"]) as wire:
            wire.send(infer(self.manager.model("chat"), model_type="vlm_chat", stream=True,
                            data={"prompt": STORY, "max_generated_tokens": 900}))
            self.assertIn("event", wire.receive())
            self.fault("restart")
            self.assertOk(self.call(self.ask("slow")))
            reply = wire.receive()
            while "event" in reply:
                reply = wire.receive()
            self.assertEqual(reply.get("code"), "device_lost", reply)
        self.assertFired("restart", "infer", "slow")
        self.assertAllBack()


class SpuriousTimeouts(Hailort):
    """HailoRT may miss a reply and tell a time-out of a call that was done."""

    how = {"device": "hailort", "env": SHORT, "config": UNHURRIED}

    def test_they_are_borne(self):
        self.load_all()
        for op, model, fired_model in (("infer", "slow", "slow"), ("upload", "slow", "slow"), ("load", "slow", "slow"),
                                       ("connect", "slow", "vdevice"), ("infer", "listener", "listener"),
                                       ("read", "chat", "chat"), ("load", "chat", "chat")):
            with self.subTest(op=op, model=model):
                if op not in ("infer", "read"):
                    self.assertOk(self.unload(model))
                fired = len(self.manager.fired())
                self.fault("spurious_timeout", op=op, model=fired_model)
                begin = time.monotonic()
                self.assertOkInTheEnd(model)
                self.assertLess(time.monotonic() - begin, LOAD + MARGIN)
                self.assertEqual(len(self.manager.fired()), fired + 1)
        self.load_all()
        self.assertAllBack()


class Memory(Hailort):
    how = {"device": "hailort", "env": SHORT, "config": UNHURRIED}

    def test_without_memory_the_group_is_released_and_what_stays_comes_back(self):
        for op, status in (("upload", 3), ("load", 71)):
            self.assertOk(self.call(self.ask("listener")))
            self.fault("out_of_memory", op=op, model="slow", status=status, id=op)
            self.assertOk(self.call(self.ask("slow")))
            self.assertEqual(self.manager.fired()[-1][:3], ("out_of_memory", op, "slow"))
            self.until(lambda status: "listener" in stems(status), "what stays comes back")
            self.unload("slow")


class Versions(unittest.TestCase):
    """The other versions of HailoRT, whose symptoms differ."""

    def test_models_of_all_kinds_come_go_and_come_back(self):
        for version in ("5.1.1", "5.3.0"):
            with self.subTest(version=version):
                with ManagerProcess(sim_profile=PROFILE, device="hailort", config=UNHURRIED,
                                    env={**SHORT, "HAILO_FAKE_VERSION": version}) as manager:
                    self.check(manager, version)
                    self.assertEqual(manager.stop(), 0)

    def check(self, manager, version):
        chat = infer(manager.model("chat"), model_type="vlm_chat", data={"prompt": "one two three"})
        work = [infer(manager.model("tiny")), chat,
                infer(manager.model("listener"), model_type="whisper", data={"audio": [0.0] * 16000})]
        with Wire(manager.socket_path, []) as wire:
            def works(messages):
                for message in messages:
                    reply = wire.call(message)
                    self.assertEqual(reply.get("status"), "ok", reply)

            self.assertEqual(wire.call({"action": "device_status"})["device"]["fw_version"], version)
            works(work)
            for _ in range(3):  # the chip's only KV cache is given back each time
                works([{"action": "unload_model", "model_type": "vlm_chat", "model_path": manager.model("chat")}, chat])
            manager.faults("faults: [{kind: restart, op: infer, model: tiny}]\n")
            works(work)
            self.assertEqual([line[:3] for line in manager.fired()], [("restart", "infer", "tiny")])


class SendingGenerativeModels(Hailort):
    """The library may give up, or take its process with it, while it sends a language or speech model."""

    how = {"device": "hailort", "env": SHORT, "config": UNHURRIED}

    def test_one_that_times_out_or_ends_its_worker_is_loaded_once_more(self):
        for model in ("chat", "listener"):
            for how in ({"kind": "status", "status": 4}, {"kind": "crash"}):
                with self.subTest(model=model, **how):
                    self.unload(model)
                    self.manager.clear_fired()
                    before = self.manager.worker(LANES[model])
                    self.fault(how["kind"], op="load", model=model, **{k: v for k, v in how.items() if k != "kind"})
                    self.assertOk(self.call(self.ask(model)))
                    self.assertFired(how["kind"], "load", model)
                    self.assertNotEqual(self.manager.worker(LANES[model]), before)
        self.no_faults()

    def test_one_that_does_so_again_is_given_up(self):
        self.fault("status", op="load", model="chat", status=4, times=0)
        reply = self.call(self.ask("chat"))
        self.assertEqual(reply.get("code"), "device_lost", reply)
        self.assertIn("HAILO_TIMEOUT (4)", reply["error"])
        self.no_faults()

    def test_what_breaks_it_off_is_not_surely_a_lack_of_room(self):
        self.fault("status", op="load", model="chat", status=8, times=0)
        reply = self.call(self.ask("chat"))
        self.assertEqual(reply.get("code"), "unavailable", reply)
        self.assertIn("perhaps", reply["error"])
        self.assertGreater(reply.get("retry_after_ms", 0), 0, reply)
        self.no_faults()


class StartHangs(Hailort):
    """A worker that does not get as far as a device is ended; the next one does."""

    def test_looking_for_devices_and_opening_one(self):
        for op, model in (("scan", "scan"), ("connect", "device")):
            with self.subTest(op=op):
                self.manager.clear_fired()
                self.load_all()
                self.fault("hang", op=op, model=model)
                before = self.manager.worker("speech")
                os.kill(before, signal.SIGKILL)
                while not self.manager.fired():
                    pass
                hung = self.manager.worker("speech")
                self.assertNotIn(hung, (None, before))
                begin = time.monotonic()
                reply = self.call(self.ask("listener"))
                self.assertIn(reply.get("code", "ok"), ("ok", "unavailable"), reply)
                self.assertLess(time.monotonic() - begin, START + MARGIN)
                self.assertAllBack()
                self.assertFired("hang", op, model)
                self.assertNotIn(self.manager.worker("speech"), (before, hung))


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

    def test_what_is_not_there_yet_is_waited_for(self):
        """No driver or no device, one that has just gone, a node that cannot be opened, a server that is not up."""
        for fault, reason in (("kind: device_lost, op: scan, model: scan", "there is no Hailo device"),
                              *((f"kind: status, op: connect, model: device, status: {status}", rf".*\({status}\)")
                                for status in (2, 36, 89))):
            manager = self.manager(f"faults: [{{{fault}, times: 0}}]\n")
            manager.start()
            self.assertRegex(self.reason(manager), "^waiting for device: " + reason)
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
        self.assertGreater(reply.get("retry_after_ms", 0), 0, reply)
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
