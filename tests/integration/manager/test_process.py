"""The manager as a process: starting, stopping, its workers, its socket, its HTTP endpoints."""

import array
import contextlib
import fcntl
import http.client
import json
import os
import pathlib
import re
import select
import signal
import socket
import stat
import subprocess
import tempfile
import termios
import unittest

from fixture import CANNOT_START, PROFILE, ManagerTest, infer, load, manager
from support.manager_process import BIN, SLOW, STOP_TIMEOUT, ManagerProcess, StartFailed
from support.patience import Patience
from support.wire import Memory, Wire


def unread_by_peer(sock):
    """Bytes that were sent and that the other end has not received yet."""
    count = array.array("i", [0])
    fcntl.ioctl(sock, termios.TIOCOUTQ, count)
    return count[0]


class Stopping(unittest.TestCase):
    def test_connected_clients_do_not_delay_the_stop(self):
        with manager(arguments=["--drain-timeout", "600"]) as running:
            clients = [Wire(running.socket_path) for _ in range(5)]
            clients[0].send_raw(b"\x00\x00\x00\x50{")  # in the middle of a frame
            self.assertEqual(running.stop(), 0)
            for client in clients:
                self.assertTrue(client.closed())
                client.close()
            self.assertFalse(os.path.exists(running.socket_path))

    def test_running_work_is_answered_before_the_end(self):
        with manager(arguments=["--drain-timeout", "600"]) as running, Wire(running.socket_path) as client:
            client.call(load(running.model("brief")))
            client.send(infer(running.model("brief"), 1))
            with Wire(running.socket_path) as other:
                while other.call({"action": "ping"})["queue_depth"] < 2:
                    pass
            running.signal(signal.SIGTERM)
            self.assertEqual(client.receive()["status"], "ok")
            self.assertEqual(running.wait(), 0)

    def test_refusals_that_are_kept_back_are_said_before_the_end(self):
        quick, in_flight, most_regions = 128, 64, 64
        register = {"action": "shm_register", "size": 4096}
        with manager(arguments=["--drain-timeout", "600"]) as running, Memory(4096) as memory:
            with Wire(running.socket_path, ["shm", "pipeline"]) as client:
                for _ in range(most_regions):
                    self.assertEqual(client.call(register, fds=[memory.fd])["status"], "ok")
                for number in range(quick + in_flight):
                    client.send({**register, "request_id": number}, fds=[memory.fd])
                for number in range(quick + 1):
                    self.assertEqual(client.receive()["request_id"], number)
                while unread_by_peer(client.socket):
                    pass
                with Wire(running.socket_path) as other:  # connections have turns: in these all that was read is handled
                    for _ in range(in_flight):
                        other.call({"action": "ping"})
                running.signal(signal.SIGTERM)
                for number in range(quick + 1, quick + in_flight):
                    self.assertEqual((client.receive() or {}).get("code"), "quota_exceeded", number)
            self.assertEqual(running.wait(), 0)

    def test_work_that_does_not_end_is_given_up(self):
        with manager(arguments=["--drain-timeout", "0"]) as running, Wire(running.socket_path) as client:
            client.send(infer(running.model("endless"), 1))
            with Wire(running.socket_path) as other:
                while other.call({"action": "ping"})["queue_depth"] < 2:
                    pass
            self.assertEqual(running.stop(), 0)

    def test_a_second_signal_ends_it_at_once(self):
        with manager(arguments=["--drain-timeout", "600"]) as running, Wire(running.socket_path) as client:
            client.send(infer(running.model("endless"), 1))
            with Wire(running.socket_path) as other:
                while other.call({"action": "ping"})["queue_depth"] < 2:
                    pass
            running.signal(signal.SIGTERM)
            await_no_listener(running.socket_path)
            running.signal(signal.SIGINT)
            running.wait()


def await_no_listener(path):
    """Returns when nobody listens any more: the first signal was handled."""
    while True:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            try:
                probe.connect(path)
            except OSError:
                return


class Starting(unittest.TestCase):
    def fails(self, text, **how):
        with self.assertRaises(StartFailed) as caught:
            with manager(**how):
                pass
        self.assertEqual(caught.exception.status, 1)
        self.assertIn(text, caught.exception.output)

    def test_a_start_that_fails_half_way_ends_with_one_message(self):
        self.fails("worker program", arguments=["--worker", "/nonexistent"])
        self.fails("exited with status", arguments=["--worker", "/bin/false"])
        text, arguments = CANNOT_START
        self.fails(text, arguments=arguments)

    def test_a_wrong_configuration_is_named(self):
        self.fails("octal", arguments=["--socket-mode", "rw-rw----"])
        self.fails("octal", config="socket: {mode: rw-rw----}\n")
        self.fails("connections", config="limits: {connections: many}\n")

    def test_a_socket_that_cannot_be_made(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "file"
            path.write_text("precious")
            self.fails("not a socket", arguments=["--socket-path", str(path)])
            self.assertEqual(path.read_text(), "precious")

    def test_a_second_manager_leaves_the_first_alone(self):
        with manager() as first:
            self.fails("already serving", arguments=["--socket-path", first.socket_path])
            with Wire(first.socket_path) as client:
                self.assertEqual(client.call({"action": "ping"})["status"], "ok")

    def test_a_stale_socket_is_replaced(self):
        with manager() as running:
            running.kill()
            self.assertTrue(os.path.exists(running.socket_path))
            running.start()
            with Wire(running.socket_path) as client:
                self.assertEqual(client.call({"action": "ping"})["status"], "ok")

    def test_the_mode_is_octal(self):
        for text, mode in (("0660", 0o660), ("600", 0o600), ("0o666", 0o666), ("0x1b0", 0o660)):
            with manager(env={"HAILO_DEVICE_SOCKET_MODE": text}) as running:
                self.assertEqual(stat.S_IMODE(os.stat(running.socket_path).st_mode), mode, text)

    def test_variables_that_mean_nothing_are_warned_of(self):
        odd = {"HAILO_DEVICE_SOCKET_MODE": "rw-rw----", "HAILO_DEVICE_MAX_MESSAGE_BYTES": "8M", "HAILO_LOG_LEVEL": ""}
        with manager(env=odd, http="localhost:http") as running, Wire(running.socket_path) as client:
            self.assertEqual(client.call({"action": "ping"})["status"], "ok")
            self.assertEqual(stat.S_IMODE(os.stat(running.socket_path).st_mode), 0o660)
            for name in odd:
                self.assertIn(f"{name} is ignored: ", running.log())
            self.assertIn("no HTTP status: http.bind must be", running.log())

    def test_activation_through_an_inherited_socket(self):
        with manager() as running:
            running.stop()
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
                listener.bind(running.socket_path)
                listener.listen()
                running.start_activated(listener)
                with Wire(running.socket_path) as client:
                    self.assertEqual(client.call({"action": "ping"})["status"], "ok")
                self.assertEqual(running.stop(), 0)
                self.assertTrue(os.path.exists(running.socket_path))


class Supervised(unittest.TestCase):
    """What systemd is told."""

    def test_ready_watchdog_and_stopping(self):
        with manager() as running, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            running.stop()
            name = str(running.folder / "systemd")
            notify.bind(name)
            notify.settimeout(30 * SLOW)
            with open(running.folder / "own log", "wb") as log:
                process = subprocess.Popen([str(BIN / "hailo-device-manager"), *running._arguments], stdout=log,
                                           stderr=log, env={**running._env, "NOTIFY_SOCKET": name})
            try:
                def told():
                    return notify.recv(4096).decode().splitlines()
                said = told()
                self.assertEqual(said[0], "READY=1")
                self.assertRegex(said[1], f"^STATUS=serving {re.escape(running.socket_path)} on .+")
                self.assertEqual(told(), ["WATCHDOG=1"])
                process.terminate()
                while (said := told()) == ["WATCHDOG=1"]:
                    pass
                self.assertEqual(said[0], "STOPPING=1")
                self.assertEqual(process.wait(STOP_TIMEOUT), 0)
            finally:
                process.kill()
                process.wait()


class Workers(ManagerTest):
    def test_a_killed_worker_loses_nothing(self):
        client = self.wire(["pipeline"])
        client.call(load(self.model("tiny"), request_id="load"))
        first = self.manager.workers()
        for request_id in range(60):
            client.send(infer(self.model("brief" if request_id % 30 == 10 else "tiny"), request_id))
        client.receive()
        for pid in first:
            os.kill(pid, signal.SIGKILL)
        for _ in range(59):
            self.assertOk(client.receive())
        self.assertNotEqual(self.manager.workers(), first)
        self.assertIn("tiny", self.loaded())


    def test_they_inherit_no_socket_of_the_manager(self):
        client = self.wire()
        self.assertOk(client.call(infer(self.model("whisper"), model_type="whisper", data={"audio": [0.0]})))
        speech = self.sockets(self.manager.worker("speech"))
        self.assertTrue(speech, "its link")
        self.assertFalse(speech & self.sockets(self.manager.pid))

    def sockets(self, pid):
        found = set()
        for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # closed meanwhile
                found.add(os.readlink(entry))
        return {name for name in found if name.startswith("socket:")}


class WorkersThatHang(ManagerTest):
    how = {"config": f"policy: {{infer_timeout: {2 * SLOW}, quarantine: 0}}\n"}

    def test_a_stuck_worker_is_replaced_and_its_request_is_not_done_again(self):
        client = self.wire([])
        client.call(load(self.model("tiny")))
        before = self.manager.workers()
        self.manager.faults("faults: [{kind: hang, op: infer, model: tiny, times: 1}]\n")
        self.assertEqual(client.call(infer(self.model("tiny")))["code"], "deadline_exceeded")
        self.assertFalse(set(before) & set(self.manager.workers()))
        self.assertOk(client.call(infer(self.model("tiny"))))

    def test_memory_for_a_result_is_given_back_only_when_no_worker_can_write_to_it(self):
        client = self.wire(["shm", "pipeline", "cancel"])
        with Memory(4096) as memory:
            client.call({"action": "shm_register", "size": 4096, "request_id": 0}, fds=[memory.fd])
            client.call(load(self.model("tiny"), request_id=1))
            before = self.manager.workers()
            self.manager.clear_fired()
            self.manager.faults("faults: [{kind: hang, op: infer, model: tiny, times: 1, id: cancelled}]\n")
            client.send(infer(self.model("tiny"), 2, output={"region": 1, "offset": 0, "size": 4096}))
            self.until(lambda _: self.manager.fired(), "the worker hangs")
            client.send({"action": "cancel", "request_id_to_cancel": 2, "request_id": 3})
            replies = {reply["request_id"]: reply for reply in (client.receive(), client.receive())}
            self.assertTrue(replies[3]["cancelled"])
            self.assertEqual(replies[2]["code"], "cancelled")
            self.assertFalse(set(before) & set(self.manager.workers()), "the worker that hung still lives")


def answers(running):
    """Whether a newcomer is let in and served."""
    with Wire(running.socket_path) as client:
        try:
            return (client.call({"action": "ping"}) or {}).get("status") == "ok"
        except BrokenPipeError:
            return False


class Clients(ManagerTest):
    how = {"config": "limits: {connections: 6}\n"}  # half of them for one user

    def test_the_longest_idle_gives_way(self):
        clients = [self.wire() for _ in range(3)]
        for client in [*clients[1:], clients[0]]:
            self.assertOk(client.call({"action": "ping"}))
        newcomer = self.wire()
        self.assertOk(newcomer.call({"action": "ping"}))
        self.assertTrue(clients[1].closed())
        for client in (clients[0], clients[2], newcomer):
            self.assertOk(client.call({"action": "ping"}))

    def test_where_nobody_is_idle_newcomers_are_turned_away(self):
        clients = [self.wire() for _ in range(3)]
        for client in clients:
            self.assertOk(client.call({"action": "ping"}))
            client.send_raw(b"\0")
        for _ in range(3):
            newcomer = self.wire()
            refusal = newcomer.receive()
            self.assertEqual(refusal["code"], "quota_exceeded")
            self.assertRegex(refusal["error"], r"^user \d+ has 3 of 6 connections, and may have 3 while others have 0")
            self.assertTrue(newcomer.closed())
        self.assertEqual(self.manager.log().count("clients are turned away"), 1)
        newcomer = self.wire()
        select.select([newcomer.socket], [], [])
        self.assertEqual(newcomer.call({"action": "ping"})["code"], "quota_exceeded", "sent before it was read")
        clients[0].close()
        self.until_accepted()

    def until_accepted(self):
        patience = Patience("a place that became free is given away", self.manager.log)
        while not answers(self.manager):
            patience.spend()


class FewDescriptors(unittest.TestCase):
    def setUp(self):
        self.manager = manager()
        self.addCleanup(self.manager.close)
        self.manager.start(["prlimit", "--nofile=64:64"])

    def wire(self):
        wire = Wire(self.manager.socket_path)
        self.addCleanup(wire.close)
        return wire

    def test_there_is_enough_to_work(self):
        for _ in range(100):
            wire = self.wire()
            self.assertEqual(wire.call(infer(self.manager.model("tiny"))).get("status"), "ok")
        worker = self.manager.worker("vision")
        os.kill(worker, signal.SIGKILL)
        self.assertEqual(wire.call(infer(self.manager.model("tiny"))).get("status"), "ok")
        self.assertNotIn("descriptors are allowed", self.manager.log())

    def test_regions_are_refused_before_there_is_none_left(self):
        with Wire(self.manager.socket_path, ["shm"]) as wire, Memory(4096) as memory:
            register = {"action": "shm_register", "size": 4096}
            replies = [wire.call(register, fds=[memory.fd]) for _ in range(20)]
            refused = [reply for reply in replies if "error" in reply]
            self.assertEqual(replies[-len(refused):], refused)
            for reply in refused:
                self.assertEqual(reply["code"], "quota_exceeded")
                self.assertRegex(reply["error"], r"^user \d+ has 16 of 32 descriptors.*unregister regions$")
            for region in (1, 2):
                self.assertEqual(wire.call({"action": "shm_unregister", "region": region})["status"], "ok")
            self.assertIn("region", wire.call(register, fds=[memory.fd]))
            self.assertEqual(wire.call({"action": "ping"})["status"], "ok")

    @unittest.skipIf(SLOW > 1, "the check of virtual calls needs a descriptor")
    def test_where_there_is_none_left_the_longest_idle_gives_way(self):
        first, second = self.wire(), self.wire()
        for wire in (first, second):
            self.assertEqual(wire.call({"action": "ping"})["status"], "ok")
        self.manager.leave_no_descriptor()
        for _ in range(20):
            newcomer = self.wire()
            self.assertEqual(newcomer.call({"action": "ping"})["status"], "ok")
        self.assertTrue(first.closed())
        self.assertTrue(second.closed())
        self.assertEqual(self.manager.log().count("descriptors are allowed"), 1, self.manager.log())

    @unittest.skipIf(SLOW > 1, "the check of virtual calls needs a descriptor")
    def test_where_nobody_is_idle_newcomers_are_told_at_once(self):
        busy = self.wire()
        self.assertEqual(busy.call({"action": "ping"})["status"], "ok")
        busy.send_raw(b"\0")
        self.manager.leave_no_descriptor()
        for _ in range(20):
            newcomer = self.wire()
            refusal = newcomer.receive()
            self.assertEqual(refusal["code"], "overloaded")
            self.assertIn("no descriptor left", refusal["error"])
            self.assertTrue(newcomer.closed())
        self.assertEqual(self.manager.log().count("descriptors are allowed"), 1, self.manager.log())
        busy.close()
        patience = Patience("there is room again", self.manager.log)
        while not answers(self.manager):
            patience.spend()


class Http(ManagerTest):
    how = {"http": "127.0.0.1:0"}

    def get(self, path, method="GET"):
        connection = http.client.HTTPConnection("127.0.0.1", self.manager.http_port(), timeout=30)
        self.addCleanup(connection.close)
        connection.request(method, path)
        response = connection.getresponse()
        return response.status, response.read().decode()

    def test_device_status(self):
        status, body = self.get("/v1/device/status")
        self.assertEqual(status, 200)
        self.assertEqual(json.loads(body)["device"]["architecture"], "HAILO10H")
        self.assertEqual(json.loads(body)["queue_depth"], 0)

    def test_anything_else_is_not_found(self):
        for path in ("/", "/v1/device", "/v1/device/status?x=1"):
            status, body = self.get(path)
            self.assertEqual((status, json.loads(body)), (404, {"error": "Not found"}))

    def test_other_verbs_are_not_implemented(self):
        for method in ("HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND"):
            for path in ("/v1/device/status", "/health", "/elsewhere", "/"):
                self.assertEqual(self.get(path, method)[0], 501, (method, path))

    def test_health_and_metrics(self):
        self.assertEqual(self.get("/health")[0], 200)
        self.assertEqual(self.get("/health/ready")[0], 200)
        self.assertOk(self.wire().call(infer(self.model("tiny"))))
        status, text = self.get("/metrics")
        self.assertEqual(status, 200)
        self.assertIn('hailo_requests_total{action="infer",model="depth:tiny.hef",outcome="ok"} 1', text)

    def test_a_taken_port_does_not_stop_the_start(self):
        bind = f"127.0.0.1:{self.manager.http_port()}"
        with ManagerProcess(sim_profile=PROFILE, http=bind) as second, Wire(second.socket_path) as client:
            self.assertOk(client.call({"action": "ping"}))
            self.assertIn("no HTTP status", second.log())


if __name__ == "__main__":
    unittest.main()
