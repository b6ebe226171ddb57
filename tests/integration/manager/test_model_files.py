"""The file that was checked is the file that runs, whatever its name leads to by then."""

import array
import os
import pathlib
import signal
import tempfile
import threading
import unittest

from support import onnx_file
from support.manager_process import ManagerProcess
from support.wire import Wire, tensor, tensor_bytes

PICTURE = tensor(bytes(48), onnx_file.SHAPE)
GOOD, OTHER, SECRET = 1.0, 2.0, 99.0


class ModelFiles(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = pathlib.Path(scratch.name)
        for name in ("one", "two", "outside"):
            (self.root / name).mkdir()
        self.secret = onnx_file.write(self.root / "outside" / "secret.onnx", onnx_file.plus(SECRET))
        self.other = onnx_file.write(self.root / "two" / "other.onnx", onnx_file.plus(OTHER))
        self.path = onnx_file.write(self.root / "one" / "m.onnx", onnx_file.plus(GOOD))
        dirs = ":".join(str(self.root / name) for name in ("one", "two"))
        self.manager = ManagerProcess(device="onnx", arguments=("--model-dirs", dirs))
        self.manager.__enter__()
        self.addCleanup(self.manager.close)

    def wire(self):
        client = Wire(self.manager.socket_path, [])
        self.addCleanup(client.close)
        return client

    def ask(self, client, action, path, **more):
        return client.call({"action": action, "model_type": "depth", "model_path": str(path), **more})

    def value(self, client, path):
        reply = self.ask(client, "infer", path, input_data={"input": PICTURE})
        self.assertNotIn("error", reply)
        return array.array("f", tensor_bytes(reply["result"]))[0]

    def point(self, path, target):
        fresh = self.root / "fresh"
        fresh.symlink_to(target)
        os.replace(fresh, path)

    def test_a_name_that_is_swapped_after_the_check_changes_nothing(self):
        client, watcher = self.wire(), self.wire()
        self.value(client, self.other)  # the worker is up
        worker = self.manager.worker("vision")
        for target in (self.secret, self.other):
            onnx_file.write(self.root / "fresh", onnx_file.plus(GOOD))
            os.replace(self.root / "fresh", self.path)
            os.kill(worker, signal.SIGSTOP)
            try:
                client.send({"action": "infer", "model_type": "depth", "model_path": str(self.path),
                             "input_data": {"input": PICTURE}})
                while watcher.call({"action": "ping"})["queue_depth"] < 2:
                    pass
                self.point(self.path, target)
            finally:
                os.kill(worker, signal.SIGCONT)
            reply = client.receive()
            self.assertNotIn("error", reply)
            self.assertEqual(array.array("f", tensor_bytes(reply["result"]))[0], GOOD)
            self.ask(client, "unload_model", self.path)

    def test_links_lead_to_other_model_folders_and_nowhere_else(self):
        client = self.wire()
        self.point(self.path, self.other)
        self.assertEqual(self.value(client, self.path), OTHER)
        self.ask(client, "unload_model", self.path)
        for target in (self.secret, "../outside/secret.onnx", "/proc/self/fd/0"):
            self.point(self.path, target)
            self.assertEqual(self.ask(client, "load_model", self.path)["code"], "permission_denied", target)

    def test_whoever_swaps_all_the_time_gets_nothing_from_outside(self):
        over = threading.Event()
        good = onnx_file.write(self.root / "good", onnx_file.plus(GOOD))

        def swap():
            while not over.is_set():
                self.point(self.path, self.secret)
                os.link(good, self.root / "fresh")
                os.replace(self.root / "fresh", self.path)

        swapper = threading.Thread(target=swap)
        swapper.start()
        try:
            client = self.wire()
            for _ in range(100):
                reply = self.ask(client, "infer", self.path, input_data={"input": PICTURE})
                if "error" not in reply:
                    self.assertEqual(array.array("f", tensor_bytes(reply["result"]))[0], GOOD)
                else:
                    self.assertIn(reply["code"], ("permission_denied", "not_found"), reply)
                self.ask(client, "unload_model", self.path)
        finally:
            over.set()
            swapper.join()

    def test_a_model_comes_back_from_the_same_file_or_says_that_it_changed(self):
        client = self.wire()
        self.assertEqual(self.value(client, self.path), GOOD)
        onnx_file.write(self.root / "fresh", onnx_file.plus(OTHER))
        os.replace(self.root / "fresh", self.path)  # the old file has no name any more
        os.kill(self.manager.worker("vision"), signal.SIGKILL)
        self.assertIn(self.value(client, self.path), (GOOD, OTHER))


if __name__ == "__main__":
    unittest.main()
