"""What the fault tests on the fake HailoRT share."""

import pathlib
import time

from fixture import FaultTest, infer
from support.manager_process import SLOW

SHORT = {"HAILO_FAKE_TIME_SCALE": str(0.04 * SLOW),  # the library's own 10 and 45 s are 0.4 and 1.8 s
         "HAILO_FRAME_TIMEOUT_MS": str(500 * SLOW)}
# Seconds until a worker is ended that does not answer: longer than the library's own time-outs, and no test waits for
# them more often than for five seconds in all.
INFER, GENERATION, LOAD, START = 2.5 * SLOW, 2 * SLOW, 2.5 * SLOW, 2.5 * SLOW
# What a machine that is busy with other things may need beside: to start a worker, to load what was there.
MARGIN = 20 * SLOW
LANES = {"tiny": "vision", "slow": "vision", "chat": "generation", "listener": "speech"}


def patience(infer_timeout=INFER, generation_timeout=GENERATION, load_timeout=LOAD, start_timeout=START):
    return (f"policy: {{infer_timeout: {infer_timeout}, generation_timeout: {generation_timeout}, "
            f"load_timeout: {load_timeout}, quarantine: 0}}\nworker: {{start_timeout: {start_timeout}}}\n")


# For what the library notices by itself while it loads: no watchdog may be quicker on a busy machine.
UNHURRIED = patience(load_timeout=60 * SLOW)


def stems(status):
    return sorted(pathlib.Path(row["model_path"]).stem for row in status["loaded_models"])


class Hailort(FaultTest):
    how = {"device": "hailort", "env": SHORT, "config": patience()}

    def fault(self, kind, op="infer", model="slow", **more):
        fields = {"kind": kind, "op": op, "model": model, **more}
        text = ", ".join(f"{key}: {value}" for key, value in fields.items())
        self.manager.faults(f"faults: [{{{text}}}]\n")

    def no_faults(self):
        self.manager.faults("faults: []\n")

    def call(self, message):
        with self.wire([]) as wire:
            return wire.call(message)

    def ask(self, model, **more):
        """A request that the model answers."""
        path = self.manager.model(model)
        if model == "chat":
            return infer(path, model_type="vlm_chat", data={"prompt": "one two three"}, **more)
        if model == "listener":
            return infer(path, model_type="whisper", data={"audio": [0.0] * 16000}, **more)
        return infer(path, **more)

    def family(self, model):
        return {"vision": "depth", "generation": "vlm_chat", "speech": "whisper"}[LANES[model]]

    def unload(self, model):
        return self.call({"action": "unload_model", "model_type": self.family(model),
                          "model_path": self.manager.model(model)})

    def assertOk(self, reply):
        self.assertEqual(reply.get("status"), "ok", reply)

    def assertOkInTheEnd(self, model):
        """What the library does not notice runs into the manager's limit and is done when it is asked for again."""
        reply = self.call(self.ask(model))
        if reply.get("code") == "deadline_exceeded" and LANES[model] != "vision":
            reply = self.call(self.ask(model))
        self.assertOk(reply)

    def load_all(self):
        for model in ("slow", "chat", "listener"):
            self.assertOk(self.call(self.ask(model)))

    def resident(self):
        with self.wire() as wire:
            return stems(wire.call({"action": "ping"}))

    def workers(self):
        return {lane: self.manager.worker(lane) for lane in set(LANES.values())}

    def assertAllBack(self, models=("chat", "listener", "slow", "tiny")):
        """What was resident is, without anybody's help, and works."""
        wanted = sorted(models)
        self.until(lambda status: stems(status) == wanted and not status["runtime_broken_reason"],
                   f"exactly {wanted} are back")
        self.load_all()

    def assertFired(self, kind, op, model, times=1):
        fired = [line[:3] for line in self.manager.fired()]
        self.assertEqual(fired.count((kind, op, model)), times, fired)
        self.assertEqual(len(fired), times, fired)

    def assertReplaced(self, before, lane):
        """The lane has lost the worker that it had before, other lanes have not. A new one comes when it is needed."""
        self.assertIsNotNone(before[lane])
        end = time.monotonic() + MARGIN
        while self.manager.worker(lane) == before[lane]:
            self.assertLess(time.monotonic(), end, f"the worker of {lane} is the same")
        after = self.workers()
        for other in before.keys() - {lane}:
            self.assertEqual(after[other], before[other], other)
