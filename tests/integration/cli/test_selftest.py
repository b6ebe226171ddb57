"""hailoctl selftest --hardware on the adapter and the fake HailoRT: each answer is what the fake's behaviour implies."""

import json
import unittest

from fixture import WithChip
from support import fake_hef
from support.manager_process import ManagerProcess


class Selftest(WithChip):
    def selftest(self, *arguments, status=0):
        done = self.hailoctl("selftest", "--hardware", "--short", *arguments)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        with open(self.folder / "hailo-selftest.json", encoding="utf-8") as file:
            report = json.load(file)
        return {check["number"]: check for check in report["checks"]}, report, done.stdout

    def files(self):
        return ["--hef", self.model("detector"), "--llm", self.model("chat"), "--llm2", self.model("other-chat"),
                "--vlm", self.model("seer"), "--speech", self.model("listener")]

    def one(self, number, *arguments, status=0):
        return self.selftest("--only", number, *self.files(), *arguments, status=status)[0][number]

    def test_everything_that_can_be_asked_is_answered(self):
        checks, report, text = self.selftest(*self.files())
        self.assertEqual(sorted(checks), list(range(1, 15)))
        skipped = {number for number, check in checks.items() if check["outcome"] == "skipped"}
        self.assertEqual(skipped, {8, 12})  # they ask for consent
        for number in set(checks) - skipped:
            self.assertEqual((number, checks[number]["outcome"]), (number, "answered"), checks[number])
            self.assertTrue(checks[number]["answer"])
            self.assertTrue(checks[number]["readings"])
            self.assertIn(checks[number]["answer"], text)
        self.assertEqual(report["versions"]["library"], "5.2.0")
        self.assertEqual(report["scan"]["devices"][0]["architecture"], "HAILO10H")
        self.assertNotIn("serial", report["scan"]["devices"][0])
        self.assertEqual(report["files"]["llm"]["file"], "chat.hef")
        self.assertEqual(len(report["files"]["llm"]["sha256"]), 64)
        self.assertNotIn(str(self.folder), json.dumps(report["files"]))
        for key in ("time", "board", "kernel", "hailoctl", "hardware"):
            self.assertIn(key, report)

    def test_without_files_what_needs_them_is_skipped_and_says_so(self):
        checks, _, text = self.selftest()
        answered = {number for number, check in checks.items() if check["outcome"] == "answered"}
        self.assertEqual(answered, {6, 10, 13})
        self.assertIn("--hef FILE", checks[1]["answer"])
        self.assertIn("skipped: needs --llm FILE", text)

    def test_1_dropping_a_model_frees_nothing_and_the_group_everything(self):
        check = self.one(1)
        self.assertEqual(check["answer"], "dropping the model frees nothing, releasing the group frees 20.0 MB")
        readings = check["readings"]
        self.assertEqual(readings["used_loaded"], readings["used_dropped"])
        self.assertEqual(readings["used_empty"], readings["used_group_released"])

    def test_3_the_refusal_of_a_second_model_depends_on_the_version(self):
        for version, number in (("5.2.0", 62), ("5.3.0", 6)):
            self.environment["HAILO_FAKE_VERSION"] = version
            check = self.one(3)
            self.assertEqual(check["readings"]["second"]["status"], number, version)
            self.assertEqual(check["readings"]["first_afterwards"]["status"], 0)

    def test_5_an_abort_waits_for_the_prompt_to_be_read(self):
        readings = self.one(5)["readings"]
        while_reading = readings["while_the_prompt_is_read"]["abort"]["p50_ms"]
        self.assertGreater(while_reading, readings["between_tokens"]["abort"]["p50_ms"])

    def test_7_a_context_is_the_same_after_it_was_saved_and_loaded(self):
        readings = self.one(7)["readings"]
        self.assertEqual(readings["tokens_cleared"], 0)
        self.assertEqual(readings["tokens"], readings["tokens_loaded"])
        self.assertGreater(readings["bytes"], 0)

    def test_8_a_restart_ends_what_was_open_and_the_chip_comes_back(self):
        for version in ("5.2.0", "5.3.0"):
            self.environment["HAILO_FAKE_VERSION"] = version
            readings = self.one(8, "--reboot")["readings"]
            self.assertEqual(readings["restart"]["status"], 0)
            for name in ("identify", "run a picture", "abort the answer"):
                self.assertEqual((version, name, readings["calls"][name]["status"]), (version, name, 62))
            self.assertGreater(readings["back"]["ms"], 0)

    def test_8_is_left_out_where_hailort_cannot_restart_the_chip(self):
        self.environment["HAILO_FAKE_VERSION"] = "5.1.1"
        check = self.one(8, "--reboot")
        self.assertEqual(check["outcome"], "skipped")
        self.assertIn("HAILO_NOT_IMPLEMENTED (7)", check["answer"])

    def test_12_another_program_with_the_kv_cache_is_told_apart_from_none(self):
        self.assertIn("we can load a model beside it", self.one(12, "--ollama")["answer"])
        manager = self.enterContext(self.manager_on_hailort())
        model = fake_hef.write(manager.model_dir / "seer.hef")
        loaded = self.hailoctl("load", model, "--type", "vlm", socket=manager.socket_path, adapters=None)
        self.assertEqual(loaded.returncode, 0, loaded.stderr)
        self.assertEqual(self.one(12, "--ollama")["readings"]["load"]["status"], 62)

    def test_13_the_unit_of_memory_is_told_by_the_version(self):
        for version, unit in (("5.1.1", 1), ("5.2.0", 1024)):
            self.environment["HAILO_FAKE_VERSION"] = version
            self.assertEqual(self.one(13)["readings"]["unit_bytes"], unit, version)

    def test_a_check_that_hangs_is_an_answer(self):
        faults = self.folder / "faults.yaml"
        faults.write_text("faults: [{op: load, kind: hang, model: detector, times: 0}]\n")
        self.environment["HAILO_SIM_FAULTS"] = str(faults)
        check = self.one(1, "--limit", "3", status=1)
        self.assertEqual(check["outcome"], "hangs")
        self.assertIn("no answer within", check["answer"])

    def test_a_check_that_crashes_is_an_answer(self):
        faults = self.folder / "faults.yaml"
        faults.write_text("faults: [{op: load, kind: error, model: detector, times: 0}]\n")
        self.environment["HAILO_SIM_FAULTS"] = str(faults)
        check = self.one(1, status=1)
        self.assertEqual(check["outcome"], "failed")
        self.assertRegex(check["answer"], r"HAILO_\w+ \(\d+\)")


class Refusals(WithChip):
    def test_it_must_be_meant(self):
        done = self.hailoctl("selftest")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--hardware", done.stderr)

    def test_a_file_that_is_not_there_is_told_before_anything_runs(self):
        done = self.hailoctl("selftest", "--hardware", "--hef", self.folder / "none.hef")
        self.assertEqual(done.returncode, 1)
        self.assertIn("none.hef", done.stderr)

    def test_without_hailort_nothing_can_be_asked(self):
        done = self.hailoctl("selftest", "--hardware", adapters=self.folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn("there is no HailoRT adapter", done.stderr)

    def test_the_manager_keeps_its_device_unless_forced(self):
        words = ("selftest", "--hardware", "--short", "--only", "10")
        other = self.enterContext(ManagerProcess())  # on the simulated device: it has no chip
        self.assertEqual(self.hailoctl(*words, socket=other.socket_path).returncode, 0)
        manager = self.enterContext(self.manager_on_hailort())
        done = self.hailoctl(*words, socket=manager.socket_path)
        self.assertEqual(done.returncode, 1)
        self.assertIn("the manager has the device", done.stderr)
        self.assertIn("systemctl stop", done.stderr)
        self.assertEqual(self.hailoctl(*words, "--force", socket=manager.socket_path).returncode, 0)


if __name__ == "__main__":
    unittest.main()
