"""hailoctl selftest --hardware on the adapter and the fake HailoRT: each answer is what the fake's behaviour implies."""

import json
import socket
import unittest

from fixture import ADAPTERS, WithChip
from support import fake_hef
from support.manager_process import BIN, ManagerProcess


class Asking:
    def selftest(self, *arguments, status=0):
        done = self.hailoctl("selftest", "--hardware", "--short", *arguments)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        with open(self.folder / "hailo-selftest.json", encoding="utf-8") as file:
            report = json.load(file)
        return {check["number"]: check for check in report["checks"]}, report, done.stdout

    def files(self, llm="chat"):
        return ["--hef", self.model("detector"), "--llm", self.model(llm), "--llm2", self.model("other-chat"),
                "--vlm", self.model("seer"), "--speech", self.model("listener")]

    def one(self, number, *arguments, status=0, **files):
        return self.selftest("--only", number, *self.files(**files), *arguments, status=status)[0][number]


class Questions(Asking, WithChip):
    def test_everything_that_can_be_asked_is_answered(self):
        checks, report, text = self.selftest(*self.files())
        self.assertEqual(sorted(checks), list(range(1, 15)))
        skipped = {number for number, check in checks.items() if check["outcome"] == "skipped"}
        self.assertEqual(skipped, {8, 12})  # they ask for consent
        for number in set(checks) - skipped:
            self.assertEqual((number, checks[number]["outcome"]), (number, "answered"), checks[number])
            self.assertTrue(checks[number]["answer"])
            self.assertEqual(checks[number]["readings"]["device"], "0001:01:00.0")
            self.assertIn(checks[number]["answer"], text)
        self.assertEqual(report["versions"]["library"], "5.2.0")
        for time in ("before", "after"):
            self.assertEqual(report[time]["scan"]["devices"][0]["architecture"], "HAILO10H")
            self.assertNotIn("serial", report[time]["scan"]["devices"][0])
            self.assertIn("holders", report[time]["hardware"])
        self.assertTrue(report["finished"])
        self.assertEqual(list(self.folder.glob("*.new")), [])
        self.assertEqual(report["files"]["llm"]["file"], "chat.hef")
        self.assertEqual(len(report["files"]["llm"]["sha256"]), 64)
        self.assertNotIn(str(self.folder), json.dumps(report["files"]))
        for key in ("time", "board", "kernel", "hailoctl"):
            self.assertIn(key, report)

    def test_without_files_what_needs_them_is_skipped_and_says_so(self):
        checks, _, text = self.selftest()
        answered = {number for number, check in checks.items() if check["outcome"] == "answered"}
        self.assertEqual(answered, {6, 10, 13})
        self.assertIn("--hef FILE", checks[1]["answer"])
        self.assertIn("skipped: needs --llm FILE", text)

    def test_the_device_that_is_named_is_the_one_that_is_asked(self):
        for number in (1, 6, 13):
            check = self.one(number, "--device", "0001:09:00.0", status=1)
            self.assertEqual(check["outcome"], "failed", check)
            self.assertEqual(check["readings"]["device"], "0001:09:00.0")
            self.assertIn("HAILO_INVALID_ARGUMENT (2)", check["answer"])


class Answers(Asking, WithChip):
    def test_1_dropping_a_model_frees_nothing_and_the_group_everything(self):
        check = self.one(1)
        self.assertEqual(check["answer"], "dropping the model frees nothing, loading it again takes nothing, releasing the group frees 20.0 MB")
        readings = check["readings"]
        self.assertEqual(readings["used_loaded"], readings["used_dropped"])
        self.assertEqual(readings["used_empty"], readings["used_group_released"])

    def test_3_the_refusal_of_a_second_model_depends_on_the_version(self):
        for version, number in (("5.2.0", 62), ("5.3.0", 6)):
            self.environment["HAILO_FAKE_VERSION"] = version
            check = self.one(3)
            for second in ("second", "second_vlm"):
                self.assertEqual(check["readings"][second]["status"], number, (version, second))
            self.assertEqual(check["readings"]["first_afterwards"]["status"], 0)

    def test_5_an_abort_waits_for_the_prompt_to_be_read(self):
        readings = self.one(5)["readings"]
        while_reading = readings["while_the_prompt_is_read"]["abort"]["p50_ms"]
        self.assertGreater(while_reading, readings["between_tokens"]["abort"]["p50_ms"])

    def test_6_connections_are_counted_alone_and_mixed(self):
        readings = self.one(6)["readings"]
        for kind in ("devices", "vdevices", "mixed"):
            self.assertGreater(readings[kind]["opened"], 0, kind)
        self.assertTrue(readings["mixed"]["language_model"])

    def test_9_every_kind_of_memory_is_measured(self):
        readings = self.one(9)["readings"]
        for kind in ("private", "private_mapped", "private_pipelined", "copied", "memfd", "memfd_mapped",
                     "memfd_pipelined", "unaligned", "unaligned_pipelined"):
            self.assertGreater(readings[kind]["fps"], 0, kind)

    def test_7_a_context_is_the_same_after_it_was_saved_and_loaded(self):
        readings = self.one(7)["readings"]
        self.assertEqual(readings["tokens_cleared"], 0)
        self.assertEqual(readings["tokens"], readings["tokens_loaded"])
        self.assertGreater(readings["bytes"], 0)
        self.assertEqual(readings["answer_after_loading"]["status"], 0)
        self.assertGreater(readings["tokens_after_answer"], readings["tokens_loaded"])
        self.assertEqual(readings["vlm"]["tokens"], readings["vlm"]["tokens_loaded"])
        self.assertEqual(readings["vlm"]["answer_after_loading"]["status"], 0)

    def test_8_a_restart_ends_what_was_open_and_the_chip_comes_back(self):
        for version in ("5.2.0", "5.3.0"):
            self.environment["HAILO_FAKE_VERSION"] = version
            readings = self.one(8, "--reboot", llm="counter")["readings"]
            self.assertEqual(readings["restart"]["status"], 0)
            self.assertEqual(set(readings["under_way"]), {"read the load", "run pictures", "send a model", "read tokens"})
            for name, call in readings["under_way"].items():
                self.assertNotIn(call.get("status", "hangs"), (0, "hangs"), (version, name))
            for name in ("identify", "run a picture", "abort the answer"):
                self.assertEqual((version, name, readings["calls"][name]["status"]), (version, name, 62))
            self.assertGreater(readings["back"]["ms"], 0)

    def test_8_is_left_out_where_hailort_cannot_restart_the_chip(self):
        self.environment["HAILO_FAKE_VERSION"] = "5.1.1"
        check = self.one(8, "--reboot")
        self.assertEqual(check["outcome"], "skipped")
        self.assertIn("HAILO_NOT_IMPLEMENTED (7)", check["answer"])

    def test_12_another_program_with_the_kv_cache_is_told_apart_from_none(self):
        absent = self.one(12, "--ollama", status=1)
        self.assertEqual((absent["outcome"], absent["answer"]), ("failed", "hailo-ollama does not run"))
        process = self.folder / "proc/77"
        process.mkdir(parents=True)
        (process / "comm").write_text("hailo-ollama\n")
        self.environment["HAILO_PROC_ROOT"] = str(self.folder / "proc")
        check = self.one(12, "--ollama")
        self.assertEqual(check["readings"]["hailo_ollama"], 77)
        self.assertIn("our model is loaded", check["answer"])
        manager = self.enterContext(self.manager_on_hailort())
        model = fake_hef.write(manager.model_dir / "seer.hef")
        loaded = self.hailoctl("load", model, "--type", "vlm", socket=manager.socket_path, adapters=None)
        self.assertEqual(loaded.returncode, 0, loaded.stderr)
        self.assertEqual(self.one(12, "--ollama")["readings"]["load"]["status"], 62)

    def test_13_the_unit_of_memory_is_told_by_the_version(self):
        for version, unit in (("5.1.1", 1), ("5.2.0", 1024)):
            self.environment["HAILO_FAKE_VERSION"] = version
            self.assertEqual(self.one(13)["readings"]["unit_bytes"], unit, version)


class Troubles(Asking, WithChip):
    def test_a_check_that_hangs_is_an_answer(self):
        faults = self.folder / "faults.yaml"
        faults.write_text("faults: [{op: load, kind: hang, model: detector, times: 0}]\n")
        self.environment["HAILO_SIM_FAULTS"] = str(faults)
        check = self.one(1, "--limit", "3", status=1)
        self.assertEqual(check["outcome"], "hangs")
        self.assertIn("no answer within", check["answer"])
        self.assertGreater(check["readings"]["used_empty"], 0)  # it was read before

    def broken(self, op, kind, model="detector"):
        faults = self.folder / "faults.yaml"
        faults.write_text(f"faults: [{{op: {op}, kind: {kind}, model: {model}, times: 0}}]\n")
        self.environment["HAILO_SIM_FAULTS"] = str(faults)

    def test_a_check_that_crashes_is_an_answer(self):
        self.broken("load", "crash")
        check = self.one(1, status=1)
        self.assertEqual(check["outcome"], "crashed")
        self.assertIn("signal 6", check["answer"])
        self.assertGreater(check["readings"]["used_empty"], 0)

    def test_an_error_is_no_answer(self):
        self.broken("load", "error")
        for number in (1, 14):
            check = self.one(number, status=1)
            self.assertEqual(check["outcome"], "failed", number)
            self.assertRegex(check["answer"], r"HAILO_\w+")
        self.assertEqual(set(check["readings"]), {"device", "hef", "llm", "llm2", "vlm", "speech"})  # the others are measured
        self.broken("infer", "error")
        self.assertEqual(self.one(1, status=1)["outcome"], "failed")
        self.broken("read", "status, status: 62", "chat")
        check = self.one(4, status=1)
        self.assertEqual(check["outcome"], "failed")
        self.assertIn("0 tokens came beside the pictures", check["answer"])

    def test_a_file_for_another_chip_is_a_failure(self):
        other = self.model("other", "kind: tensor\ninputs: [{name: in, dtype: uint8, shape: [8, 8, 3]}]\n"
                           "outputs: [{name: out, dtype: float32, shape: [8, 8, 1]}]\nhef: {architectures: [HAILO8]}\n")
        checks, _, _ = self.selftest("--only", 1, "--hef", other, status=1)
        self.assertEqual(checks[1]["outcome"], "failed")
        self.assertIn("93", checks[1]["answer"])

    def test_the_report_is_whole_after_each_check(self):
        probe, real = self.folder / "probe", BIN / "hailo-device-probe"
        probe.write_text(f'#!/bin/sh\n[ "$1 $2" = "check 10" ] && cp hailo-selftest.json early.json\nexec "{real}" "$@"\n')
        probe.chmod(0o755)
        self.environment["HAILO_DEVICE_PROBE"] = str(probe)
        self.selftest("--only", 6, "--only", 10)
        early = json.loads((self.folder / "early.json").read_text())
        self.assertEqual([check["number"] for check in early["checks"]], [6])
        self.assertFalse(early["finished"])
        self.assertIn("before", early)
        self.assertNotIn("after", early)


class Refusals(WithChip):
    def test_it_must_be_meant(self):
        done = self.hailoctl("selftest")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--hardware", done.stderr)

    def test_a_file_that_is_not_there_is_told_before_anything_runs(self):
        done = self.hailoctl("selftest", "--hardware", "--hef", self.folder / "none.hef")
        self.assertEqual(done.returncode, 1)
        self.assertIn("none.hef", done.stderr)

    def test_a_number_that_no_question_has(self):
        done = self.hailoctl("selftest", "--hardware", "--only", 99)
        self.assertEqual(done.returncode, 2)
        self.assertIn("there is no question 99", done.stderr)

    def test_a_report_that_cannot_be_written_is_told_before_anything_runs(self):
        done = self.hailoctl("selftest", "--hardware", "--report", self.folder / "none/report.json")
        self.assertEqual(done.returncode, 1)
        self.assertIn("none/report.json", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_a_program_that_has_the_device_open_keeps_it_unless_forced(self):
        root = self.machine()
        self.environment.update(HAILO_SYSFS_ROOT=str(root / "sys"), HAILO_PROC_ROOT=str(root / "proc"))
        words = ("selftest", "--hardware", "--short", "--only", "10")
        done = self.hailoctl(*words)
        self.assertEqual(done.returncode, 1)
        self.assertIn("hailo-ollama (process 77) has the device open", done.stderr)
        self.assertEqual(self.hailoctl(*words, "--force").returncode, 0)

    def test_a_manager_that_does_not_answer_is_a_manager(self):
        silent = socket.socket(socket.AF_UNIX)
        self.addCleanup(silent.close)
        silent.bind(str(self.folder / "silent.sock"))
        silent.listen()
        done = self.hailoctl("selftest", "--hardware", "--only", "10", socket=self.folder / "silent.sock")
        self.assertEqual(done.returncode, 1)
        self.assertIn("the manager runs and does not say", done.stderr)

    def test_without_hailort_nothing_can_be_asked(self):
        done = self.hailoctl("selftest", "--hardware", adapters=self.folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn("there is no HailoRT adapter", done.stderr)

    def test_an_installation_without_the_self_test_is_told_what_it_lacks_and_works_otherwise(self):
        (self.folder / "hailort-5.2.0.so").symlink_to(ADAPTERS / "hailort-5.2.0.so")
        done = self.hailoctl("selftest", "--hardware", adapters=self.folder)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn(f"there is no HailoRT self-test in {self.folder}", done.stderr)
        self.assertIn("install hailo-device-manager again", done.stderr)
        done = self.hailoctl("inspect", self.model("detector"), adapters=self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_the_manager_keeps_its_device_unless_forced(self):
        words = ("selftest", "--hardware", "--short", "--only", "10")
        other = self.enterContext(ManagerProcess())  # on the simulated device: it has no chip
        self.assertEqual(self.hailoctl(*words, socket=other.socket_path).returncode, 0)
        manager = self.enterContext(self.manager_on_hailort())
        done = self.hailoctl(*words, socket=manager.socket_path)
        self.assertEqual(done.returncode, 1)
        self.assertIn("the manager has the device", done.stderr)
        self.assertIn("--force", done.stderr)
        self.assertEqual(self.hailoctl(*words, "--force", socket=manager.socket_path).returncode, 0)


if __name__ == "__main__":
    unittest.main()
