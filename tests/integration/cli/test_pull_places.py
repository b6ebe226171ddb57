"""hailoctl pull, rm and models --available: where files lie, what there is, and for which device."""

import json
import os
import resource
import shutil
import subprocess
import unittest

from pull_fixture import CONTENT, PROGRAM, TIMEOUT, WithServer
from support import fake_hef
from support.hostile_server import HostileServer, sends_on, whole
from support.manager_process import ManagerProcess


class Room(WithServer):
    def test_a_file_that_cannot_fit_is_not_begun(self):
        self.server.at("/net", whole(CONTENT, Content_Length=1 << 60))
        self.assert_refused(self.pull(), "bytes are still to come, and the disk has room for", "Make room")
        self.assertEqual(len(self.server.requests("/net")), 1)

    def test_a_disk_that_gets_full_costs_nothing_of_what_is_there(self):
        self.server.at("/net", whole(CONTENT))
        limit = 100_000
        done = self.pull(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
        self.assert_refused(done, "cannot write", "Make room")
        self.assertEqual((self.models / "net.onnx.part").stat().st_size, limit)
        self.assert_fetched(self.pull())
        self.assertEqual(self.server.requests("/net")[1]["Range"], f"bytes={limit}-")

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_a_folder_of_others_says_who_may(self):
        self.check_closed_folder(self.pull)

    @unittest.skipIf(os.geteuid() != 0, "needs root to be another user")
    def test_a_folder_of_others_says_who_may_to_another_user(self):
        self.folder.chmod(0o755)
        self.catalogue.chmod(0o755)
        self.check_closed_folder(lambda: self.pull(user=65534, group=65534))

    def check_closed_folder(self, pull):
        self.models.mkdir(0o555)
        self.models.chmod(0o555)
        self.server.at("/net", whole(CONTENT))
        self.assert_refused(pull(), f"may not write into {self.models}", "sudo hailoctl pull net")
        self.assertEqual(self.server.requests("/net"), [])

    @unittest.skipIf(os.geteuid() != 0, "needs root to hand files over")
    def test_roots_files_are_the_folders_owners(self):
        self.models.mkdir()
        os.chown(self.models, 12345, 23456)
        self.server.at("/net", whole(CONTENT))
        self.assert_fetched(self.pull())
        for name in ("net.onnx", "net.onnx.sha256"):
            info = (self.models / name).stat()
            self.assertEqual((info.st_uid, info.st_gid), (12345, 23456))


@unittest.skipIf(shutil.which("openssl") is None, "openssl is not installed")
class Certificates(WithServer):
    def test_a_server_that_nobody_vouches_for_is_refused_at_once(self):
        pem = self.folder / "server.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-keyout", pem.with_suffix(".key"), "-out", pem.with_suffix(".crt"), "-days", "2", "-subj", "/CN=127.0.0.1",
                        "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True, timeout=TIMEOUT)
        pem.write_bytes(pem.with_suffix(".key").read_bytes() + pem.with_suffix(".crt").read_bytes())
        with HostileServer(certificate=pem) as server:
            server.at("/net", whole(CONTENT))
            self.add("net", url=server.url("/net"))
            done = self.pull()
            self.assert_refused(done, "the server's certificate is not trusted here")
            self.assertNotIn("trying again", done.stderr)
            self.assertEqual(server.requests("/net"), [])
            self.server.at("/net", sends_on(server.url("/net")))
            self.add("net")
            self.assert_refused(self.pull(), "the server's certificate is not trusted here")


class Folders(WithServer):
    """Where --dir and HAILO_MODEL_DIRS say nothing, files go where the manager's configuration says that it looks."""

    def pull_with_config(self, text, **more):
        config = self.folder / "manager.yaml"
        config.write_text(text)
        self.server.at("/net", whole(CONTENT))
        command = [PROGRAM, "--socket", self.socket, "--json", "pull", "net", "--catalogue", str(self.catalogue), "--dry-run"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT,
                              env={**self.environment(), "HAILO_MANAGER_CONFIG": str(config), **more})
        self.assertEqual(done.returncode, 0, done.stderr)
        (file,) = json.loads(done.stdout)
        return file["file"], done.stderr

    def test_the_last_folder_of_the_configuration_counts(self):
        path, said = self.pull_with_config("models: {dirs: [/srv/first, /srv/models, '/srv/hailo-*']}\n")
        self.assertEqual((path, said), ("/srv/models/net.onnx", ""))

    def test_the_environment_goes_before_it(self):
        path, _ = self.pull_with_config("models: {dirs: [/srv/models]}\n", HAILO_MODEL_DIRS="/srv/mine")
        self.assertEqual(path, "/srv/mine/net.onnx")

    def test_one_that_says_nothing_or_is_broken_leaves_the_usual_one(self):
        usual, said = self.pull_with_config("device: {kind: onnx}\n")
        self.assertEqual((usual, said), ("/var/lib/hailo/models/net.onnx", ""))
        for broken in ("models: {dirs", "models: {dirs: {a: b}}"):
            path, said = self.pull_with_config(broken)
            self.assertEqual(path, usual)
            self.assertIn("manager.yaml cannot be read, and does not count", said)


class Names(WithServer):
    def test_what_there_is(self):
        self.server.at("/net", whole(CONTENT))
        self.pull()
        (row,) = json.loads(self.run_program("models", "--available", "--json").stdout)
        self.assertEqual((row["name"], row["licence"]), ("net", "MIT"))
        self.assertEqual(row["files"]["onnx"]["installed"], str(self.file))
        self.assertEqual(row["files"]["onnx"]["url"], self.server.url("/net"))
        text = self.run_program("models", "--available").stdout
        self.assertRegex(text, r"net +detect +onnx +MIT +" + str(self.file))

    def test_what_is_wrong_with_the_catalogue_is_told_and_the_rest_goes_on(self):
        (self.catalogue / "bad.yaml").write_text("name: bad\nfamily: x\nfiles: {onnx: {path: /etc/passwd}}\n")
        done = self.run_program("models", "--available")
        self.assertEqual(done.returncode, 0)
        self.assertIn("bad.yaml: files.onnx.path must be", done.stderr)
        self.assertIn("net ", done.stdout)

    def test_unknown_names_cost_the_others_nothing(self):
        self.server.at("/net", whole(CONTENT))
        done = self.run_program("pull", "nobody", "net", "--json", "--device", "onnx")
        self.assertEqual(done.returncode, 1)
        wrong, right = json.loads(done.stdout)
        self.assertEqual((wrong["name"], wrong["code"]), ("nobody", "not_found"))
        self.assertIn("models --available", wrong["advice"])
        self.assertEqual(right["state"], "fetched")

    def test_what_is_not_fetched_says_how_it_comes(self):
        self.add("net", url="", package="models-cpu")
        self.assert_refused(self.pull(), "it comes with a package", "sudo apt install models-cpu")
        self.add("net", url="")
        self.assert_refused(self.pull(), "does not say where")
        self.assert_refused(self.pull("--device", "hailo8"), "net has no file for hailo8, only for onnx")

    def test_removing(self):
        self.assertEqual(self.run_program("rm", "net").returncode, 1)
        self.assertEqual(self.run_program("rm", "nobody").returncode, 1)
        self.server.at("/net", whole(CONTENT))
        self.pull()
        (self.models / "net.onnx.part").write_bytes(b"x")
        (self.models / "mine.hef").write_bytes(b"x")
        done = json.loads(self.run_program("rm", "net", "--json").stdout)
        self.assertEqual(done, {"name": "net", "removed": [str(self.file)]})
        self.assertEqual([path.name for path in self.models.iterdir()], ["mine.hef"])


class WithManager(WithServer):
    """The manager says what is here: a Hailo-10H, simulated."""

    def test_the_file_for_what_is_here_and_a_warning_for_another(self):
        with ManagerProcess("hailo10h", device="sim") as manager:
            content = fake_hef.content()
            for device in ("hailo10h", "hailo8"):
                self.server.at(f"/{device}", whole(content))
            files = ", ".join(f"{device}: {{path: {device}.hef, url: \"{self.server.url('/' + device)}\", hailort: 99.0.0}}"
                              for device in ("hailo10h", "hailo8"))
            (self.catalogue / "chip.yaml").write_text(f"name: chip\nfamily: depth\nfiles: {{{files}}}\n")
            self.socket = manager.socket_path
            done = self.run_program("pull", "chip")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertTrue((self.models / "hailo10h.hef").exists())
            self.assertNotIn("does not run here", done.stderr)
            self.assertIn("was compiled for HailoRT 99.0.0", done.stderr)
            done = self.run_program("pull", "chip", "--device", "hailo8")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("chip for hailo8 does not run here: this machine has hailo10h", done.stderr)

    def test_where_nothing_answers_the_device_is_asked_for(self):
        (self.catalogue / "chip.yaml").write_text(
            "name: chip\nfamily: depth\nfiles: {hailo10h: {path: a.hef}, onnx: {path: a.onnx}}\n")
        done = self.run_program("pull", "chip")
        self.assertEqual(done.returncode, 1)
        self.assertIn("hailoctl pull chip --device DEVICE   (hailo10h, onnx)", done.stderr)


if __name__ == "__main__":
    unittest.main()
