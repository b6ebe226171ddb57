"""The machine around the manager: files, folders, disks."""

import os
import pathlib
import shutil
import subprocess
import unittest

from support.manager_process import BIN, SOURCE, START_TIMEOUT, ManagerProcess, StartFailed
from support.patience import Patience
from support.wire import Wire, tensor

MODELS = SOURCE / "tests" / "data" / "models"
PROFILE = pathlib.Path(__file__).resolve().parent / "profile.yaml"


class ModelFiles(unittest.TestCase):
    """On the CPU, where files are really opened."""

    @classmethod
    def setUpClass(cls):
        cls.manager = ManagerProcess(sim_profile=PROFILE, arguments=["--device", "onnx"])
        cls.addClassCleanup(cls.manager.close)
        # Root may read every file unless that is taken from it.
        shim = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
        cls.manager.start(shim)
        cls.folder = cls.manager.model_dir
        shutil.copy(MODELS / "depth_mean.onnx", cls.folder / "good.onnx")

    def load(self, path):
        with Wire(self.manager.socket_path, []) as wire:
            return wire.call({"action": "load_model", "model_type": "depth", "model_path": str(path)})

    def tearDown(self):
        self.assertEqual(self.load(self.folder / "good.onnx").get("status"), "ok")

    def assertRefused(self, path, *codes):
        reply = self.load(path)
        self.assertIn("error", reply)
        self.assertIn(reply["code"], codes, reply)
        return reply["error"]

    def test_missing(self):
        self.assertTrue(self.assertRefused(self.folder / "none.onnx", "not_found").startswith("Model file not found: "))

    def test_empty(self):
        (self.folder / "empty.onnx").touch()
        self.assertRefused(self.folder / "empty.onnx", "malformed")

    def test_corrupt(self):
        good = (self.folder / "good.onnx").read_bytes()
        for name, content in {"random": os.urandom(10000), "short": good[: len(good) // 2], "text": b"hello\n",
                              "zeros": bytes(4096), "twice": good + os.urandom(100)}.items():
            path = self.folder / f"{name}.onnx"
            path.write_bytes(content)
            self.assertRefused(path, "malformed", "invalid_argument")

    def test_a_folder_a_device_and_a_dead_link(self):
        (self.folder / "folder.onnx").mkdir(exist_ok=True)
        self.assertRefused(self.folder / "folder.onnx", "not_found", "malformed", "invalid_argument")
        link = self.folder / "dead.onnx"
        link.unlink(missing_ok=True)
        link.symlink_to(self.folder / "nowhere.onnx")
        self.assertRefused(link, "not_found", "permission_denied")
        out = self.folder / "zero.onnx"
        out.unlink(missing_ok=True)
        out.symlink_to("/dev/zero")
        self.assertRefused(out, "permission_denied")
        fifo = self.folder / "fifo.onnx"
        fifo.unlink(missing_ok=True)
        os.mkfifo(fifo)
        self.assertRefused(fifo, "not_found", "malformed", "invalid_argument")

    def test_unreadable(self):
        path = self.folder / "secret.onnx"
        shutil.copy(self.folder / "good.onnx", path)
        path.chmod(0)
        self.assertRefused(path, "permission_denied", "not_found")

    def test_a_model_of_another_family(self):
        shutil.copy(MODELS / "pose_many.onnx", self.folder / "pose.onnx")
        reply = self.load(self.folder / "pose.onnx")
        with Wire(self.manager.socket_path, []) as wire:
            answer = wire.call({"action": "infer", "model_type": "depth", "model_path": str(self.folder / "pose.onnx"),
                                "input_data": {"input": tensor(bytes(48), (4, 4, 3))}})
        self.assertTrue("error" in reply or "error" in answer, (reply, answer))


class Surroundings(unittest.TestCase):
    def test_a_run_folder_that_cannot_be_written(self):
        for path in ("/proc/device.sock", "/dev/null/device.sock"):
            with self.assertRaises(StartFailed) as failed:
                with ManagerProcess(sim_profile=PROFILE, arguments=["--socket-path", path]):
                    pass
            self.assertNotEqual(failed.exception.status, 0)
            self.assertIn(os.path.dirname(path), failed.exception.output)

    def test_a_full_disk_for_logs_stops_nothing(self):
        with ManagerProcess(sim_profile=PROFILE) as manager:
            manager.stop()
            with open("/dev/full", "wb") as full:
                process = subprocess.Popen([str(BIN / "hailo-device-manager"), *manager._arguments],
                                           stdin=subprocess.DEVNULL, stdout=full, stderr=full, env=manager._env)
            try:
                wire = self._connect(manager.socket_path, process)
                request = {"action": "infer", "model_type": "depth", "model_path": manager.model("tiny"),
                           "input_data": {"input": tensor(bytes(48), (4, 4, 3))}}
                for _ in range(50):
                    self.assertEqual(wire.call(request).get("status"), "ok")
                wire.close()
                process.terminate()
                self.assertEqual(process.wait(START_TIMEOUT), 0)
            finally:
                process.kill()
                process.wait()

    def _connect(self, path, process):
        patience = Patience("the manager serves")
        while True:
            try:
                return Wire(path)
            except OSError:
                self.assertIsNone(process.poll(), "the manager ended")
                patience.spend()

    def test_a_worker_program_that_is_missing(self):
        with self.assertRaises(StartFailed) as failed:
            with ManagerProcess(sim_profile=PROFILE, arguments=["--worker", "/no/such/worker"]):
                pass
        self.assertIn("/no/such/worker", failed.exception.output)


if __name__ == "__main__":
    unittest.main()
