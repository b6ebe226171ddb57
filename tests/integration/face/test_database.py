"""The face database under the service: killed, shared, damaged, locked, not writable, full, backed up and restored."""

import http.client
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
import unittest

from fixture import FaceServiceTest, coloured, program
from support.service_client import Client
from support.service_process import ServiceProcess, wait_ready

KILLS = int(os.environ.get("NPU_FACE_KILLS", "20"))  # .ci/nightly: 1000


class Killed(FaceServiceTest):
    """kill -9 while people are enrolled: the database is whole, and what was answered is there."""

    def enrol_until_killed(self, service, answered, prefix, enrolments):
        """Kills it after the time that so many enrolments take, of which the first is done."""
        client = Client(service.port)
        begin = time.monotonic()
        self.assertEqual(self.add(client, f"{prefix}-0", 0).status, 200)
        answered.append(f"{prefix}-0")
        killer = threading.Timer(enrolments * (time.monotonic() - begin), os.kill, (service.pid, signal.SIGKILL))
        killer.start()
        try:
            for number in range(1, 10_000):
                name = f"{prefix}-{number}"
                if self.add(client, name, number % 7).status == 200:
                    answered.append(name)
        except (OSError, http.client.HTTPException):
            pass
        finally:
            killer.join()
            client.close()

    def test_what_was_answered_is_there(self):
        chance = random.Random(1)
        database = self.folder / "killed.db"
        config = self.configuration(database)
        answered = []
        for round_ in range(KILLS):
            with ServiceProcess(self.program, self.manager.socket_path, self.model_path(), config) as service:
                wait_ready(service)
                self.enrol_until_killed(service, answered, round_, chance.uniform(0, 5))
            with sqlite3.connect(database) as db:
                self.assertEqual(db.execute("PRAGMA integrity_check").fetchone(), ("ok",))
                self.assertEqual(db.execute("PRAGMA foreign_key_check").fetchall(), [])
                there = {name for name, in db.execute("SELECT name FROM identities")}
                alone = db.execute("SELECT count(*) FROM identities WHERE id NOT IN (SELECT identity_id FROM embeddings)")
                self.assertEqual(alone.fetchone(), (0,), "somebody without an embedding: half of an enrolment")
            db.close()
            self.assertLessEqual(set(answered), there)
        self.assertGreaterEqual(len(answered), KILLS)
        print(f"\n{KILLS} kills, {len(answered)} enrolments answered, {len(there)} in the database")
        self.assertEqual(self.names(self.client_of(self.start(config))), sorted(there))


class Shared(FaceServiceTest):
    def test_two_services_see_what_the_other_one_does(self):
        other = self.client_of(self.start(self.config))
        self.assertEqual(self.add(self.client, "Ada", 1).status, 200)
        self.assertEqual(self.who(other, 1), "Ada")
        self.assertEqual(self.add(other, "Bob", 2).status, 200)
        self.assertEqual(self.who(self.client, 2), "Bob")
        self.assertEqual(other.post_json({"name": "Ada"}, "/v1/database/remove").status, 200)
        self.assertEqual(self.who(self.client, 1), "Unknown")
        self.assertIn("Bob", self.names(self.client))
        self.assertNotIn("Ada", self.names(self.client))

    def test_both_enrol_at_once_and_everybody_is_there(self):
        services = [self.service, self.start(self.config)]
        failed = []

        def enrol(service, first):
            client = Client(service.port)
            for number in range(first, first + 25):
                answer = self.add(client, f"twin {number:03}", 1000 + number)
                if answer.status != 200:
                    failed.append(answer.body)
            client.close()

        threads = [threading.Thread(target=enrol, args=(services[i % 2], 25 * i)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failed, [], [line for s in services for line in s.log().splitlines() if "error" in line][:5])
        twins = [name for name in self.names(self.client) if name.startswith("twin")]
        self.assertEqual(twins, [f"twin {number:03}" for number in range(100)])

    def test_another_model_never_matches_and_says_so(self):
        self.assertEqual(self.add(self.client, "Carl", 3).status, 200)
        other = self.client_of(self.start(self.configuration(self.database, recogniser="another")))
        answer = other.post_form({"image": coloured(3)}, "/v1/recognize").json()
        self.assertEqual(answer["faces"][0]["identity"], "Unknown")
        self.assertGreaterEqual(answer["embeddings_of_other_models"], 1)
        carl, = (one for one in other.get("/v1/database/list").json()["identities"] if one["name"] == "Carl")
        self.assertEqual((carl["embedding_count"], carl["embeddings_of_model"]), (1, 0))


class Trouble(FaceServiceTest):
    """The service runs and finds faces, says what is wrong, and nothing is lost."""

    def expect_trouble(self, client, words):
        for answer in (self.add(client, "Ada", 1), client.get("/v1/database/list"),
                       client.post_form({"image": coloured(1)}, "/v1/recognize")):
            self.assertEqual(answer.status, 503, answer.body)
            self.assertIn(words, answer.error())
            self.assertNotIn(str(self.folder), answer.error(), "paths stay inside")
        self.assertEqual(client.post_form({"image": coloured(1)}, "/v1/detect").json()["count"], 2)
        self.assertEqual(len(client.post_form({"image": coloured(1)}, "/api/faces").json()), 2)

    def test_damaged(self):
        database = self.folder / "damaged.db"
        database.write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 40)
        before = database.read_bytes()
        service = self.start(self.configuration(database))
        self.expect_trouble(self.client_of(service), "damaged")
        self.assertEqual(database.read_bytes(), before)
        self.assertIn("hailo-face restore FILE", service.log())

    def test_of_a_newer_version(self):
        database = self.folder / "newer.db"
        with sqlite3.connect(database) as db:
            db.execute("CREATE TABLE identities (id INTEGER)")
            db.execute("PRAGMA user_version = 99")
        db.close()
        before = database.read_bytes()
        service = self.start(self.configuration(database))
        self.expect_trouble(self.client_of(service), "newer version")
        self.assertIn("has version 99, this program knows 1", service.log())
        self.assertEqual(database.read_bytes(), before)

    @unittest.skipUnless(os.getuid() != 0 or shutil.which("setpriv"), "root may write everything")
    def test_not_writable(self):
        database = self.folder / "readonly" / "faces.db"
        database.parent.mkdir()
        with ServiceProcess(self.program, self.manager.socket_path, self.model_path(), self.configuration(database)) as service:
            wait_ready(service)
            self.assertEqual(self.add(self.client_of(service), "Ada", 1).status, 200)
        database.chmod(0o444)
        database.parent.chmod(0o555)
        self.addCleanup(database.parent.chmod, 0o755)
        powerless = ("setpriv", "--bounding-set", "-all", "--inh-caps", "-all") if os.getuid() == 0 else ()
        before = database.read_bytes()
        service = self.start(self.configuration(database), wrapper=powerless)
        client = self.client_of(service)
        answer = self.add(client, "Bob", 2)
        self.assertEqual(answer.status, 503, answer.body)
        self.assertIn("cannot be written by the service", answer.error())
        self.assertIn("readonly", service.log())
        self.assertEqual(self.who(client, 1), "Ada", "who is enrolled is known")
        self.assertEqual(database.read_bytes(), before)
        self.assertEqual(client.post_form({"image": coloured(1)}, "/v1/detect").json()["count"], 2)

    def test_locked_by_another_program(self):
        client = self.client_of(self.start(self.configuration(self.folder / "locked.db", timeout_ms=50)))
        self.assertEqual(self.add(client, "Ada", 1).status, 200)
        other = sqlite3.connect(self.folder / "locked.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        answer = self.add(client, "Bob", 2)
        self.assertEqual(answer.status, 503)
        self.assertIn("locked by another program", answer.error())
        self.assertEqual(answer.headers["Retry-After"], "1")
        self.assertEqual(self.who(client, 1), "Ada", "who asks does not wait for who writes")
        other.execute("ROLLBACK")
        other.close()
        self.assertEqual(self.add(client, "Bob", 2).status, 200)

    def test_full(self):
        config = self.configuration(self.folder / "full.db", max_size_mb=1)
        client = self.client_of(self.start(config))
        added = 0
        while (answer := self.add(client, f"{added:05}", added % 7)).status == 200:
            added += 1
        self.assertEqual(answer.status, 503)
        self.assertIn("no room left", answer.error())
        self.assertGreater(added, 300)
        self.assertEqual(self.names(client), [f"{number:05}" for number in range(added)])
        for number in range(20):
            self.assertEqual(client.post_json({"name": f"{number:05}"}, "/v1/database/remove").status, 200)
        self.assertEqual(self.add(client, "again", 1).status, 200)

    def test_not_enabled(self):
        client = self.client_of(self.start(self.configuration(self.folder / "none.db", enabled=False)))
        self.expect_trouble(client, "Database not enabled")
        self.assertFalse((self.folder / "none.db").exists())
        self.assertFalse(client.get("/health").json()["database_enabled"])


class Copies(FaceServiceTest):
    def command(self, *arguments, status=0):
        done = subprocess.run(program(*arguments, "--config", self.service.config, "--database", self.database),
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stderr

    def test_a_backup_of_a_running_service_is_restored_under_it(self):
        self.assertEqual(self.add(self.client, "Ada", 1).status, 200)
        backup = self.folder / "backup.db"
        self.command("backup", backup)
        self.assertIn("must not be there", self.command("backup", backup, status=1))
        self.assertEqual(self.client.post_json({"name": "Ada"}, "/v1/database/remove").status, 200)
        self.assertEqual(self.add(self.client, "Bob", 2).status, 200)
        self.command("restore", backup)
        self.assertEqual(self.names(self.client), ["Ada"])
        self.assertEqual(self.who(self.client, 1), "Ada")
        self.assertEqual(self.who(self.client, 2), "Unknown")
        self.assertEqual(oct(backup.stat().st_mode & 0o777), "0o600")

    def test_what_is_no_backup_changes_nothing(self):
        before = self.names(self.client)
        text = self.folder / "text"
        text.write_text("no database " * 500)
        self.assertIn("not a database", self.command("restore", text, status=1))
        self.command("restore", self.folder / "absent", status=1)
        self.assertEqual(self.names(self.client), before)
        self.assertIn("FILE [options]", self.command("restore", status=2))


del FaceServiceTest
if __name__ == "__main__":
    unittest.main()
