"""Models that users share: names without number, other users' models, and files that are swapped."""

import unittest

from fixture import AttackTest, needs_second_user
from support.messages import infer
from support.wire import Wire


def load(path, **more):
    return {"action": "load_model", "model_type": "depth", "model_path": path, **more}


def unload(path):
    return {"action": "unload_model", "model_type": "depth", "model_path": path}


@needs_second_user
class OfOthers(AttackTest):
    def copies(self, number):
        """So many model files."""
        for i in range(number):
            (self.manager.model_dir / str(i)).mkdir()
        return [self.manager.add_model(f"{i}/steady.hef") for i in range(number)]

    def paths(self):
        return [model["model_path"] for model in self.call({"action": "status"})["loaded_models"]]

    def test_nobody_takes_away_what_others_use(self):
        steady = self.manager.model("steady")

        def attack(say):
            with Wire(self.manager.socket_path, [], "attacker") as wire:
                say(wire.call(infer(steady, keep_alive=0))["status"])
                say(wire.call(load(steady, keep_alive=0))["status"])
                say(wire.call(unload(steady))["code"])

        attacker = self.attack(attack).wait()
        self.assertEqual(attacker.said, ["ok", "ok", "permission_denied"])
        self.assertIn(steady, self.paths())
        self.call(unload(steady))
        self.assertNotIn(steady, self.paths())

    def test_pins_are_few(self):
        paths = self.copies(20)

        def attack(say):
            with Wire(self.manager.socket_path, [], "attacker") as wire:
                for path in paths:
                    reply = wire.call(load(path, pin=True))
                    say(reply.get("code", "pinned"))

        said = self.attack(attack).wait().said
        self.assertEqual(said, ["pinned"] * 8 + ["quota_exceeded"] * 12)


if __name__ == "__main__":
    unittest.main()
