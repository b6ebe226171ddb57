"""Starting, stopping, losing the manager, and the configuration."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import unittest

from device_client import SyncHailoDeviceClient
from fixture import MODELS, TIMEOUT, Client, DepthProcess, sim_manager, wait_ready
from support.pictures import flat, png
from support.manager_process import BIN, ManagerProcess
from support.patience import Patience

PICTURE = png(flat(32, 24, 90))


def running(manager, name="scdepthv3", **how):
    return DepthProcess(manager.socket_path, manager.model(name), **how)


class Life(unittest.TestCase):
    def client(self, depth):
        client = Client(depth.port)
        self.addCleanup(client.close)
        return client

    def test_without_a_manager_the_port_is_open_and_says_why_it_is_not_ready(self):
        with tempfile.TemporaryDirectory() as folder, \
                DepthProcess(pathlib.Path(folder) / "none.sock", "/none/scdepthv3.hef") as depth:
            client = self.client(depth)
            answer = client.get("/health/ready")
            self.assertEqual(answer.status, 503)
            self.assertIs(answer.json()["ready"], False)
            self.assertIn(answer.json()["reason"], ("model_loading", "manager_unavailable"))
            health = client.get("/health")
            self.assertEqual(health.status, 200)
            self.assertIs(health.json()["model_loaded"], False)
            refused = client.post_form({"image": PICTURE})
            self.assertEqual(refused.status, 503, refused.body)
            self.assertGreaterEqual(int(refused.headers["Retry-After"]), 1)
            self.assertEqual(refused.error()["type"], "service_unavailable")

    def test_readiness_follows_the_manager(self):
        with sim_manager() as manager, running(manager) as depth:
            wait_ready(depth)
            client = self.client(depth)
            self.assertEqual(client.post_form({"image": PICTURE}).status, 200)
            manager.stop()
            answer = wait_ready(depth, ready=False)
            self.assertEqual(answer.json()["reason"], "manager_unavailable")
            self.assertIs(client.get("/health").json()["model_loaded"], False)
            self.assertEqual(client.post_form({"image": PICTURE}).status, 503)
            manager.start()
            wait_ready(depth)
            self.assertEqual(client.post_form({"image": PICTURE}).status, 200)

    def test_a_manager_that_hangs_ends_being_ready(self):
        with sim_manager() as manager, running(manager, config="device: {heartbeat_ms: 500}\n") as depth:
            wait_ready(depth)
            manager.signal(signal.SIGSTOP)
            try:
                answer = wait_ready(depth, ready=False)
            finally:
                manager.signal(signal.SIGCONT)
            self.assertEqual(answer.json()["reason"], "manager_unavailable")
            wait_ready(depth)
            self.assertEqual(self.client(depth).post_form({"image": PICTURE}).status, 200)

    def test_a_model_of_another_size_works_without_being_told(self):
        with sim_manager() as manager, running(manager, "small") as depth:
            wait_ready(depth)
            self.assertEqual(self.client(depth).post_form({"image": PICTURE}).status, 200)

    def test_a_model_that_is_not_there_is_our_trouble_and_is_not_named(self):
        with sim_manager() as manager, running(manager, "missing") as depth:
            answer = self.client(depth).post_form({"image": PICTURE})
            self.assertEqual(answer.status, 503)
            self.assertNotIn(str(manager.folder), answer.error()["message"])
            wait_ready(depth, ready=False)

    def test_a_model_of_the_catalogue_that_is_not_there_says_which_command_brings_it(self):
        catalogue = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (catalogue / "depth.yaml").write_text(
            "name: depth-of-test\nfamily: depth\n"
            "files: {test: {path: scdepthv3.hef, url: 'https://example.org/scdepthv3.hef'}}\n")
        command = "hailoctl pull depth-of-test"
        with sim_manager(arguments=("--catalogue", catalogue)) as manager:
            file = pathlib.Path(manager.model("scdepthv3"))
            file.rename(file.with_suffix(".away"))
            with running(manager) as depth:
                client = self.client(depth)
                patience = Patience("the reason is known", depth.log)
                while command not in client.get("/health/ready").json().get("detail", ""):
                    patience.spend()
                self.assertIn(command, depth.log())
                refused = client.post_form({"image": PICTURE})
                self.assertEqual(refused.status, 503)
                self.assertEqual(refused.error()["message"], f"the model is not available; {command} brings it")
                file.with_suffix(".away").rename(file)
                wait_ready(depth)

    def test_a_model_that_was_unloaded_is_loaded_again(self):
        with sim_manager() as manager, running(manager) as depth:
            wait_ready(depth)
            with SyncHailoDeviceClient(manager.socket_path) as client:
                client.unload_model(manager.model("scdepthv3"), model_type="depth")
                patience = Patience("the model is loaded again")
                while not client.status()["loaded_models"]:
                    patience.spend()
            wait_ready(depth)
            self.assertIn("has unloaded the model", depth.log())

    def test_one_whose_file_went_too_is_not_ready_until_the_file_is_back(self):
        with ManagerProcess(device="onnx") as manager:
            file = manager.model_dir / "depth_mean.onnx"
            shutil.copy(MODELS / file.name, file)
            with DepthProcess(manager.socket_path, file) as depth:
                wait_ready(depth)
                file.unlink()
                with SyncHailoDeviceClient(manager.socket_path) as client:
                    client.unload_model(str(file), model_type="depth")
                self.assertEqual(wait_ready(depth, ready=False).json()["reason"], "model_loading")
                self.assertEqual(self.client(depth).post_form({"image": PICTURE}).status, 503)
                shutil.copy(MODELS / file.name, file)
                wait_ready(depth)
                self.assertEqual(self.client(depth).post_form({"image": PICTURE}).status, 200)

    def test_a_folder_that_the_managers_user_may_not_enter_is_named(self):
        # Root enters every folder but without these capabilities.
        shim = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
        if shim and subprocess.run([*shim, "true"], stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("this root cannot do with less than all capabilities")
        manager = ManagerProcess(device="onnx")
        self.addCleanup(manager.close)
        closed = manager.model_dir / "closed"
        closed.mkdir()
        shutil.copy(MODELS / "depth_mean.onnx", closed)
        manager.start(shim)
        closed.chmod(0)
        self.addCleanup(closed.chmod, 0o700)
        with DepthProcess(manager.socket_path, closed / "depth_mean.onnx") as depth:
            client = self.client(depth)
            patience = Patience("the reason is known", depth.log)
            while "detail" not in (answer := client.get("/health/ready").json()):
                patience.spend()
            self.assertEqual(answer["reason"], "model_loading")
            self.assertRegex(answer["detail"], f"user .* may not enter the folder {closed}$")
            self.assertNotIn(str(closed), client.post_form({"image": PICTURE}).error()["message"])
            closed.chmod(0o700)
            wait_ready(depth)

    def test_past_its_time_a_request_is_answered_504(self):
        with sim_manager() as manager, running(manager, "endless",
                                               arguments=("--request-timeout-ms", "300")) as depth:
            wait_ready(depth)
            client = self.client(depth)
            answer = client.post_form({"image": PICTURE})
            self.assertEqual((answer.status, answer.error()["type"]), (504, "timeout"))
            self.assertEqual(client.get("/health").status, 200)

    def test_sigterm_finishes_what_is_in_flight(self):
        with sim_manager() as manager, running(
                manager, config="server: {shutdown_grace_ms: 300000}\n") as depth:
            wait_ready(depth)
            large = png(flat(3000, 2000, 10))
            answers = []

            def ask():
                client = Client(depth.port)
                client.connection.connect()
                started.set()
                answers.append(client.post_form({"image": large, "output_format": "both"}).status)
                client.close()

            started = threading.Event()
            thread = threading.Thread(target=ask)
            thread.start()
            started.wait()
            watcher = self.client(depth)
            two = b'hailo_http_requests_in_flight{service="hailo-depth"} 2'
            while two not in watcher.get("/metrics").body:
                self.assertTrue(thread.is_alive(),
                                "it was answered before it could be seen in flight")
            depth.terminate()
            self.assertEqual(depth.wait(), 0, depth.log()[-2000:])
            thread.join()
            self.assertEqual(answers, [200])

    def test_sigterm_gives_up_what_never_ends(self):
        with sim_manager() as manager, running(
                manager, "endless", config="server: {shutdown_grace_ms: 200}\n") as depth:
            wait_ready(depth)
            client = self.client(depth)
            client.connection.putrequest("POST", "/v1/depth/estimate")
            client.connection.endheaders()
            depth.terminate()
            self.assertEqual(depth.wait(), 0, depth.log()[-2000:])


class Configuration(unittest.TestCase):
    def run_depth(self, *arguments, config=None, env=None):
        with tempfile.TemporaryDirectory() as folder:
            words = [str(BIN / "hailo-depth")]
            if config is not None:
                path = pathlib.Path(folder) / "hailo-depth.yaml"
                path.write_text(config)
                words += ["--config", str(path)]
            environment = {key: value for key,
                           value in os.environ.items() if not key.startswith("HAILO_")}
            return subprocess.run([*words, *arguments], env={**environment, **(env or {})},
                                  timeout=TIMEOUT,
                                  capture_output=True, text=True)

    def test_print_config_shows_file_then_environment_then_flags(self):
        result = self.run_depth("--print-config", "--host", "0.0.0.0",
                                config="server: {port: 1111, host: 10.0.0.1}\n",
                                env={"HAILO_DEPTH_PORT": "2222"})
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stdout, r"port: 2222")
        self.assertRegex(result.stdout, r"host: \"?0\.0\.0\.0")
        self.assertRegex(result.stdout, r"allow_image_url: false")

    def test_what_is_printed_can_be_read_back(self):
        printed = self.run_depth("--print-config", config="output: {colormap: jet}\n").stdout
        self.assertEqual(self.run_depth("--print-config", config=printed).stdout, printed)

    def test_check_config_reports_unknown_keys_and_wrong_values(self):
        self.assertEqual(self.run_depth("--check-config", config="server: {port: 1}\n").returncode,
                         0)
        unknown = self.run_depth("--check-config", config="server: {prot: 1}\n")
        self.assertEqual(unknown.returncode, 1)
        self.assertIn("server.prot", unknown.stderr)
        wrong = self.run_depth("--check-config", config="output: {format: png}\n")
        self.assertEqual(wrong.returncode, 1)
        self.assertIn("numpy, image, both, depth_png_16", wrong.stderr)

    def test_the_legacy_file_counts_where_there_is_no_other(self):
        with tempfile.TemporaryDirectory() as base:
            folder = pathlib.Path(base) / "hailo-depth"
            folder.mkdir()
            (folder / "hailo-depth.json").write_text(json.dumps({"server": {"port": 11436}}))
            result = self.run_depth("--print-config", env={"XDG_CONFIG_HOME": base})
            self.assertIn("port: 11436", result.stdout)

    def test_a_port_in_use_ends_the_start_with_a_reason(self):
        with sim_manager() as manager, running(manager) as depth:
            result = self.run_depth("--port", str(depth.port))
            self.assertEqual(result.returncode, 1)
            self.assertIn(str(depth.port), result.stderr)


if __name__ == "__main__":
    unittest.main()
