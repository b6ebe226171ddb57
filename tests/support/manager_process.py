"""Starts the real hailo-device-manager for a test, on a simulated device, in a folder of its own.

NPU_TEST_DEVICE says on which: sim (the default) or hailort, the HailoRT adapter on the fake HailoRT of
tests/fakes/hailort, which plays the same profiles with the same faults.
"""

import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile

from . import fake_hef

SOURCE = pathlib.Path(os.environ.get("NPU_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
BIN = pathlib.Path(os.environ.get("NPU_BUILD_DIR", SOURCE / "build" / "dev" / "bin"))
DEVICE = os.environ.get("NPU_TEST_DEVICE", "sim")
ADAPTERS = BIN.parent / "hailort-fake"
SLOW = 4 if os.environ.get("NPU_SANITIZE") else 1  # how much longer everything may take
START_TIMEOUT = 30.0 * SLOW
STOP_TIMEOUT = 30.0 * SLOW
_ACTIVATE = """
import os, sys
os.dup2(int(sys.argv[1]), 3, inheritable=True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[2], sys.argv[2:])
"""


class StartFailed(RuntimeError):
    """The manager ended instead of serving. `status` is its exit status, `output` what it said."""

    def __init__(self, status, output):
        super().__init__(f"the manager ended with status {status}: {output[-2000:]}")
        self.status = status
        self.output = output


class Program:
    """One that start() starts and close() ends; a context manager."""

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_):
        self.close()


class ManagerProcess(Program):
    """A running manager; a context manager.

    sim_profile: a built-in name or a file; a small model file is made in `model_dir` for every model
    that it names. arguments replace those of the same flag; env comes on top. `restart()` starts it again in its folder.
    device: as NPU_TEST_DEVICE.
    """

    def __init__(self, sim_profile="null", arguments=(), env=None, config=None, http="off",
                 device=DEVICE):
        self._scratch = tempfile.TemporaryDirectory(prefix="hailo-test-")
        self.folder = pathlib.Path(self._scratch.name)
        self.model_dir = self.folder / "models"
        self.model_dir.mkdir()
        self.socket_path = str(self.folder / "device.sock")
        self.faults_path = self.folder / "faults.yaml"
        self.log_path = self.folder / "log"
        self._process = None
        self._config = self.folder / "manager.yaml"
        self._config.write_text(config or "{}\n")
        self._profile = _profile_file(sim_profile)
        for name in model_names(self._profile.read_text()):
            self.add_model(f"{name}.hef")
        self._chip = self.folder / "chip"  # what the processes of a fake HailoRT share
        defaults = {"--config": self._config, **self._device_arguments(device), "--socket-path": self.socket_path, "--http": http,
                    "--model-dirs": self.model_dir, "--log-level": "debug"}
        self._arguments = [str(word) for flag, value in defaults.items() if flag not in arguments
                           for word in (flag, value)] + [str(word) for word in arguments]
        self._env = {key: value for key, value in os.environ.items() if not key.startswith("HAILO_")}
        self._env.update(HAILO_SIM_FAULTS=str(self.faults_path), HAILO_FAKE_PROFILE=str(self._profile),
                         HAILO_SIM_STATE=str(self._chip), HAILO_FAKE_TIME_SCALE="0.2")
        if device == "hailort":  # the fake library reads its own files
            self._env["HAILO_WORKER_ALSO_OPENS"] = f"{self.folder}:{self._profile}"
        self._env.update(env or {})

    def _device_arguments(self, device):
        if device == "hailort":
            return {"--device": "hailort", "--adapter-dir": ADAPTERS}
        return {"--device": device, "--sim-profile": self._profile}

    def add_model(self, name, size=64):
        """Makes a model file that every device takes; a large one takes no room on the disk."""
        return str(fake_hef.write(self.model_dir / name, size=size))

    def model(self, name):
        """The path of a model of the profile."""
        return str(self.model_dir / f"{name}.hef")

    def start(self, shim=()):
        """Returns when the manager says that it serves. Raises StartFailed if it ends before.

        shim: a command that becomes the one that follows it."""
        return self._run([*shim, str(BIN / "hailo-device-manager"), *self._arguments])

    def start_activated(self, listener):
        """The same with a listening socket passed as systemd does."""
        shim = [sys.executable, "-c", _ACTIVATE, str(listener.fileno())]
        return self._run([*shim, str(BIN / "hailo-device-manager"), *self._arguments], [listener.fileno()])

    def _run(self, command, pass_fds=()):
        self._chip.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            name = str(self.folder / "notify")
            notify.bind(name)
            try:
                with open(self.log_path, "ab") as log:
                    self._process = subprocess.Popen(
                        command, env={**self._env, "NOTIFY_SOCKET": name}, pass_fds=pass_fds,
                        stdin=subprocess.DEVNULL, stdout=log, stderr=log)
                self._await_ready(notify)
            finally:
                os.unlink(name)
        return self

    def _await_ready(self, notify):
        notify.settimeout(0.1)
        for _ in range(int(START_TIMEOUT / 0.1)):
            try:
                if b"READY=1" in notify.recv(4096):
                    return
            except TimeoutError:
                pass
            status = self._process.poll()
            if status is not None:
                raise StartFailed(status, self.log())
        self.kill()
        raise RuntimeError(f"the manager did not start in time: {self.log()[-2000:]}")

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    @property
    def pid(self):
        return self._process.pid

    def leave_no_descriptor(self):
        """Until one of those that it has now is closed."""
        used = max(int(fd.name) for fd in pathlib.Path(f"/proc/{self.pid}/fd").iterdir())
        _, hard = resource.prlimit(self.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(self.pid, resource.RLIMIT_NOFILE, (used + 1, hard))

    def signal(self, number):
        self._process.send_signal(number)

    def wait(self, timeout=STOP_TIMEOUT):
        """The exit status."""
        return self._process.wait(timeout)

    def stop(self):
        """SIGTERM, and the exit status."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def restart(self):
        self.stop()
        return self.start()

    def workers(self):
        """Process numbers of the living workers."""
        children = pathlib.Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [int(child) for child in children]

    def worker(self, lane):
        """Process number of the lane's worker, or None."""
        return next((pid for pid in self.workers() if lane_of(pid) == lane), None)

    def http_port(self):
        """With http="127.0.0.1:0": the port that it got."""
        return int(re.findall(r"HTTP status on \S+:(\d+)", self.log())[-1])

    def faults(self, text):
        """Replaces the faults of the simulated device: "faults: [{kind: hang, op: infer}]"."""
        fresh = self.faults_path.with_suffix(".new")
        fresh.write_text(text)
        fresh.replace(self.faults_path)

    def fired(self):
        """The faults that have happened: (kind, operation, model, id) each."""
        path = self.faults_path.with_name(self.faults_path.name + ".fired")
        lines = path.read_text().splitlines() if path.exists() else []
        return [tuple(line.split(" ")) for line in lines]

    def clear_fired(self):
        self.faults("faults: []\n")
        self.faults_path.with_name(self.faults_path.name + ".fired").unlink(missing_ok=True)

    def close(self):
        self.kill()
        self._scratch.cleanup()


def build():
    """The version of the programs under test."""
    command = [str(BIN / "hailo-device-manager"), "--version"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[-1]


def lane_of(pid):
    """The lane of a worker, or None for another process or one that has gone."""
    try:
        words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        return words[words.index(b"--lane") + 1].decode()
    except (OSError, ValueError):
        return None


def _profile_file(profile):
    path = pathlib.Path(profile)
    if path.suffix == ".yaml" or path.exists():
        return path.resolve()
    return SOURCE / "src" / "device" / "sim" / "profiles" / f"{profile}.yaml"


def model_names(text):
    """Names and aliases of the models of a profile, without a YAML library."""
    names = []
    inside = False
    for line in text.splitlines():
        if re.match(r"\S", line) and not line.startswith("#"):
            inside = line.startswith("models:")
        found = re.match(r"  ([\w.-]+):", line)
        if inside and found:
            names.append(found.group(1))
        aliases = re.match(r"    aliases: \[(.*)\]", line)
        if inside and aliases:
            names += [alias.strip() for alias in aliases.group(1).split(",")]
    return names
