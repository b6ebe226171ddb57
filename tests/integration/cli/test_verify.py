"""hailoctl verify: the sample request of every service, answered by the real ones with the small models that ship."""

import contextlib
import pathlib
import socket
import tempfile
import unittest

from services_fixture import WithSystemd, packaged_services
from support.service_process import ServiceProcess, wait_ready
from support.unseen import MODELS, PP_OCR, manager_of

FOLDERS = ("depth-tiny", "detect-segment-tiny", "pose-tiny", "clip-tiny", "face-tiny")
FACES = PP_OCR.parent / "face-models"
CATALOGUE = ("--catalogue", MODELS / "catalogue")
# How each is started: with which models. Of those that need fetched ones: where these are.
SERVICES = {
    "hailo-clip": ("--model-path", "clip-tiny-image", "--model-dirs", MODELS / "clip-tiny", *CATALOGUE),
    "hailo-depth": ("--model-dir", MODELS / "depth-tiny"),
    "hailo-detect": ("--model-path", "detect-tiny"),
    "hailo-face": ("--model-path", "blazeface_short"),
    "hailo-ocr": ("--model-path", "ocr_det", "--recognition", "ocr", "--classification", "ocr_angle"),
    "hailo-pose": ("--model-path", "pose-tiny"),
    "hailo-scrfd": ("--model-path", "blazeface_short"),
    "hailo-segment": ("--model-path", "segment-tiny"),
}
FETCHED = {"hailo-face": FACES, "hailo-scrfd": FACES, "hailo-ocr": PP_OCR}
FOUND = {"hailo-clip": "texts: 2", "hailo-depth": "depth map", "hailo-detect": r"objects: \d+", "hailo-face": r"faces: \d+",
         "hailo-ocr": r"regions of text: \d+", "hailo-pose": r"people: \d+", "hailo-scrfd": r"faces: \d+",
         "hailo-segment": r"objects: \d+"}


def start(test, name, socket_path):
    folder = test.enterClassContext(tempfile.TemporaryDirectory())
    more = ("--database", pathlib.Path(folder) / "faces.db") if name == "hailo-face" else ()
    return test.enterClassContext(ServiceProcess(name, socket_path, arguments=(*SERVICES[name], *more)))


class All(WithSystemd):
    @classmethod
    def setUpClass(cls):
        cls.manager = cls.enterClassContext(manager_of(*FOLDERS, FACES, PP_OCR))
        cls.names = [name for name in SERVICES if FETCHED.get(name, MODELS).is_dir()]
        cls.services = {name: start(cls, name, cls.manager.socket_path) for name in cls.names}

    def setUp(self):
        super().setUp()
        self.socket = self.manager.socket_path
        self.systemd.add("hailo-device-manager", ("--http", "off"), MainPID=self.manager.pid)
        for name, service in self.services.items():
            self.systemd.add_running(name, service)

    def test_every_service_finds_something_in_its_sample_picture(self):
        self.assertEqual(sorted([*SERVICES, "hailo-device-manager"]), packaged_services())
        results = {one["service"]: one for one in self.json_of("verify")}
        self.assertEqual(set(results), set(packaged_services()))
        for name in ["hailo-device-manager", *self.names]:
            with self.subTest(name):
                self.assertEqual(results[name]["result"], "passed", results[name])
                self.assertGreater(results[name]["request_seconds"], 0)
                if name in FOUND:
                    self.assertRegex(results[name]["what"], rf"^{FOUND[name]}$")

    def test_the_table_says_it_in_words(self):
        done = self.hailoctl("verify", "detect", "depth")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertRegex(done.stdout, r"(?m)^hailo-detect +passed +[\d.]+ m?s +\S.* objects: \d+$")
        self.assertEqual(len(done.stdout.splitlines()), 3)

    def test_a_service_with_keys_is_asked_with_one_of_them(self):
        config = "server: {api_keys: [first-key, second-key]}\n"
        with ServiceProcess("hailo-detect", self.manager.socket_path, "detect-tiny", config) as guarded:
            wait_ready(guarded)
            self.systemd.add_running("hailo-detect", guarded)
            self.assertEqual(self.json_of("verify", "detect")[0]["result"], "passed")
            # As for who may not read the file.
            self.systemd.add("hailo-detect", ("--port", guarded.port), MainPID=guarded.pid)
            refused, = self.json_of("verify", "detect", status=1)
        self.assertIn("server.api_keys", refused["what"])

    def test_one_that_starts_late_is_waited_for(self):
        with contextlib.ExitStack() as stack:
            reserved = stack.enter_context(socket.socket())
            reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            reserved.bind(("127.0.0.1", 0))  # nobody listens
            port = reserved.getsockname()[1]
            self.systemd.add("hailo-pose", ("--port", port))
            refused, = self.json_of("verify", "--wait", "0.5", "pose", status=1)
            self.assertEqual((refused["result"], refused["what"]), ("failed", "nothing listens there"))
            self.assertIn("journalctl -u hailo-pose", refused["advice"])


class WithoutModels(WithSystemd):
    @classmethod
    def setUpClass(cls):
        cls.manager = cls.enterClassContext(manager_of("depth-tiny"))
        cls.service = cls.enterClassContext(ServiceProcess("hailo-detect", cls.manager.socket_path,
                                                         arguments=("--model-dir", MODELS / "depth-tiny")))
        wait_ready(cls.service, ready=False)

    def test_a_model_that_is_not_there_is_not_waited_for(self):
        self.systemd.add_running("hailo-detect", self.service)
        one, = self.json_of("verify", "--wait", "3000", "detect", status=1)
        self.assertEqual(one["advice"], "Fetch it:  sudo hailoctl pull yolov8s")

    def test_what_does_not_run_is_left_out_unless_it_is_named(self):
        self.systemd.add("hailo-pose", ActiveState="inactive", SubState="dead")
        self.systemd.add_running("hailo-detect", self.service)
        results = {one["service"]: one["result"] for one in self.json_of("verify", "--wait", "1", status=1)}
        self.assertEqual(results, {**dict.fromkeys(packaged_services(), "skipped"), "hailo-detect": "failed"})
        one, = self.json_of("verify", "pose", status=1)
        self.assertEqual((one["what"], one["advice"]), ("inactive", "Start it:  sudo hailoctl services start hailo-pose"))
        one, = self.json_of("verify", "clip", status=1)
        self.assertEqual(one["advice"], "Install it:  sudo apt install hailo-clip")

    def test_nothing_that_runs_is_no_success(self):
        self.assertEqual({one["result"] for one in self.json_of("verify", status=1)}, {"skipped"})


if __name__ == "__main__":
    unittest.main()
