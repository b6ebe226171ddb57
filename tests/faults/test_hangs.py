"""Calls of HailoRT that do not return. Every one has to end in a new worker with the same models, in time.

On the HailoRT adapter and the fake HailoRT, whose README has the faults.
"""

import time
import unittest

from hailort_fixture import GENERATION, INFER, LANES, LOAD, MARGIN, SHORT, Hailort, patience, stems
from support.manager_process import SLOW


class Hanging:
    """Each call of HailoRT that need not return. What ran into a limit of the manager is done when it is asked for again; what the
    library itself has noticed, and loads of language and speech models, are done again unasked (docs/adr/0018, 0040)."""

    def strike(self, op, model, bound, kind="hang", fired_model=None, ends="deadline_exceeded", **more):
        before = self.workers()
        resident = self.resident()
        self.fault(kind, op=op, model="'*'" if fired_model == "" else fired_model or model, **more)
        begin = time.monotonic()
        reply = self.call(self.ask(model))
        took = time.monotonic() - begin
        self.assertEqual(reply.get("code", "ok"), ends, reply)
        self.assertFired(kind, op, model if fired_model is None else fired_model)
        self.assertLess(took, bound + MARGIN)
        self.assertReplaced(before, LANES[model])
        if ends != "ok":
            self.assertOk(self.call(self.ask(model)))
        self.assertAllBack({*resident, model})


class Inference(Hanging, Hailort):
    def test_a_frame_that_never_comes_back(self):
        self.load_all()
        self.strike("infer", "slow", INFER, ends="ok")

    def test_a_first_token_that_never_comes(self):
        self.load_all()
        self.strike("read", "chat", GENERATION)

    def test_a_later_token_that_never_comes(self):
        self.load_all()
        self.strike("read", "chat", GENERATION, after=2)

    def test_a_prompt_that_is_never_taken(self):
        self.load_all()
        self.strike("infer", "chat", GENERATION)

    def test_a_transcription_that_never_returns(self):
        self.load_all()
        self.strike("infer", "listener", INFER)

    def test_the_destructor_of_a_completion(self):
        self.load_all()
        self.strike("finish", "chat", GENERATION)

    def test_the_destructor_of_a_generator(self):
        self.load_all()
        self.strike("finish", "chat", GENERATION, after=1)


class Loading(Hanging, Hailort):
    def test_an_upload_that_never_returns(self):
        self.assertOk(self.call(self.ask("listener")))
        self.assertOk(self.call(self.ask("chat")))
        self.strike("upload", "slow", LOAD)

    def test_configuring_that_never_returns(self):
        self.assertOk(self.call(self.ask("listener")))
        self.assertOk(self.call(self.ask("chat")))
        self.strike("load", "slow", LOAD)

    def test_a_connection_that_is_never_made(self):
        self.assertOk(self.call(self.ask("listener")))
        self.assertOk(self.call(self.ask("chat")))
        self.strike("connect", "slow", LOAD, fired_model="vdevice")

    def check_language_model(self, kind):
        self.load_all()
        self.unload("chat")
        self.strike("load", "chat", LOAD, kind=kind, ends="ok")

    def test_a_language_model_that_is_never_there(self):
        self.check_language_model("hang")

    def test_a_language_model_of_which_the_chip_never_tells(self):
        self.check_language_model("no_reply")


class Unloading(Hanging, Hailort):
    def check_unload(self, model, op, fired_model):
        """A model whose destructor never returns is gone, with its worker; the others come back."""
        self.load_all()
        before = self.workers()
        self.fault("hang", op=op, model=fired_model or "'*'")
        begin = time.monotonic()
        reply = self.unload(model)
        self.assertLess(time.monotonic() - begin, LOAD + MARGIN)
        self.assertIn(reply.get("code", "ok"), ("ok", "device_lost"), reply)
        self.assertFired("hang", op, fired_model)
        self.assertReplaced(before, LANES[model])
        rest = {"chat", "listener", "slow", "tiny"} - {model}
        self.until(lambda status: stems(status) == sorted(rest) and not status["runtime_broken_reason"],
                   f"exactly {sorted(rest)} are back")
        self.assertOk(self.call(self.ask(model)))

    def test_the_destructor_of_a_language_model(self):
        self.check_unload("chat", "unload", "chat")

    def test_the_destructor_of_speech_recognition(self):
        self.check_unload("listener", "unload", "listener")

    def test_the_destructor_of_a_configured_model(self):
        self.check_unload("slow", "unload", "slow")

    def test_the_destructor_of_a_connection(self):
        self.check_unload("slow", "release_group", "")


class Readings(Hanging, Hailort):
    def test_a_reading_that_never_returns_costs_the_readings_only(self):
        self.load_all()
        before = self.workers()
        self.fault("hang", op="telemetry", model="temperature")
        with self.wire() as wire:
            while not self.manager.fired():
                wire.call({"action": "device_status"})
            self.load_all()
            self.assertEqual(wire.call({"action": "device_status"})["status"], "ok")
        self.assertFired("hang", "telemetry", "temperature")
        self.assertEqual(self.workers(), before)


class EveryTime(Hanging, Hailort):
    """What hangs every time is told and harms nobody else."""

    def check(self, op, model, bound):
        self.load_all()
        if op == "load":
            self.unload(model)
        self.fault("hang", op=op, model=model, times=0)
        begin = time.monotonic()
        reply = self.call(self.ask(model))
        self.assertLess(time.monotonic() - begin, 2 * (bound + MARGIN))
        self.assertIn(reply.get("code"), ("device_lost", "unavailable", "deadline_exceeded"), reply)
        self.assertIn(("hang", op, model, ""), self.manager.fired())
        self.no_faults()
        self.until(lambda status: not status["runtime_broken_reason"], "the lane works again")
        self.assertOk(self.call(self.ask(model)))
        self.assertAllBack()

    def test_a_frame(self):
        self.check("infer", "slow", INFER)

    def test_a_token(self):
        self.check("read", "chat", GENERATION)

    def test_a_transcription(self):
        self.check("infer", "listener", INFER)

    def test_a_language_model(self):
        self.check("load", "chat", LOAD)


class Cancelled(Hailort):
    """What was cancelled has less time: not that of an answer, but that of an inference."""

    how = {"device": "hailort", "env": SHORT, "config": patience(generation_timeout=600 * SLOW)}

    def test_a_prompt_that_hangs_and_is_cancelled(self):
        self.load_all()
        before = self.workers()
        self.fault("hang", op="read", model="chat")
        begin = time.monotonic()
        with self.wire(["pipeline", "cancel", "stream"]) as wire:
            wire.send({**self.ask("chat", request_id=1), "stream": True})
            while not self.manager.fired():
                self.assertLess(time.monotonic() - begin, MARGIN)
            wire.send({"action": "cancel", "request_id": 2, "request_id_to_cancel": 1})
            replies = {reply["request_id"]: reply for reply in (wire.receive(), wire.receive())}
            self.assertOk(replies[2])
            self.assertEqual(replies[1].get("code"), "cancelled", replies)
        self.assertReplaced(before, "generation")
        self.assertLess(time.monotonic() - begin, INFER + 2 * MARGIN)
        self.assertFired("hang", "read", "chat")
        self.assertAllBack()


if __name__ == "__main__":
    unittest.main()
