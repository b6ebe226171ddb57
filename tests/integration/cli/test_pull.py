"""hailoctl pull, against a server that does everything wrong."""

import json
import os
import pty
import signal
import stat
import subprocess
import time
import unittest

from pull_fixture import CONTENT, OTHER, TIMEOUT, WithServer, sha256
from support import fake_hef
from support.hostile_server import answers, breaks_off, drips, sends_on, stalls_after, whole, without_length, without_ranges


class AGoodServer(WithServer):
    def test_the_file_is_there_for_all_and_its_checksum_beside_it(self):
        self.server.at("/net", whole(CONTENT))
        self.assert_fetched(self.pull(preexec_fn=lambda: os.umask(0o077)))
        self.assertEqual(stat.S_IMODE(self.file.stat().st_mode), 0o644)
        self.assertEqual(stat.S_IMODE((self.models / "net.onnx.sha256").stat().st_mode), 0o644)
        self.assertEqual(stat.S_IMODE(self.models.stat().st_mode), 0o755)

    def test_a_file_in_a_folder_of_its_chip(self):
        self.add("net", device="hailo8", path="hailo8/net.onnx")
        self.server.at("/net", whole(CONTENT))
        done = self.pull(preexec_fn=lambda: os.umask(0o077))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((self.models / "hailo8" / "net.onnx").read_bytes(), CONTENT)
        self.assertEqual(stat.S_IMODE((self.models / "hailo8").stat().st_mode), 0o755)
        (row,) = json.loads(self.run_program("models", "--available", "--json").stdout)
        self.assertEqual(row["files"]["hailo8"]["installed"], str(self.models / "hailo8" / "net.onnx"))

    def test_a_file_without_a_length_or_in_chunks(self):
        for chunked in (False, True):
            with self.subTest(chunked=chunked):
                self.server.at("/net", without_length(CONTENT, chunked))
                self.assert_fetched(self.pull())
                self.assertEqual(self.run_program("rm", "net").returncode, 0)

    def test_redirects_are_followed(self):
        self.server.at("/net", sends_on("/a", 301))
        self.server.at("/a", sends_on(self.server.url("/b"), 307))
        self.server.at("/b", whole(CONTENT))
        self.assert_fetched(self.pull())

    def test_what_is_there_is_not_fetched_again(self):
        self.server.at("/net", whole(CONTENT))
        self.pull()
        done = self.pull("--json")
        (file,) = json.loads(done.stdout)
        self.assertEqual((file["state"], file["sha256"], file["bytes"]), ("present", sha256(CONTENT), len(CONTENT)))
        self.assertEqual(file["checked"], str(self.file) + ".sha256")
        self.assertEqual(len(self.server.requests("/net")), 1)

    def test_a_dry_run_touches_nothing(self):
        self.server.at("/net", whole(CONTENT))
        done = self.pull("--dry-run")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(self.server.url("/net"), done.stdout)
        self.assertFalse(self.models.exists())
        self.assertEqual(self.server.requests("/net"), [])

    def test_side_files_come_along_and_go_with_the_last_model_that_needs_them(self):
        for name in ("net", "twin"):
            self.add(name, more=f"side_files: [{{path: words.txt, url: \"{self.server.url('/words')}\"}}]\n")
            self.server.at(f"/{name}", whole(CONTENT))
        self.server.at("/words", whole(b"a\nb\n"))
        self.assertEqual(self.run_program("pull", "net", "twin").returncode, 0)
        self.assertEqual((self.models / "words.txt").read_bytes(), b"a\nb\n")
        self.assertEqual(len(self.server.requests("/words")), 1)
        self.assertEqual(self.run_program("rm", "net").returncode, 0)
        self.assertTrue((self.models / "words.txt").exists())
        self.assertEqual(self.run_program("rm", "twin").returncode, 0)
        self.assertEqual(list(self.models.iterdir()), [])

    def test_a_proxy_of_the_environment_is_asked(self):
        self.add("net", url="http://models.invalid/net")
        self.server.at("http://models.invalid/net", whole(CONTENT))
        self.assert_fetched(self.pull(env={**self.environment(), "http_proxy": self.server.url("")}))

    def test_progress_on_a_terminal_is_one_line_and_elsewhere_lines(self):
        self.server.at("/net", whole(CONTENT))
        done = self.pull()
        self.assertIn("net.onnx: 300.0 kB of 300.0 kB, 100 %\n", done.stderr)
        self.assertNotIn("\r", done.stderr)
        self.run_program("rm", "net")
        leader, follower = pty.openpty()
        process = subprocess.Popen(self.command("pull", "net"), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=follower, env=self.environment())
        os.close(follower)
        shown = b""
        while True:
            try:
                shown += os.read(leader, 65536)
            except OSError:
                break
        os.close(leader)
        self.assertEqual(process.wait(TIMEOUT), 0)
        self.assertIn(b"\rnet.onnx: ", shown)
        self.assertNotIn(b"\n", shown)
        self.assertTrue(shown.endswith(b"\r"))


class Breaks(WithServer):
    def ranges(self):
        return [request.get("Range") for request in self.server.requests("/net")]

    def test_it_goes_on_after_each_break(self):
        self.server.at("/net", breaks_off(CONTENT, 100_000))
        self.assert_fetched(self.pull("--retries", "1"))
        self.assertEqual(self.ranges()[0], None)
        self.assertTrue(all(word.startswith("bytes=") for word in self.ranges()[1:]))
        self.assertTrue(all(request["If-Range"] == '"first"' for request in self.server.requests("/net")[1:]))

    def test_it_goes_on_by_the_date_where_there_is_no_strong_tag(self):
        date = "Mon, 06 Jul 2026 10:00:00 GMT"
        self.server.at("/net", breaks_off(CONTENT, 100_000, etag=None, modified=date))
        self.assert_fetched(self.pull())
        self.assertEqual(self.server.requests("/net")[1]["If-Range"], date)

    def test_without_a_tag_it_begins_anew(self):
        self.server.at("/net", breaks_off(CONTENT, 100_000, etag='W/"weak"'), whole(CONTENT, etag=None))
        self.assert_fetched(self.pull())
        self.assertEqual(self.ranges(), [None, None])

    def test_another_version_is_fetched_from_the_start(self):
        self.server.at("/net", breaks_off(CONTENT, 100_000), whole(OTHER, etag='"second"'))
        self.assert_fetched(self.pull(), OTHER)

    def test_a_server_without_ranges(self):
        self.server.at("/net", without_ranges(CONTENT, 100_000), without_ranges(CONTENT))
        self.assert_fetched(self.pull())

    def test_another_part_than_was_asked_for_is_not_taken(self):
        wrong = answers(206, CONTENT, Content_Range="bytes 0-300000/300001", ETag='"first"')
        self.server.at("/net", breaks_off(CONTENT, 100_000), wrong, whole(CONTENT))
        self.assert_fetched(self.pull())
        self.assertEqual(self.ranges()[2], None)

    def test_a_stall_is_a_break(self):
        self.server.at("/net", stalls_after(CONTENT, 100_000), whole(CONTENT))
        done = self.pull("--stall", "0.2")
        self.assert_fetched(done)
        self.assertIn("nothing came for 0.2 s; trying again", done.stderr)
        self.assertNotEqual(self.ranges()[1], None)

    def test_a_server_that_only_drips_is_given_up_and_what_came_is_kept(self):
        self.server.at("/net", drips(CONTENT, 0.02))  # never as long as a stall without a byte
        done = self.pull("--stall", "0.4", "--retries", "1")
        self.assert_refused(done, "less than 400 bytes came in 0.4 s", "goes on from what is there")
        self.assertEqual(len(self.server.requests("/net")), 2)
        came = (self.models / "net.onnx.part").stat().st_size
        self.assertGreater(came, 1)
        self.assertLess(came, 800)
        self.server.at("/net", whole(CONTENT))
        self.assert_fetched(self.pull())
        self.assertEqual(self.ranges(), [f"bytes={came}-"])

    def test_it_gives_up_where_nothing_comes_any_more_and_goes_on_the_next_time(self):
        self.server.at("/net", breaks_off(CONTENT, 100_000), breaks_off(CONTENT, 0))
        done = self.pull("--retries", "3")
        self.assert_refused(done, "the connection ended before the file", "goes on from what is there")
        self.assertEqual(len(self.server.requests("/net")), 4)
        self.server.at("/net", whole(CONTENT))
        self.assert_fetched(self.pull())
        self.assertEqual(self.ranges(), ["bytes=100000-"])

    def test_an_overloaded_server_is_asked_again_and_a_broken_one_not_for_ever(self):
        self.server.at("/net", answers(503), answers(500), answers(429, Retry_After="0"), whole(CONTENT))
        self.assert_fetched(self.pull())
        self.run_program("rm", "net")
        self.server.at("/net", answers(500))
        self.assert_refused(self.pull("--retries", "2"), "the server answered 500")
        self.assertEqual(len(self.server.requests("/net")), 3)

    def test_killed_in_the_middle_it_goes_on_from_there(self):
        self.server.at("/net", stalls_after(CONTENT, 200_000))
        process = subprocess.Popen(self.command("pull", "net"), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, env=self.environment())
        part = self.models / "net.onnx.part"
        deadline = time.monotonic() + TIMEOUT
        while not part.exists() or part.stat().st_size < 200_000:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        busy = self.pull()
        self.assert_refused(busy, "another process fetches")
        process.send_signal(signal.SIGKILL)
        process.wait(TIMEOUT)
        self.server.at("/net", whole(CONTENT))
        self.assert_fetched(self.pull())
        self.assertEqual(self.ranges(), ["bytes=200000-"])

    def test_what_was_complete_before_the_kill_needs_no_more_than_a_question(self):
        self.models.mkdir()
        (self.models / "net.onnx.part").write_bytes(CONTENT)
        (self.models / "net.onnx.part.from").write_text(self.server.url("/net") + '\n"first"\n')
        self.server.at("/net", whole(CONTENT))
        self.assert_fetched(self.pull())
        self.assertEqual(self.ranges(), [f"bytes={len(CONTENT)}-"])

    def test_a_part_that_is_longer_than_the_file_begins_anew(self):
        self.models.mkdir()
        (self.models / "net.onnx.part").write_bytes(CONTENT + b"more")
        (self.models / "net.onnx.part.from").write_text(self.server.url("/net") + '\n"first"\n')
        self.server.at("/net", whole(CONTENT))
        self.assert_fetched(self.pull())
        self.assertEqual(self.ranges()[1:], [None])


class Lies(WithServer):
    def test_other_bytes_than_the_catalogue_says(self):
        self.add("net", sha256=sha256(CONTENT))
        self.server.at("/net", whole(OTHER))
        self.assert_refused(self.pull(), f"its SHA-256 is {sha256(OTHER)} and not {sha256(CONTENT)} (the catalogue)",
                            "thrown away")
        self.assertEqual(list(self.models.iterdir()), [])
        self.server.at("/net", whole(CONTENT))
        self.assert_fetched(self.pull())

    def test_other_bytes_than_the_user_says(self):
        self.server.at("/net", whole(CONTENT))
        self.assert_refused(self.pull("--sha256", sha256(OTHER)), "(--sha256)")
        self.assert_fetched(self.pull("--sha256", sha256(CONTENT).upper()))
        self.assertEqual(self.pull("--sha256", "abc").returncode, 2)
        self.assertEqual(self.run_program("pull", "net", "net", "--sha256", sha256(CONTENT)).returncode, 2)

    def test_other_bytes_than_the_first_time(self):
        self.server.at("/net", whole(CONTENT))
        self.pull()
        self.file.unlink()
        self.server.at("/net", whole(OTHER, etag='"second"'))
        self.assert_refused(self.pull(), "net.onnx.sha256", "The publisher has changed the file")
        self.assertEqual(self.run_program("rm", "net").returncode, 0)
        self.assert_fetched(self.pull(), OTHER)

    def test_a_file_that_somebody_has_changed_here_is_told(self):
        self.server.at("/net", whole(CONTENT))
        self.pull()
        self.file.write_bytes(OTHER)
        done = self.pull()
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"its SHA-256 is {sha256(OTHER)} and not {sha256(CONTENT)}", done.stderr)
        self.assertIn("hailoctl rm net", done.stderr)
        self.assertEqual(self.file.read_bytes(), OTHER)

    def test_another_length_than_the_catalogue_says(self):
        self.add("net", size=len(CONTENT) + 1)
        self.server.at("/net", whole(CONTENT))
        self.assert_refused(self.pull(), f"the server's file has {len(CONTENT)} bytes and not {len(CONTENT) + 1}")
        self.server.at("/net", without_length(CONTENT + b"and more"))
        self.assert_refused(self.pull(), "more than the")
        self.server.at("/net", without_length(CONTENT))
        self.assert_refused(self.pull("--retries", "0"), "the connection ended before the file")

    def test_a_length_that_is_not_kept(self):
        self.server.at("/net", whole(CONTENT, Content_Length=len(CONTENT) + 1000))
        self.assert_refused(self.pull("--retries", "1"), "the connection ended before the file")
        self.add("net", sha256=sha256(CONTENT))
        self.server.at("/net", whole(CONTENT, Content_Length=1000, etag='"third"'))
        self.assert_refused(self.pull(), "its SHA-256 is")

    def test_a_packed_answer_that_nobody_asked_for(self):
        self.server.at("/net", whole(CONTENT, Content_Encoding="gzip"))
        self.assert_refused(self.pull(), "packed (gzip)")

    def test_answers_that_are_no_file(self):
        for status, message in ((404, "no such file (404)"), (410, "(410)"), (403, "not give it to everybody (403)"),
                                (416, "the server answered 416"), (204, "the server answered 204")):
            with self.subTest(status):
                self.server.at("/net", answers(status))
                self.assert_refused(self.pull(), message)
                self.assertEqual(len(self.server.requests("/net")), 1)

    def test_redirects_that_lead_nowhere(self):
        self.server.at("/net", sends_on("/net"))
        self.assert_refused(self.pull(), "sent on more than 8 times")
        self.assertLessEqual(len(self.server.requests("/net")), 9)
        for place in ("file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/x"):
            with self.subTest(place):
                self.server.at("/net", sends_on(place))
                self.assert_refused(self.pull(), "an address that may not be followed")

    def test_what_is_no_model(self):
        pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
        for content, message in ((pointer, "a placeholder of Git LFS"), (b"<!DOCTYPE html><p>Log in", "a web page"),
                                 (b"<?xml version='1.0'?><Error>", "an XML text"), (b"", "empty")):
            with self.subTest(message):
                self.server.at("/net", whole(content))
                self.assert_refused(self.pull(), message)

    def test_a_hef_file_that_is_none_or_cut_off(self):
        self.file = self.models / "chip.hef"
        self.add("chip", device="hailo10h", ending="hef")
        content = fake_hef.content(weights=5000) + bytes(5000)
        for bad, message in ((content[:-1], "cut off after"), (CONTENT, "no HEF file")):
            with self.subTest(message):
                self.server.at("/chip", whole(bad))
                self.assert_refused(self.run_program("pull", "chip"), message)
        self.server.at("/chip", whole(content))
        self.assertEqual(self.run_program("pull", "chip").returncode, 0)
        self.assertEqual(self.file.read_bytes(), content)


if __name__ == "__main__":
    unittest.main()
