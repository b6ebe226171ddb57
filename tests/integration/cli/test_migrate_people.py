"""hailoctl migrate and the people whom hailo-face knows."""

import json
import os
import sqlite3
import subprocess
import unittest

from migrate_fixture import FACES, Migration
from support import python_project
from support.service_client import Client
from support.service_process import ServiceProcess


class People(Migration):
    def setUp(self):
        super().setUp()
        python_project.install(self.root, ("hailo-face",))
        self.database = self.root / FACES

    def test_hailo_face_knows_their_names_and_compares_nobody_with_made_up_embeddings(self):
        said = self.migrate("--yes")
        self.assertIn("2 people with 2 embeddings", said)
        self.assertIn("made its embeddings up", said)
        self.assertEqual(self.database.stat().st_mode & 0o7777, 0o600)
        with ServiceProcess("hailo-face", self.folder / "no.sock",
                            arguments=("--database", str(self.database))) as service:
            client = Client(service.port)
            self.addCleanup(client.close)
            listed = client.get("/v1/database/list").json()
        self.assertEqual([(at["name"], at["embedding_count"], at["embeddings_of_model"])
                          for at in listed["identities"]], [("Ada Lovelace", 1, 0), ("Grace Hopper", 1, 0)])

    def test_a_live_database_is_whole_with_what_is_still_in_its_log(self):
        live = sqlite3.connect(self.database)
        self.addCleanup(live.close)
        live.execute("PRAGMA journal_mode = WAL")
        live.execute("PRAGMA wal_autocheckpoint = 0")
        live.execute("INSERT INTO identities (name) VALUES ('In the log')")
        live.commit()
        self.assertGreater((self.root / (FACES + "-wal")).stat().st_size, 0)
        self.migrate("--yes")
        self.assertIn("In the log", python_project.people(self.database))

    def test_what_a_crash_left_half_done_is_rolled_back(self):
        writer = subprocess.run(["/usr/bin/python3", "-c", f"""
import os, sqlite3
db = sqlite3.connect({str(self.database)!r}, isolation_level=None)
db.execute("PRAGMA cache_size = 1")
db.execute("BEGIN")
db.execute("DELETE FROM identities")
db.executemany("INSERT INTO identities (name) VALUES (?)", [("half %d " % n + "x" * 200,) for n in range(2000)])
os._exit(0)"""], check=False)
        self.assertEqual(writer.returncode, 0)
        self.assertTrue((self.root / (FACES + "-journal")).exists())
        self.migrate("--yes")
        self.assertEqual(python_project.people(self.database), ["Ada Lovelace", "Grace Hopper"])

    def test_one_in_another_place_is_copied_to_ours(self):
        (self.root / "srv").mkdir()
        self.database.rename(self.root / "srv/people.db")
        config = {**python_project.CONFIGS["hailo-face"], "database": {"db_file": "/srv/people.db"}}
        python_project.put(self.root, "etc/hailo/hailo-face.yaml", json.dumps(config))
        self.migrate("--yes")
        self.assertEqual(python_project.people(self.database), ["Ada Lovelace", "Grace Hopper"])
        self.migrate("--undo")
        self.assertEqual(python_project.people(self.root / "srv/people.db"), ["Ada Lovelace", "Grace Hopper"])
        self.assertFalse(self.database.exists())

    def test_a_damaged_one_is_left_as_it_is_and_said(self):
        for damage in (b"no database at all, but long enough to be one " * 100, b"",
                       self.database.read_bytes()[:4096] + os.urandom(8192)):
            with self.subTest(damage[:16]):
                self.database.write_bytes(damage)
                said = self.migrate("--yes")
                self.assertRegex(said, "it is (damaged|left)|file is not a database|no tables of people")
                self.assertEqual(self.database.read_bytes(), damage)
                self.check_configuration("hailo-face")
                self.migrate("--undo")
                self.assertEqual(self.database.read_bytes(), damage)

    def test_a_link_in_its_place_is_not_followed(self):
        secret = self.folder / "secret.db"
        python_project.enrol(secret, "Somebody else's").close()
        self.database.unlink()
        self.database.symlink_to(secret)
        self.assertIn("no file of its own: nobody is taken over", self.migrate("--yes"))
        self.assertTrue(self.database.is_symlink())

if __name__ == "__main__":
    unittest.main()
