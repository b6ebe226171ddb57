"""hailoctl, and the Python client, against the real manager with a simulated device."""

import asyncio
import json
import os
import pty
import select
import signal
import socket
import subprocess
import tempfile
import termios
import unittest

from device_client import HailoDeviceClient, SyncHailoDeviceClient
from support.manager_process import BIN, SLOW, SOURCE, ManagerProcess
from support.patience import Patience
from support.pictures import from_png, gradient, png

PROGRAM = str(BIN / "hailoctl")
TIMEOUT = 120 * SLOW
VIRIDIS_AT_0 = (68, 1, 84)
ENTER_SCREEN = b"\x1b[?1049h\x1b[?25l"
LEAVE_SCREEN = b"\x1b[?25h\x1b[?1049l"
# Of depth the first output is the result, of detect, pose and segment all.
SEVERAL_OUTPUTS = """
name: several
architecture: HAILO10H
models:
  several:
    kind: tensor
    inputs: [{name: in, dtype: uint8, shape: [8, 8, 3]}]
    outputs:
      - {name: map, dtype: float32, shape: [20, 20, 64]}
      - {name: small, dtype: float32, shape: [3, 5, 7]}
      - {name: large, dtype: float32, shape: [40, 40, 51]}
"""


def hailoctl(*arguments, **kwargs):
    return subprocess.run(
        [PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=TIMEOUT, stdin=subprocess.DEVNULL,
        env={key: value for key, value in os.environ.items() if not key.startswith("HAILO_")}, **kwargs
    )


def picture_file(folder):
    path = os.path.join(folder, "in.png")
    with open(path, "wb") as file:
        file.write(png(gradient(80, 60)))
    return path


def content(*path):
    with open(os.path.join(*path), "rb") as file:
        return file.read()


class WithManager(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.manager = cls.enterClassContext(ManagerProcess())
        cls.model = cls.manager.model("null_640")

    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())

    def run_ok(self, *arguments):
        done = hailoctl("--socket", self.manager.socket_path, *arguments)
        self.assertEqual((done.returncode, done.stderr.replace("on the device", "")[-200:].strip(" \n0123456789ms")), (0, ""))
        return done.stdout

    def json_ok(self, *arguments):
        return json.loads(self.run_ok("--json", *arguments))


class Commands(WithManager):
    def test_ping_names_the_manager(self):
        self.assertIn("hailo-device-manager", self.run_ok("ping"))
        self.assertGreater(self.json_ok("ping")["round_trip_ms"], 0)

    def test_load_models_unload(self):
        self.run_ok("unload", self.model)  # other tests may have left it
        self.assertIn("Model loaded", self.run_ok("load", self.model, "--type", "depth"))
        self.assertIn("Model already loaded", self.run_ok("load", self.model, "--pin"))
        self.assertIn(self.model, self.run_ok("models"))
        self.assertEqual([model["model_type"] for model in self.json_ok("models")], ["depth"])
        self.assertIn(self.model, self.run_ok("top"))
        self.assertIn("Model unloaded", self.run_ok("unload", self.model))
        self.assertIn("no model is loaded", self.run_ok("models"))

    def test_a_name_that_is_no_file_here_is_one_of_the_catalogue(self):
        models = SOURCE / "models"
        with ManagerProcess(device="onnx", arguments=("--model-dirs", models / "depth-tiny",
                                                      "--catalogue", models / "catalogue")) as manager:
            def load(name):
                return hailoctl("--socket", manager.socket_path, "load", name, cwd=self.folder)

            self.assertEqual(load("scdepthv3").stdout, "Model loaded: scdepthv3\n")
            here = os.path.join(self.folder, "scdepthv3")
            os.mkdir(here)
            self.assertEqual(load("scdepthv3").stdout, "Model already loaded: scdepthv3\n")
            os.rmdir(here)
            with open(here, "wb"):
                self.assertIn(f"Model path not allowed: {here}", load("scdepthv3").stderr)

    def test_status_shows_device_and_queue(self):
        text = self.run_ok("status")
        self.assertIn("queue", text)
        both = self.json_ok("status")
        self.assertEqual(both["manager"]["status"], "ok")
        self.assertEqual(both["device"]["status"], "ok")

    def test_infer_from_picture_to_picture_and_array(self):
        picture = picture_file(self.folder)
        for ending in ("png", "npy", "json"):
            out = os.path.join(self.folder, "out." + ending)
            text = self.run_ok("infer", self.model, picture, "--size", "640x640", "-o", out)
            self.assertIn("float32 (640, 640, 1)", text)
        data = content(self.folder, "out.npy")
        self.assertTrue(data.startswith(b"\x93NUMPY"))
        self.assertEqual(data[-640 * 640 * 4 :], bytes(640 * 640 * 4))
        colours = from_png(content(self.folder, "out.png"))
        self.assertEqual(colours.shape, (640, 640, 3))
        self.assertEqual({tuple(pixel) for pixel in colours.reshape(-1, 3).tolist()}, {VIRIDIS_AT_0})
        summary = json.loads(content(self.folder, "out.json"))
        self.assertEqual((summary["shape"], summary["min"], summary["max"]), ([640, 640, 1], 0, 0))

    def test_options_that_may_be_repeated_leave_the_model_alone(self):
        picture = picture_file(self.folder)
        text = self.run_ok("infer", "--size", "640x640", "--field", "note=Hi", "--field", "n=1", self.model, picture)
        self.assertIn("float32 (640, 640, 1)", text)
        self.assertIn("tail", self.run_ok("bench", "-n", "2", "--transports", "shm,tail", "--shape", "640,640,3", self.model))
        self.assertIn("tail", self.run_ok("bench", "-n", "2", "--shape", "640,640,3", "--transports", "tail", self.model))

    def test_a_wrong_size_is_refused_with_the_right_one(self):
        picture = picture_file(self.folder)
        done = hailoctl("--socket", self.manager.socket_path, "infer", self.model, picture, "--size", "64x64")
        self.assertEqual(done.returncode, 1)
        self.assertIn("640", done.stderr)

    def test_bench_measures_all_transports(self):
        rows = self.json_ok("bench", self.model, "-n", "20", "-c", "2", "--shape", "640,640,3")
        self.assertEqual([row["transport"] for row in rows], ["shm", "tail", "v1"])
        self.assertTrue(all(0 < row["p50_ms"] <= row["p99_ms"] for row in rows))
        self.assertIn("P50 RATIO", self.run_ok("bench", self.model, "-n", "5", "--shape", "640,640,3"))

    def test_bench_of_a_model_with_several_outputs_repeats_nothing(self):
        profile = os.path.join(self.folder, "several.yaml")
        with open(profile, "w", encoding="utf-8") as file:
            file.write(SEVERAL_OUTPUTS)
        with ManagerProcess(sim_profile=profile) as manager:
            for family in ("depth", "detect", "pose", "segment"):
                done = hailoctl("--socket", manager.socket_path, "bench", manager.model("several"), "--type", family,
                                "-n", "6", "--shape", "8,8,3", "--transports", "shm")
                self.assertEqual(done.returncode, 0, done.stderr)
            self.assertNotIn("failed", manager.log_path.read_text(errors="replace"))

    def test_doctor_finds_the_manager_well(self):
        done = hailoctl("--socket", self.manager.socket_path, "--json", "doctor", "--model-dir", self.manager.model_dir)
        findings = json.loads(done.stdout)
        about_manager = [finding for finding in findings if "answers" in finding["what"]]
        self.assertEqual([finding["level"] for finding in about_manager], ["ok"])
        errors = [finding for finding in findings if finding["level"] == "error"]
        self.assertEqual(done.returncode, 1 if errors else 0)
        self.assertFalse([finding for finding in errors if finding["check"].startswith(("manager", "socket"))])
        self.assertTrue(all(finding["advice"] for finding in findings if finding["level"] != "ok"))


class LiveView(WithManager):
    """hailoctl top on a terminal of its own."""

    def start(self, socket_path):
        self.keyboard, terminal = pty.openpty()
        self.addCleanup(os.close, self.keyboard)
        self.terminal = terminal  # kept open, so that its settings can be read afterwards
        self.addCleanup(os.close, terminal)
        self.before = termios.tcgetattr(terminal)
        self.process = subprocess.Popen(
            [PROGRAM, "--socket", socket_path, "top", "--interval", "0.1"],
            stdin=terminal, stdout=terminal, stderr=terminal)
        self.addCleanup(self.process.wait)
        self.addCleanup(self.process.kill)
        self.shown = b""

    def stuck_manager(self):
        listener = self.enterContext(socket.socket(socket.AF_UNIX))
        listener.bind(os.path.join(self.folder, "stuck.sock"))
        listener.listen()
        return listener.getsockname()

    def read_until(self, done):
        patience = Patience("hailoctl top shows what it should", lambda: repr(self.shown))
        while not done():
            if select.select([self.keyboard], [], [], 0.1)[0]:
                self.shown += os.read(self.keyboard, 65536)
            patience.spend()

    def check_left(self, status):
        self.read_until(lambda: self.shown.endswith(LEAVE_SCREEN))
        self.assertEqual(self.process.wait(TIMEOUT), status)
        self.assertTrue(self.shown.startswith(ENTER_SCREEN), self.shown[:100])
        self.assertEqual(termios.tcgetattr(self.terminal), self.before)

    def test_it_refreshes_until_q_and_restores_the_terminal(self):
        self.start(self.manager.socket_path)
        self.read_until(lambda: self.shown.count(b"q: quit") >= 2)
        flags = termios.tcgetattr(self.terminal)[3]
        self.assertFalse(flags & (termios.ICANON | termios.ECHO))
        self.assertTrue(flags & termios.ISIG)  # Ctrl-C
        self.assertIn(b"queue", self.shown)
        os.write(self.keyboard, b"q")
        self.check_left(0)

    def test_signals_end_it_at_once_and_restore_the_terminal(self):
        path = self.stuck_manager()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number):
                self.start(path)
                self.read_until(lambda: self.shown)
                self.process.send_signal(number)
                self.check_left(-number)

    def test_a_manager_that_does_not_answer_is_told_and_can_be_left(self):
        self.start(self.stuck_manager())
        self.read_until(lambda: b"does not answer" in self.shown)
        os.write(self.keyboard, b"q")
        self.check_left(0)


class Failures(WithManager):
    def test_exit_codes_and_advice(self):
        away = hailoctl("--socket", "/nonexistent/s.sock", "status")
        self.assertEqual(away.returncode, 3)
        self.assertIn("systemctl start hailo-device-manager", away.stderr)
        away = hailoctl("--socket", "/nonexistent/s.sock", "--json", "status")
        self.assertEqual(json.loads(away.stdout)["code"], "unavailable")
        for usage in ((), ("fly",), ("load",), ("top", "--interval", "x"), ("load", "m", "--params", "[1]"),
                      ("infer", "m", "--size", "64"), ("infer", "m", "--field", "x"), ("infer", "m", "-o", "x.bmp"),
                      ("infer", "m", "--colormap", "grey"), ("bench", "m", "--dtype", "float"),
                      ("bench", "m", "--transports", "shm,udp")):
            self.assertEqual(hailoctl(*usage).returncode, 2, usage)
        self.assertEqual(hailoctl("--help").returncode, 0)
        self.assertEqual(hailoctl("doctor", "--socket", "/nonexistent/s.sock").returncode, 1)
        self.assertEqual(hailoctl("doctor", "--nothing").returncode, 2)
        done = hailoctl("--socket", self.manager.socket_path, "load", "/etc/passwd")
        self.assertEqual(done.returncode, 1)
        self.assertIn("Model path not allowed", done.stderr)
        done = hailoctl("--socket", self.manager.socket_path, "load", self.manager.model("absent"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("Model file not found", done.stderr)


class Output(unittest.TestCase):
    def test_what_cannot_be_written_is_an_error(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([PROGRAM, "--version"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=TIMEOUT)
        self.assertEqual((done.returncode, done.stderr), (1, "hailoctl: the output could not be written\n"))

    def test_a_reader_that_has_left_ends_it_quietly(self):
        reader, writer = os.pipe()
        os.close(reader)
        with open(writer, "wb") as closed:
            done = subprocess.run([PROGRAM, "--help"], stdout=closed, stderr=subprocess.PIPE, timeout=TIMEOUT)
        self.assertEqual((done.returncode, done.stderr), (-signal.SIGPIPE, b""))


class PythonClient(WithManager):
    def test_raw_bytes_travel_both_ways(self):
        with SyncHailoDeviceClient(self.manager.socket_path, tensors="bytes") as client:
            client.load_model(self.model, model_type="depth")
            picture = {"dtype": "uint8", "shape": [640, 640, 3], "data": bytes(640 * 640 * 3)}
            reply = client.infer(self.model, {"input": picture}, model_type="depth")
            self.assertEqual(reply["result"]["shape"], [640, 640, 1])
            self.assertEqual(len(reply["result"]["data"]), 640 * 640 * 4)

    def test_a_restart_of_the_manager_goes_unnoticed(self):
        async def work():
            async with HailoDeviceClient(self.manager.socket_path) as client:
                await client.ping()
                await asyncio.to_thread(self.manager.restart)
                return await client.load_model(self.model, model_type="depth")

        self.assertEqual(asyncio.run(work())["status"], "ok")


if __name__ == "__main__":
    unittest.main()
