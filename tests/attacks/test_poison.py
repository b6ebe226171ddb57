"""Models in the folder that go wrong, asked for again and again: graphs without an end, that take all memory, kill their worker or take
for ever to load."""

import itertools
import unittest

from fixture import AttackTest
from support import onnx_file
from support.manager_process import SLOW
from support.messages import infer
from support.patience import ask_until
from support.wire import Wire

CONFIG = f"""
policy: {{infer_timeout: {1.0 * SLOW}, load_timeout: {2 * SLOW}}}
limits: {{model_memory_bytes: {1 << 30}}}
"""
POISON = {"endless": onnx_file.endless(), "deadly": onnx_file.deadly(), "slow_to_load": onnx_file.slow_to_load(1000, 200),
          "greedy": onnx_file.greedy(1 << 30)}


@unittest.skipIf(SLOW > 1, "a sanitizer reports what ends its worker, and does not survive an allocation that fails")
class Poison(AttackTest):
    how = {"device": "onnx", "config": CONFIG}
    seconds = 8.0  # of which the first tries of the poison may take four

    def prepare(self):
        onnx_file.write(self.manager.model_dir / "steady.onnx", onnx_file.greedy(4 << 20))  # some 20 ms
        self.poison = {name: str(onnx_file.write(self.manager.model_dir / f"{name}.onnx", content))
                       for name, content in POISON.items()}

    def asking(self, names):
        """An attack that asks for these models for ever."""
        def attack(_):
            with Wire(self.manager.socket_path, [], "attacker") as wire:
                for name in itertools.cycle(names):
                    wire.call(infer(self.poison[name]))
        return attack

    def test_they_harm_nobody_for_long(self):
        self.assert_victim_feels_little(self.asking(list(POISON)))
        self.check_what_is_left()

    def test_what_they_are_told(self):
        with self.wire([]) as wire:
            told = {name: [wire.call(infer(self.poison[name])).get("code") for _ in range(3)] for name in POISON}
        self.assertEqual(told["endless"], ["deadline_exceeded", "unavailable", "unavailable"])
        self.assertEqual(told["deadly"], ["device_lost", "unavailable", "unavailable"])
        self.assertEqual(told["slow_to_load"], ["deadline_exceeded", "unavailable", "unavailable"])
        self.assertEqual(told["greedy"], ["unsupported"] * 3)
        self.check_what_is_left()

    def check_what_is_left(self):
        self.assert_nothing_left()
        ask_until(self.manager, lambda status: not status["runtime_broken_reason"], "the lane works")
        self.call(infer(self.manager.model("steady")))


if __name__ == "__main__":
    unittest.main()
