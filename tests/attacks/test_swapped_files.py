"""The owner of one model folder swaps a file for a link to one that is not his, with the device kept busy."""

import array
import os
import threading
import unittest

from fixture import IS_ROOT, STRANGER, AttackTest
from support import onnx_file
from support.messages import infer
from support.wire import Wire, tensor_bytes

GOOD, SECRET = 1.0, 99.0


class SwappedFiles(AttackTest):
    how = {"device": "onnx"}

    def prepare(self):
        onnx_file.write(self.manager.model_dir / "steady.onnx", onnx_file.greedy(4 << 20))  # some 20 ms
        outside = self.manager.folder / "outside"
        outside.mkdir(mode=0o700)
        self.secret = onnx_file.write(outside / "secret.onnx", onnx_file.plus(SECRET))
        self.own = self.manager.model_dir / "own"
        self.own.mkdir()
        if IS_ROOT:
            os.chown(self.own, STRANGER, STRANGER)

    def test_no_file_from_outside_ever_runs(self):
        own, secret, socket_path = self.own, self.secret, self.manager.socket_path
        steady = infer(self.manager.model("steady"))

        def attack(say):
            good = onnx_file.write(own / "good", onnx_file.plus(GOOD))
            path, over = own / "m.onnx", threading.Event()

            def swap():
                while not over.is_set():
                    (own / "fresh").symlink_to(secret)
                    os.replace(own / "fresh", path)
                    os.link(good, own / "fresh")
                    os.replace(own / "fresh", path)

            def keep_busy():
                with Wire(socket_path, [], "busy") as wire:
                    while not over.is_set():
                        wire.call(steady)

            threads = [threading.Thread(target=work) for work in (swap, keep_busy)]
            for thread in threads:
                thread.start()
            values, codes = set(), set()
            with Wire(socket_path, [], "attacker") as wire:
                for _ in range(60):
                    reply = wire.call(infer(str(path)))
                    if "error" in reply:
                        codes.add(reply["code"])
                    else:
                        values.add(array.array("f", tensor_bytes(reply["result"]))[0])
                    wire.call({"action": "unload_model", "model_type": "depth", "model_path": str(path)})
            over.set()
            for thread in threads:
                thread.join()
            say(sorted(values))
            say(sorted(codes - {"permission_denied", "not_found"}))

        attacker = self.attack(attack).wait()
        self.assertEqual(attacker.said, [f"[{GOOD}]", "[]"])
        attacker.end()
        self.assert_nothing_left()


if __name__ == "__main__":
    unittest.main()
