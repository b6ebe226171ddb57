"""hailoctl migrate on roots with an installation of the Python project, whole ones and broken ones.

systemctl is a script in PATH that keeps what is enabled as links below the root, as the real one does with --root.
Our own programs judge the configuration that is written (--check-config).
"""

import fcntl
import json
import os
import pathlib
import pty
import re
import shutil
import sqlite3
import subprocess
import tempfile
import unittest

from support import python_project
from support.manager_process import BIN, SLOW, SOURCE
from support.service_client import Client
from support.service_process import ServiceProcess

SYSTEMCTL = """#!/bin/sh
echo "$@" >> "$FAKE_LOG"
case $1 in --root=*) root=${1#--root=}; shift ;; esac
verb=$1
for unit; do :; done
wants="$root/etc/systemd/system/multi-user.target.wants"
[ "$verb $unit" != "$FAKE_KILL" ] || kill -9 $PPID
case $verb in
  is-enabled) [ -L "$wants/$unit" ] ;;
  enable) mkdir -p "$wants"; [ -L "$wants/$unit" ] || ln -s "/etc/systemd/system/$unit" "$wants/$unit" ;;
  disable) rm -f "$wants/$unit" ;;
esac
"""
OURS = ("hailo-clip", "hailo-depth", "hailo-face", "hailo-ocr", "hailo-pose", "hailo-scrfd")
KEPT = "var/backups/hailo-migration"
FACES = "var/lib/hailo-face/faces.db"


class Migration(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.root = self.folder / "root"
        self.root.mkdir()
        self.log = self.folder / "calls"
        script = python_project.put(self.folder, "bin/systemctl", SYSTEMCTL, 0o755)
        self.env = {**os.environ, "PATH": f"{script.parent}:{os.environ['PATH']}", "FAKE_LOG": str(self.log)}

    def migrate(self, *arguments, status=0, shim=(), **env):
        done = subprocess.run([*shim, BIN / "hailoctl", "migrate", "--root", self.root, *arguments], text=True,
                              capture_output=True, timeout=60 * SLOW, env={**self.env, **env}, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def snapshot(self, *leave_out):
        return python_project.snapshot(self.root, leave_out)

    def yaml(self, name):
        return (self.root / "etc/hailo" / f"{name}.yaml").read_text()

    def check_configuration(self, name):
        """By the program that is to read it."""
        file = self.root / "etc/hailo" / f"{name}.yaml"
        program = "hailo-device-manager" if name == "manager" else name
        done = subprocess.run([BIN / program, "--config", file, "--check-config"], text=True, capture_output=True,
                              timeout=60 * SLOW, env={"PATH": self.env["PATH"]})
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)


class Whole(Migration):
    def setUp(self):
        super().setUp()
        python_project.install(self.root)

    def test_without_yes_it_says_what_it_would_do_and_changes_nothing(self):
        before = self.snapshot()
        said = self.migrate()
        self.assertEqual(self.snapshot(), before)
        for line in ("Nothing was changed", "sudo hailoctl migrate --yes", "server.port: 12440",
                     "move /var/lib/hailo-pose/resources/models/hailo10h/yolov8s_pose.hef to "
                     "/var/lib/hailo/models/yolov8s_pose.hef",
                     "HAILO_DEVICE_SOCKET_GROUP (hailo)", "Open to the whole network until now: hailo-clip"):
            self.assertIn(line, said)
        for name in ("hailo-florence", "hailo-ollama", "hailo-web-portal"):
            self.assertRegex(said, f"{name}: has no successor: .* It is stopped and disabled")
        for name in ("hailo-vision", "hailo-whisper", "hailo-piper"):
            self.assertRegex(said, f"{name}: has no successor yet: .* goes on")
        plan = json.loads(self.migrate("--json"))
        self.assertEqual({at["service"] for at in plan["services"]},
                         {"hailo-device-manager", *python_project.SERVICES})

    def test_yes_takes_all_of_it_over(self):
        models = {path: (self.root / path).read_bytes() for path in python_project.MODELS}
        self.migrate("--yes")
        for name in (*OURS, "manager"):
            with self.subTest(name):
                self.check_configuration(name)
        for name in OURS:
            self.assertRegex(self.yaml(name), r"\n  host: 127\.0\.0\.1\n")
            self.assertIn(f"  port: {python_project.CONFIGS[name]['server']['port']}\n", self.yaml(name))
            self.assertFalse((self.root / f"etc/systemd/system/{name}.service").exists())
        self.assertIn("colormap: turbo", self.yaml("hailo-depth"))
        self.assertIn("recognition_threshold: 0.55", self.yaml("hailo-face"))
        self.assertIn("  model: scrfd_2.5g\n", self.yaml("hailo-scrfd"))
        self.assertIn("message_bytes: 8388608", self.yaml("manager"))
        for path, content in models.items():
            service = path.split("/")[2]
            new = self.root / "var/lib/hailo/models" / pathlib.Path(path).name
            if service in OURS:
                self.assertEqual(new.read_bytes(), content)
                self.assertEqual(new.stat().st_mode & 0o7777, 0o644)
                self.assertEqual(new.stat().st_uid, os.geteuid())  # root, where root runs this
            else:  # of services that go on, and of hailo-apps
                self.assertEqual((self.root / path).read_bytes(), content)
        enabled = {link.name for link in (self.root / "etc/systemd/system/multi-user.target.wants").iterdir()}
        self.assertEqual(enabled, {f"{name}.service" for name in (
            "hailo-device-manager", "hailo-vision", "hailo-whisper", "hailo-piper", *OURS)})
        self.assertIn("SupplementaryGroups=hailo\n",
                      (self.root / "etc/systemd/system/hailo-vision.service.d/10-hardening.conf").read_text())
        self.assertEqual((self.root / KEPT).stat().st_mode & 0o7777, 0o700)

    def test_twice_changes_nothing(self):
        self.migrate("--yes")
        before = self.snapshot()
        self.assertIn("There is nothing left to do", self.migrate("--yes"))
        self.assertEqual(self.snapshot(), before)
        self.assertIn("was migrated already", self.migrate())

    def test_undo_brings_all_of_it_back(self):
        before = self.snapshot(FACES)
        self.migrate("--yes")
        self.migrate("--undo")
        left = f"{KEPT}/{FACES}.since-migration"
        folders = {str(path) for path in pathlib.Path(left).parents if str(path) != "."}
        new = {"var/lib/hailo", "var/lib/hailo/models", "var/backups"}
        self.assertEqual(self.snapshot(FACES, left, *folders, *new),
                         {path: is_ for path, is_ in before.items() if path not in folders})
        self.assertEqual(python_project.people(self.root / FACES), ["Ada Lovelace", "Grace Hopper"])
        self.assertIn("nothing to undo", self.migrate("--undo"))

    def test_after_undo_drop_ins_of_the_packages_are_not_for_the_old_units(self):
        ours = self.root / "usr/lib/systemd/system"
        shutil.copytree(SOURCE / "packaging/systemd", ours, dirs_exist_ok=True)
        self.migrate("--yes")
        self.migrate("--undo")
        for name in ("hailo-device-manager", *python_project.SERVICES):
            shadowed = {path.name for folder in ("hailo-", name) for path in ours.glob(f"{folder}.service.d/*.conf")}
            self.assertIn("10-hardening.conf", shadowed)
            for drop_in in shadowed:
                text = (self.root / f"etc/systemd/system/{name}.service.d" / drop_in).read_text()
                self.assertRegex(text, "^#[^\n]*\n$")
        self.migrate("--yes")
        for name in OURS:
            self.assertFalse((self.root / f"etc/systemd/system/{name}.service.d/10-hardening.conf").exists(), name)
        for name in ("hailo-vision", "hailo-whisper"):
            self.assertIn("SupplementaryGroups=hailo\n",
                          (self.root / f"etc/systemd/system/{name}.service.d/10-hardening.conf").read_text(), name)

    def test_of_another_root_no_unit_is_stopped_or_started(self):
        self.migrate("--yes")
        self.migrate("--undo")
        verbs = set()
        for line in self.log.read_text().splitlines():
            root, verb, *_ = line.split()
            self.assertEqual(root, f"--root={self.root}")
            verbs.add(verb)
            self.assertNotIn("--now", line)
        self.assertEqual(verbs, {"is-enabled", "enable", "disable"})

    def test_bind_keep_leaves_open_what_was(self):
        self.migrate("--yes", "--bind", "keep")
        for name in OURS:
            self.assertRegex(self.yaml(name), r"\n  host: 0\.0\.0\.0\n")

    def test_on_a_terminal_it_asks_and_anything_but_yes_closes_what_was_open(self):
        for answer, host in (("y", "0.0.0.0"), ("", "127.0.0.1"), ("maybe", "127.0.0.1")):
            with self.subTest(answer):
                ours, theirs = pty.openpty()
                with os.fdopen(ours, "wb", buffering=0) as terminal, os.fdopen(theirs, "rb") as stdin:
                    terminal.write(answer.encode() + b"\n")
                    done = subprocess.run([BIN / "hailoctl", "migrate", "--root", self.root, "--yes"], stdin=stdin,
                                          capture_output=True, text=True, timeout=60 * SLOW, env=self.env)
                self.assertIn("Leave them open? [y/N]", done.stdout)
                self.assertIn(f"  host: {host}\n", self.yaml("hailo-depth"))
                self.migrate("--undo")

    def test_killed_anywhere_it_is_gone_on_with_or_taken_back(self):
        self.migrate("--yes")
        whole = self.snapshot(f"{KEPT}/journal", FACES)
        self.migrate("--undo")
        shutil.rmtree(self.root / "var/backups")
        before = self.snapshot(FACES)
        for call in ("disable hailo-web-portal.service", "disable hailo-device-manager.service",
                     "enable hailo-device-manager.service", "enable hailo-whisper.service"):
            with self.subTest(call):
                self.migrate("--yes", status=-9, FAKE_KILL=call)
                self.migrate("--yes")
                self.assertEqual(self.snapshot(f"{KEPT}/journal", FACES), whole)
                self.migrate("--undo")
                shutil.rmtree(self.root / "var/backups")
                self.assertEqual(self.snapshot(FACES), before)
                self.migrate("--yes", status=-9, FAKE_KILL=call)
                self.migrate("--undo")
                shutil.rmtree(self.root / "var/backups", ignore_errors=True)
                self.assertEqual(self.snapshot(FACES), before)

    def test_a_service_whose_package_comes_later_is_migrated_then(self):
        unit = self.root / "usr/lib/systemd/system/hailo-pose.service"
        later = unit.read_text()
        unit.unlink()
        self.assertIn("the package hailo-pose is not installed", self.migrate("--yes"))
        self.assertTrue((self.root / "etc/systemd/system/hailo-pose.service").exists())
        self.assertTrue((self.root / "etc/systemd/system/hailo-pose.service.d/10-hardening.conf").exists())
        unit.write_text(later)
        self.migrate("--yes")
        self.check_configuration("hailo-pose")
        self.assertFalse((self.root / "etc/systemd/system/hailo-pose.service").exists())
        self.assertFalse((self.root / "etc/systemd/system/hailo-pose.service.d/10-hardening.conf").exists())

    @unittest.skipIf(os.geteuid() == 0, "this is root")
    def test_root_is_needed_for_the_machine_itself(self):
        done = subprocess.run([BIN / "hailoctl", "migrate", "--yes"], capture_output=True, text=True, env=self.env)
        self.assertEqual(done.returncode, 1)
        self.assertIn("root is needed", done.stderr)


@unittest.skipIf(shutil.which("systemctl") is None, "there is no systemctl")
class WithSystemctl(Migration):
    """The real one, which does without a running systemd what is of another root."""

    def setUp(self):
        super().setUp()
        python_project.install(self.root)
        self.env["PATH"] = os.environ["PATH"]

    def links(self):
        wants = self.root / "etc/systemd/system/multi-user.target.wants"
        return {link.name.removesuffix(".service"): os.readlink(link) for link in wants.iterdir()}

    def test_what_is_enabled_is_ours_then_and_theirs_after_undo(self):
        before = self.links()
        self.migrate("--yes")
        after = self.links()
        for name in ("hailo-device-manager", *OURS):
            self.assertEqual(after.pop(name), f"/usr/lib/systemd/system/{name}.service")
        self.assertEqual(after, {name: before[name] for name in ("hailo-piper", "hailo-vision", "hailo-whisper")})
        self.migrate("--undo")
        self.assertEqual(self.links(), before)


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


class Broken(Migration):
    """Each is migrated as far as it goes, says what is wrong, and can be undone."""

    def setUp(self):
        super().setUp()
        python_project.install(self.root)
        self.outside = self.folder / "outside"
        self.outside.mkdir()

    def migrate_and_back(self, *expected):
        before = self.snapshot(FACES)
        outside = python_project.snapshot(self.outside)
        said = self.migrate("--yes")
        for text in expected:
            self.assertRegex(said, text)
        self.assertEqual(python_project.snapshot(self.outside), outside)
        state = self.snapshot()
        self.assertIn("nothing left to do", self.migrate("--yes"))
        self.assertEqual(self.snapshot(), state)
        self.migrate("--undo")
        self.assertEqual(python_project.snapshot(self.outside), outside)
        shutil.rmtree(self.root / "var/backups")
        new = ("var/lib/hailo", "var/lib/hailo/models", "var/backups")
        self.assertEqual(self.snapshot(FACES, *new), before)
        return said

    def test_units_are_missing(self):
        for name in ("hailo-depth", "hailo-device-manager", "hailo-florence"):
            (self.root / f"etc/systemd/system/{name}.service").unlink()
        self.migrate_and_back("hailo-florence: has no successor")

    def test_configuration_that_cannot_be_read(self):
        put = python_project.put
        put(self.root, "etc/xdg/hailo-depth/hailo-depth.json", "{broken")
        put(self.root, "etc/hailo/hailo-clip.yaml", "a: [1, 2\nb")
        put(self.root, "etc/hailo/hailo-scrfd.yaml", "x" * 100_000)
        (self.root / "etc/xdg/hailo-pose/hailo-pose.json").write_bytes(b"\xff\xfe\x00\x01")
        (self.root / "etc/hailo/hailo-pose.yaml").write_bytes(b"\0" * 100)
        said = self.migrate_and_back("hailo-depth.json cannot be used", "hailo-clip.yaml cannot be used",
                                     "hailo-scrfd.yaml has over 65536 bytes", "the defaults are used")
        self.assertIn("taken over from /etc/hailo/hailo-depth.yaml", self.taken_over("hailo-depth"), said)

    def taken_over(self, name):
        self.migrate("--yes")
        text = self.yaml(name)
        self.check_configuration(name)
        self.migrate("--undo")
        return text

    def test_configuration_that_was_changed_and_not_rendered_is_said(self):
        file = self.root / "etc/hailo/hailo-depth.yaml"
        file.write_text(file.read_text().replace("11439", "12000"))
        self.assertIn("the service ran without it: server.port", self.migrate())
        self.assertIn("port: 11439", self.taken_over("hailo-depth"))

    def test_configuration_that_apt_has_replaced_is_read_where_apt_has_put_it(self):
        file = self.root / "etc/hailo/hailo-clip.yaml"
        file.write_text(file.read_text().replace("5000", "5999"))
        file.rename(f"{file}.dpkg-old")
        shutil.copy(SOURCE / "packaging/etc/hailo-clip.yaml", file)
        self.assertIn("port: 5999", self.taken_over("hailo-clip"))

    def test_files_that_are_folders_and_folders_that_are_files(self):
        for path in ("etc/xdg/hailo-depth/hailo-depth.json", "etc/hailo/hailo-pose.yaml",
                     "etc/xdg/hailo-pose/hailo-pose.json", FACES):
            (self.root / path).unlink()
            (self.root / path).mkdir()
        model = self.root / "var/lib/hailo-depth/resources/models/scdepthv3.hef"
        model.unlink()
        model.mkdir()
        shutil.rmtree(self.root / "var/lib/hailo-ocr")
        python_project.put(self.root, "var/lib/hailo-ocr", "a file")
        self.migrate_and_back("hailo-depth.json is no file", "hailo-pose.yaml is no file: no configuration is written",
                              "faces.db is no file of its own")

    def test_links_lead_nowhere(self):
        models = self.root / "var/lib/hailo-depth/resources/models"
        shadow = python_project.put(self.outside, "shadow", "secret", 0o600)
        shutil.rmtree(self.root / "var/lib/hailo-pose/resources")
        (self.root / "var/lib/hailo-pose/resources").symlink_to(self.outside)
        (models / "dangling.hef").symlink_to("/nowhere")
        (models / "shadow.hef").symlink_to(shadow)
        os.link(shadow, models / "hard.hef")
        python_project.put(self.outside, "evil.yaml", "server: {port: 1}")
        (self.root / "etc/hailo/hailo-clip.yaml").unlink()
        (self.root / "etc/hailo/hailo-clip.yaml").symlink_to(self.outside / "evil.yaml")
        (self.root / "etc/xdg/hailo-ocr/hailo-ocr.json").unlink()
        (self.root / "etc/xdg/hailo-ocr/hailo-ocr.json").symlink_to("loop")
        self.migrate_and_back("dangling.hef stays where it is: it is a link", "shadow.hef stays where it is: it is a link",
                              "hard.hef stays where it is: it is the same file as another", "hailo-clip.yaml cannot be used")

    def test_a_folder_of_configuration_that_leads_out_stops_it_before_it_writes_there(self):
        shutil.move(self.root / "etc/hailo", self.outside / "hailo")
        (self.root / "etc/hailo").symlink_to(self.outside / "hailo")
        before = python_project.snapshot(self.outside)
        said = self.migrate("--yes", status=1)
        self.assertIn("a link or a file is on the way", said)
        self.assertEqual(python_project.snapshot(self.outside), before)
        self.migrate("--undo")

    def test_names_with_control_characters_are_shown_and_not_obeyed(self):
        models = self.root / "var/lib/hailo-depth/resources/models"
        for name in ("new\nline.hef", "\x1b[2J.hef", "sp ace.hef", "ümlaut.onnx", "-rf.hef", ".hidden.hef"):
            python_project.put(models, name, "x")
        said = self.migrate_and_back(r"new\\x0aline.hef stays where it is: no model is called so")
        self.assertNotIn("\x1b", said)
        self.assertNotRegex(said, r"\nline\.hef")

    def test_two_models_of_one_name(self):
        python_project.put(self.root, "var/lib/hailo-depth/resources/models/hailo8/scdepthv3.hef", "another")
        python_project.put(self.root, "var/lib/hailo/models/yolov8s_pose.hef", "was here")
        before = self.snapshot(FACES)
        said = self.migrate("--yes")
        self.assertEqual(len(re.findall("stays where it is: there is a /var/lib/hailo/models/", said)), 2)
        self.assertEqual((self.root / "var/lib/hailo/models/yolov8s_pose.hef").read_text(), "was here")
        self.migrate("--undo")
        shutil.rmtree(self.root / "var/backups")
        self.assertEqual(self.snapshot(FACES, "var/backups"), before)

    def test_somebodys_own_unit_is_left_alone(self):
        python_project.put(self.root, "etc/systemd/system/hailo-depth.service", "[Service]\nExecStart=/home/me/depth\n")
        self.migrate_and_back("hailo-depth.service is not the Python project's: it is left alone")

    def test_without_our_packages_it_says_which_is_missing(self):
        (self.root / "usr/lib/systemd/system/hailo-device-manager.service").unlink()
        self.assertIn("the package hailo-device-manager is not installed", self.migrate("--yes", status=1))

    def test_two_at_once(self):
        lock = os.open(self.root, os.O_RDONLY)
        self.addCleanup(os.close, lock)
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = self.snapshot()
        self.assertIn("another migration is at work", self.migrate("--yes", status=1))
        self.assertIn("another migration is at work", self.migrate("--undo", status=1))
        self.assertEqual(self.snapshot(), before)

    def test_no_installation_at_all(self):
        shutil.rmtree(self.root)
        self.root.mkdir()
        self.assertIn("there is nothing to migrate", self.migrate("--yes"))
        self.assertIn("nothing to undo", self.migrate("--undo"))

    def test_a_journal_that_cannot_be_understood_stops_everything(self):
        python_project.put(self.root, f"{KEPT}/journal", "not a journal\n")
        before = self.snapshot()
        for what in ("--yes", "--undo"):
            self.assertIn("line 1 of /var/backups/hailo-migration/journal cannot be understood",
                          self.migrate(what, status=1))
        self.assertEqual(self.snapshot(), before)


class OwnMounts(Migration):
    """On file systems of their own, in a mount namespace of their own."""

    FULL = """set -e
mount -t tmpfs -o size=4m none "$ROOT"
cp -a "$FROM/." "$ROOT"
set +e
cat /dev/zero > "$ROOT/filler"
truncate -s "-${ROOM}k" "$ROOT/filler"
"$@" > "$OUT" 2>&1
echo $? >> "$OUT"
rm -f "$ROOT/filler"
"$@" >> "$OUT" 2>&1
echo $? >> "$OUT"
rm -rf "$RESULT"
cp -a "$ROOT" "$RESULT"
"""
    OTHERS = """set -e
cp -a "$FROM/." "$ROOT"
mkdir -p "$ROOT/var/lib/hailo/models" "$ROOT/var/backups"
mount -t tmpfs none "$ROOT/var/lib/hailo/models"
mount -t tmpfs none "$ROOT/var/backups"
"$@" --yes
cp -a "$ROOT" "$RESULT"
"$@" --undo
cp -a "$ROOT" "$RESULT.undone"
"""

    def setUp(self):
        super().setUp()
        probe = subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "none", self.root], capture_output=True)
        if probe.returncode:
            self.skipTest("no namespaces here: " + probe.stderr.decode())
        self.source = self.folder / "source"
        self.source.mkdir()
        self.result = self.folder / "result"
        self.out = self.folder / "out"
        python_project.install(self.source, ("hailo-depth", "hailo-face"))
        # The one user that there is.
        python_project.put(self.source, "etc/passwd", "hailo-face:x:0:0::/var/lib/hailo-face:/bin/false\n")

    def run_there(self, script, *arguments, **env):
        env |= {"ROOT": str(self.root), "FROM": str(self.source), "OUT": str(self.out), "RESULT": str(self.result)}
        done = subprocess.run(["unshare", "-rm", "sh", "-c", script, "sh", BIN / "hailoctl", "migrate", "--root", self.root,
                               *arguments], env={**self.env, **env}, capture_output=True, text=True, timeout=60 * SLOW)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_full_disk_stops_it_and_room_lets_it_go_on(self):
        for room in (4, 12, 24):  # it ends at another step each time
            with self.subTest(room=room):
                self.run_there(self.FULL, "--yes", ROOM=str(room))
                said = self.out.read_text()
                self.assertRegex(said, "No space left on device|database or disk is full")
                self.assertIn("goes on", said)
                self.assertTrue(said.rstrip().endswith("\n0"), said)
                self.assertEqual(python_project.people(self.result / FACES), ["Ada Lovelace", "Grace Hopper"])
                self.assertTrue((self.result / "var/lib/hailo/models/scdepthv3.hef").exists())
                self.assertIn("port: 11439", (self.result / "etc/hailo/hailo-depth.yaml").read_text())

    def test_what_goes_to_other_file_systems_is_copied_and_comes_back(self):
        old, new = "var/lib/hailo-depth/resources/models/scdepthv3.hef", "var/lib/hailo/models/scdepthv3.hef"
        before = python_project.snapshot(self.source)
        self.run_there(self.OTHERS)
        there = python_project.snapshot(self.result)
        self.assertEqual(there[new][3], before[old][3])
        self.assertEqual(there[new][0], "0o100644")
        self.assertNotIn(old, there)
        self.assertEqual(there[f"{KEPT}/etc/hailo/hailo-depth.yaml"], before["etc/hailo/hailo-depth.yaml"])
        after = python_project.snapshot(self.result.with_suffix(".undone"))
        self.assertEqual({path: after.get(path) for path in before if path != FACES},
                         {path: is_ for path, is_ in before.items() if path != FACES})
        self.assertEqual(python_project.people(self.result.with_suffix(".undone") / FACES),
                         ["Ada Lovelace", "Grace Hopper"])
        self.assertNotIn(new, after)


if __name__ == "__main__":
    unittest.main()
