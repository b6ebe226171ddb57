"""hailoctl inspect on the adapter and the fake HailoRT, and without either."""

import hashlib
import os
import pathlib
import unittest

from fixture import WithChip
from support import fake_hef

DETECTOR = """
kind: tensor
inputs:
  - {name: net/input_layer1, dtype: uint8, shape: [320, 320, 3]}
outputs:
  - {name: net/conv1, dtype: float32, shape: [10, 10, 4]}
hef:
  architectures: [HAILO10H, HAILO15H]
  outputs:
    net/conv1: {type: uint16, scale: 0.5, zero_point: 3}
"""

WITH_ADAPTERS = """
kind: text
context: 512
hef:
  groups: [base_model__prefill, base_model__tbt, calls__prefill, calls__tbt]
"""


class WithHailort(WithChip):
    def test_a_tensor_model_shows_its_formats(self):
        path = self.model("net", DETECTOR)
        file = self.json_of(self.hailoctl("--json", "inspect", path))
        self.assertEqual(sorted(file["architectures"]), ["HAILO10H", "HAILO15H"])
        self.assertEqual((file["kind"], file["hef_version"]), ("tensor", 3))
        self.assertEqual(file["sha256"], hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest())
        self.assertEqual(file["bytes"], pathlib.Path(path).stat().st_size)
        self.assertRegex(file["hash"], "^[0-9a-f]+$")
        (group,) = file["groups"]
        (given,), (result,) = group["inputs"], group["outputs"]
        self.assertEqual((given["shape"], given["type"], given["order"]), ([320, 320, 3], "UINT8", "NHWC"))
        self.assertEqual((result["shape"], result["type"]), ([10, 10, 4], "UINT16"))
        self.assertEqual((result["quantisation"]["scale"], result["quantisation"]["zero_point"]), (0.5, 3))
        text = self.hailoctl("inspect", path).stdout
        for part in ("HAILO10H", "net/input_layer1", "320x320x3", "(q - 3) * 0.5"):
            self.assertIn(part, text)

    def test_a_file_for_another_chip_is_told_by_the_exit_status(self):
        path = self.model("net", DETECTOR)
        for chip in ("hailo10h", "HAILO15H", "here"):
            self.assertEqual(self.hailoctl("inspect", path, "--for", chip).returncode, 0, chip)
        done = self.hailoctl("inspect", path, "--for", "hailo8")
        self.assertEqual(done.returncode, 1)
        self.assertIn("is made for HAILO10H, HAILO15H, not for HAILO8", done.stderr)
        other = self.model("other", DETECTOR.replace("HAILO10H, HAILO15H", "HAILO8"))
        done = self.hailoctl("inspect", other, "--for", "here")
        self.assertEqual(done.returncode, 1)
        self.assertIn("is made for HAILO8, not for HAILO10H", done.stderr)

    def test_what_a_file_says_does_not_steer_the_terminal(self):
        done = self.hailoctl("inspect", self.model("chat", "kind: text\ncontext: 512\nhef: {chat_template: \"a\\e]0;b\"}\n"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("\x1b", done.stdout)
        self.assertIn("\\x1b]0;b", done.stdout)

    def test_kinds_of_generative_models_are_told_apart(self):
        for name, kind in (("chat", "llm"), ("seer", "vlm"), ("listener", "speech2text"), ("detector", "tensor")):
            with self.subTest(name):
                file = self.json_of(self.hailoctl("--json", "inspect", self.model(name)))
                self.assertEqual(file["kind"], kind)
                self.assertEqual("hailo-config.json" in file["resources"], kind != "tensor")

    def test_a_language_model_shows_what_it_says_of_itself(self):
        file = self.json_of(self.hailoctl("--json", "inspect", self.model("other-chat")))
        generation = file["generation"]
        self.assertEqual((generation["context_length"], generation["sampling"]["top_k"]), (1024, 20))
        self.assertIn("1024 tokens", self.hailoctl("inspect", self.model("other-chat")).stdout)

    def test_adapters_are_named(self):
        file = self.json_of(self.hailoctl("--json", "inspect", self.model("lora", WITH_ADAPTERS)))
        self.assertEqual((file["kind"], file["lora"]), ("llm", ["calls"]))

    def test_a_file_that_HailoRT_refuses_is_an_error_with_its_number(self):
        done = self.hailoctl("inspect", self.model("net", DETECTOR + "  damaged: true\n"))
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, r"net\.hef: .*HAILO_\w+ \(\d+\)")


class WithoutHailort(WithChip):
    def test_the_header_is_shown_with_what_to_install(self):
        path = self.model("net", DETECTOR)
        done = self.hailoctl("inspect", path, adapters=self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        for part in ("HEF format 3", "sha256", "hailo-h10-all", "there is no HailoRT adapter"):
            self.assertIn(part, done.stdout)
        file = self.json_of(self.hailoctl("--json", "inspect", path, "--no-sha256", adapters=self.folder))
        self.assertIsNone(file["sha256"])
        self.assertIn("note", file)

    def test_without_the_probe_it_is_the_same(self):
        self.environment["HAILO_DEVICE_PROBE"] = str(self.folder / "nothing")
        done = self.hailoctl("inspect", self.model("net", DETECTOR))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("is missing or not executable", done.stdout)

    def test_what_is_no_hef_file_is_said(self):
        page = self.folder / "page.hef"
        page.write_text("<!DOCTYPE html>")
        whole = pathlib.Path(self.model("net", DETECTOR))
        half = self.folder / "half.hef"
        half.write_bytes(whole.read_bytes()[:40])
        cut = fake_hef.write(self.folder / "cut.hef", DETECTOR, size=5000)  # HailoRT would describe it
        os.truncate(cut, 4999)
        for path, says in ((page, "it is a web page"), (half, "no complete HEF file"),
                           (cut, "cut off after 4999 of 5000 bytes"),
                           (self.folder / "none.hef", "No such file"), (self.folder, "no regular file")):
            with self.subTest(says):
                done = self.hailoctl("inspect", path)
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertIn(says, done.stderr)
                self.assertIn(str(path), done.stderr)
        self.assertEqual(self.json_of(self.hailoctl("--json", "inspect", page))["code"], "malformed")

    def test_real_files_are_told_from_one_that_is_cut_off(self):
        """HAILO_REAL_HEFS names a folder of intact HEF files, and of one called *_truncated.hef."""
        if "HAILO_REAL_HEFS" not in os.environ:
            self.skipTest("HAILO_REAL_HEFS names no folder of real HEF files")
        for path in sorted(pathlib.Path(os.environ["HAILO_REAL_HEFS"]).glob("*.hef")):
            with self.subTest(path.name):
                done = self.hailoctl("inspect", path, adapters=self.folder)
                cut = path.stem.endswith("_truncated")
                self.assertEqual(done.returncode, 1 if cut else 0, done.stderr)
                self.assertIn("it is cut off after" if cut else "HEF format", done.stderr if cut else done.stdout)

    def test_a_probe_that_hangs_or_crashes_is_an_error(self):
        path = self.model("net", DETECTOR)
        for script, status, says in (("exec sleep 600", 4, "hangs"), ("kill -ABRT $$", 1, "signal 6")):
            with self.subTest(script):
                probe = self.folder / "probe"
                probe.write_text("#!/bin/sh\n" + script + "\n")
                probe.chmod(0o755)
                self.environment["HAILO_DEVICE_PROBE"] = str(probe)
                done = self.hailoctl("--timeout", "1", "inspect", path)
                self.assertEqual(done.returncode, status)
                self.assertIn(says, done.stderr)


if __name__ == "__main__":
    unittest.main()
