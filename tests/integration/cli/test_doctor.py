"""hailoctl doctor on made-up machines, with the real probe, and on this one."""

import re
import subprocess
import unittest

from fixture import TIMEOUT, WithChip
from support.manager_process import BIN

OF_ANOTHER_CHIP = """
kind: tensor
inputs: [{name: in, dtype: uint8, shape: [8, 8, 3]}]
outputs: [{name: out, dtype: float32, shape: [8, 8, 1]}]
hef: {architectures: [HAILO8]}
"""


class Doctor(WithChip):
    def findings(self, *arguments, status=None, **kwargs):
        done = self.hailoctl("--json", "doctor", "--model-dir", self.folder, *arguments, **kwargs)
        findings = self.json_of(done)
        bad = [finding for finding in findings if finding["level"] == "error"]
        self.assertEqual(done.returncode, 1 if bad else 0, bad)
        if status is not None:
            self.assertEqual(done.returncode, status, bad)
        for finding in findings:
            self.assertEqual(bool(finding["advice"]), finding["level"] != "ok", finding)
        return findings

    def find(self, findings, check, part=""):
        for finding in findings:
            if finding["check"] == check and part in finding["what"]:
                return finding
        self.fail(f"no finding {check} with '{part}' in {findings}")

    def test_a_machine_without_any_of_it(self):
        root = self.folder / "empty"
        root.mkdir()
        findings = self.findings("--root", root, adapters=self.folder, status=1)  # no manager
        self.assertEqual(self.find(findings, "chip")["level"], "warning")
        self.assertEqual(self.find(findings, "library.version")["level"], "ok")
        self.assertEqual([finding["check"] for finding in findings if finding["level"] == "error"],
                         ["socket", "manager"])

    def test_this_machine(self):
        self.findings()

    def test_a_healthy_chip(self):
        findings = self.findings("--root", self.machine())
        for check, part in (("chip", "Hailo-10H at 0001:01:00.0"), ("pcie.link", "8.0 GT/s"),
                            ("driver.family", "hailo1x_pci is bound"), ("driver.version", "5.2.0"),
                            ("library.version", "5.2.0"), ("firmware.version", "5.2.0"),
                            ("versions", "all are version 5.2.0"), ("node", "/dev/hailo0"),
                            ("device", "HAILO10H 0001:01:00.0 answers"), ("temperature", "degrees"),
                            ("cma", "512 MB")):
            self.assertEqual(self.find(findings, check, part)["level"], "ok")
        self.assertEqual(self.find(findings, "holder", "hailo-ollama (process 77)")["level"], "warning")

    def test_versions_that_differ(self):
        root = self.machine({"sys/module/hailo1x_pci/version": "5.1.1\n"})
        finding = self.find(self.findings("--root", root, status=1), "versions")
        self.assertEqual(finding["what"], "versions differ: driver hailo1x_pci 5.1.1, library 5.2.0, firmware 5.2.0")

    def test_the_wrong_module(self):
        root = self.machine({"sys/module/hailo_pci/version": "4.23.0\n"})
        (root / "sys/module/hailo1x_pci/version").unlink()
        (root / "sys/module/hailo1x_pci").rmdir()
        (root / "sys/bus/pci/devices/0001:01:00.0/driver").unlink()
        finding = self.find(self.findings("--root", root, status=1), "driver.family")
        self.assertEqual(finding["level"], "error")
        self.assertIn("hailo_pci is for Hailo-8", finding["what"])

    def test_no_adapter_for_a_chip(self):
        finding = self.find(self.findings("--root", self.machine(), adapters=self.folder, status=1), "library.version")
        self.assertEqual(finding["level"], "error")

    def test_a_device_that_hangs(self):
        probe, real = self.folder / "probe", BIN / "hailo-device-probe"
        probe.write_text(f'#!/bin/sh\n[ "$1" = scan ] && exec sleep 600\nexec "{real}" "$@"\n')
        probe.chmod(0o755)
        self.environment["HAILO_DEVICE_PROBE"] = str(probe)
        findings = self.findings("--timeout", "1", "--root", self.machine(), status=1)
        self.assertIn("hangs", self.find(findings, "device")["what"])

    def test_the_root_may_come_from_the_environment(self):
        self.environment["HAILO_DOCTOR_ROOT"] = str(self.machine())
        self.find(self.findings(), "chip", "Hailo-10H")

    def test_the_name_of_a_program_can_neither_blind_nor_steer(self):
        root = self.machine()
        (root / "proc/77/comm").write_bytes(b"a\x1b[31m\xffb\n")
        finding = self.find(self.findings("--root", root), "holder", "process 77")
        self.assertIn("a\x1b[31m\ufffdb (process 77)", finding["what"])
        text = self.hailoctl("doctor", "--root", root).stdout
        self.assertNotIn("\x1b", text)
        self.assertIn("a\\x1b[31m\ufffdb (process 77)", text)

    def test_the_managers_configuration_counts(self):
        root = self.machine({"etc/hailo/manager.yaml": "device: {group_id: mine}\n"})
        findings = self.findings("--root", root, status=1)
        self.assertIn("in the group SHARED, the manager uses mine", self.find(findings, "holder.group")["what"])
        self.find(self.findings("--root", root, "--group-id", "SHARED"), "holder", "hailo-ollama")

    def test_without_a_configuration_it_looks_for_models_where_the_manager_does(self):
        config = subprocess.run([BIN / "hailo-device-manager", "--print-config"], capture_output=True, text=True,
                                timeout=TIMEOUT, env=self.environment, check=True).stdout
        findings = self.json_of(self.hailoctl("--json", "doctor", "--root", self.machine()))
        self.find(findings, "model.dir", re.search(r"(?m)^  dirs:\n +- (.*)$", config)[1])

    def test_a_model_for_another_chip(self):
        self.model("other", OF_ANOTHER_CHIP)
        self.model("detector")
        findings = self.findings("--root", self.machine())
        self.assertIn("other.hef is made for", self.find(findings, "model.chip")["what"])
        self.assertEqual(sum(finding["check"] == "model.chip" for finding in findings), 1)

    def test_text_for_people(self):
        done = self.hailoctl("doctor", "--root", self.machine())
        self.assertEqual(done.returncode, 1)  # no manager
        self.assertRegex(done.stdout, r"(?m)^ok       all are version 5\.2\.0$")
        self.assertRegex(done.stdout, r"(?m)^error    no socket at .*\n           Start the manager")


if __name__ == "__main__":
    unittest.main()
