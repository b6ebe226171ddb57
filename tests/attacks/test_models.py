"""Models that users share: names without number, other users' models, and files that are swapped."""

import unittest

from fixture import IS_ROOT, AttackTest, needs_second_user
from support.manager_process import SLOW
from support.messages import infer
from support.wire import Wire

def load(path, **more):
    return {"action": "load_model", "model_type": "depth", "model_path": path, **more}


def unload(path):
    return {"action": "unload_model", "model_type": "depth", "model_path": path}


class ModelAttack(AttackTest):
    def copies(self, number):
        """So many model files."""
        for i in range(number):
            (self.manager.model_dir / str(i)).mkdir()
        return [self.manager.add_model(f"{i}/steady.hef") for i in range(number)]


class Names(ModelAttack):
    how = {"config": "policy: {min_residency: 0}\n"}

    def test_one_file_under_many_names_stays_one_model(self):
        path = self.copies(1)[0]
        folder, name = path.rsplit("/", 1)

        def attack(say):
            lengths = set()
            with Wire(self.manager.socket_path, [], "attacker") as wire:
                for i in range(1500):
                    alias = f"{folder}/{'./' * (i % 400)}{'/' * (i // 400)}{name}"
                    reply = wire.call(load(alias, model_params={"n": i, "pad": "x" * 4000}))
                    assert reply.get("status") == "ok", reply
                    if i % 100 == 99:
                        lengths.add(len(wire.call({"action": "ping"})["loaded_models"]))
                reply = wire.call(load(f"{folder}/{'./' * 600}{name}"))
                say(reply["code"])
            say(sorted(lengths))

        self.assert_victim_feels_little(attack)
        attacker = self.attack(attack).wait()
        self.assertEqual(attacker.said, ["too_large", "[2]"])
        if SLOW == 1:  # sanitizers keep what was freed
            self.assertLess(self.holdings()["resident"], self.calm["resident"] + (16 << 20))
        attacker.end()
        self.assert_nothing_left(16 << 20)

    def test_many_files_push_out_nobody_elses(self):
        paths = self.copies(80)

        def attack(say):
            with Wire(self.manager.socket_path, [], "attacker") as wire:
                for path in paths:
                    reply = wire.call(load(path))
                    assert reply.get("status") == "ok", reply
                models = wire.call({"action": "status"})["loaded_models"]
                say(len(models))
                say(sum(model["model_path"] == steady for model in models))

        steady = self.manager.model("steady")
        said = self.attack(attack).wait().said
        self.assertEqual(said, ["65", "1"] if IS_ROOT else ["64", "0"])


@needs_second_user
class OfOthers(ModelAttack):
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
