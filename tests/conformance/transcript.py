"""Reads and plays transcripts (README.md of this folder) against a device socket."""

import array
import fcntl
import json
import os
import re
import socket
import struct

from support.matching import Mismatch, match, matches

_STEP = re.compile(r"^([A-Z])(>|<|~|\*| )\s*(.*)$")
_SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW if hasattr(fcntl, "F_SEAL_SHRINK") else 0x2 | 0x4
_F_ADD_SEALS = 1033


class Connection:
    def __init__(self, path, timeout):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self.socket.connect(path)
        self.tail = False
        self.attached = None
        self.early = []  # frames that came before the one that a step asked for

    def send(self, text, tail=b""):
        payload = text.encode()
        if self.tail:
            payload = struct.pack(">I", len(payload)) + payload + tail
        self.send_raw(struct.pack(">I", len(payload)) + payload)

    def send_raw(self, data):
        ancillary = []
        if self.attached is not None:
            ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [self.attached]))]
        sent = self.socket.sendmsg([data], ancillary)
        if self.attached is not None:
            os.close(self.attached)
            self.attached = None
        if sent < len(data):
            self.socket.sendall(data[sent:])

    def receive(self):
        """The next frame as (object, raw bytes), or None at the end."""
        return self.early.pop(0) if self.early else self._receive()

    def receive_reply(self, request_id, pattern):
        """Takes the frame that matches, passing over events of request_id; order is free."""
        for i, frame in enumerate(self.early):
            if matches(pattern, frame[0]):
                return self.early.pop(i)
        while len(self.early) < 2:
            frame = self._receive()
            if frame is None:
                raise Mismatch("the peer closed instead of answering")
            if "event" in frame[0] and frame[0].get("request_id") == request_id:
                continue
            if matches(pattern, frame[0]):
                return frame
            self.early.append(frame)
        raise Mismatch(f"expected {pattern!r}, got {[frame[0] for frame in self.early]!r:.400}")

    def receive_until(self, pattern):
        """Passes over frames until one matches."""
        passed = []
        while (frame := self.receive()) is not None:
            if matches(pattern, frame[0]):
                return
            passed.append(frame[0])
        raise Mismatch(f"expected {pattern!r} before the end, got {passed!r:.400}")

    def _receive(self):
        header = self._read(4)
        if header is None:
            return None
        payload = self._read(struct.unpack(">I", header)[0])
        if payload is None:
            raise Mismatch("the peer closed inside a frame")
        if not self.tail:
            return json.loads(payload), b""
        size = struct.unpack(">I", payload[:4])[0]
        return json.loads(payload[4:4 + size]), payload[4 + size:]

    def _read(self, size):
        data = bytearray()
        while len(data) < size:
            try:
                piece = self.socket.recv(size - len(data))
            except ConnectionResetError:
                piece = b""
            if not piece:
                return None
            data += piece
        return bytes(data)

    def attach(self, what):
        words = what.split()
        if words[0].isdigit():
            fd = os.memfd_create("transcript", os.MFD_CLOEXEC | getattr(os, "MFD_ALLOW_SEALING", 2))
            os.ftruncate(fd, int(words[0]))
            if words[1:] != ["unsealed"]:
                fcntl.fcntl(fd, _F_ADD_SEALS, _SEALS)
        else:
            fd = os.open(words[0], os.O_RDONLY | os.O_CLOEXEC)
        self.attached = fd


class Player:
    """Plays one transcript. path: the device socket; variables: what ${name} stands for."""

    def __init__(self, path, variables, timeout=60.0):
        self.path = path
        self.variables = variables
        self.timeout = timeout
        self.connections = {}

    def play(self, text):
        try:
            for number, line in enumerate(text.splitlines(), 1):
                line = line.strip()
                if line and not line.startswith("#"):
                    try:
                        self._step(self._expand(line))
                    except (Mismatch, OSError) as error:
                        raise Mismatch(f"line {number}: {line}\n    {error}") from error
        finally:
            for connection in self.connections.values():
                connection.socket.close()

    def _expand(self, line):
        return re.sub(r"\$\{(\w+)\}", lambda name: self.variables[name.group(1)], line)

    def _step(self, line):
        parsed = _STEP.match(line)
        if not parsed:
            raise ValueError(f"not a step: {line}")
        name, kind, rest = parsed.groups()
        if kind == " " and rest == "connect":
            self.connections[name] = Connection(self.path, self.timeout)
            return
        connection = self.connections[name]
        if kind == ">":
            body, _, tail = rest.partition(" | ")
            connection.send(body, bytes.fromhex(tail))
        elif kind == "<":
            self._expect(connection, rest)
        elif kind == "*":
            connection.receive_until(json.loads(rest))
        elif kind == "~":
            request_id, _, pattern = rest.partition(" ")
            connection.receive_reply(request_id, json.loads(pattern))
        else:
            self._command(connection, rest)

    @staticmethod
    def _expect(connection, rest):
        body, _, size = rest.partition(" | ")
        frame = connection.receive()
        if frame is None:
            raise Mismatch("the peer closed instead of answering")
        match(json.loads(body), frame[0])
        if size and len(frame[1]) != int(size):
            raise Mismatch(f"expected {size} raw bytes, got {len(frame[1])}")

    def _command(self, connection, rest):
        word, _, argument = rest.partition(" ")
        if word == "raw":
            connection.send_raw(bytes.fromhex(argument))
        elif word == "attach":
            connection.attach(argument)
        elif word == "tail":
            connection.tail = True
        elif word == "half-close":
            connection.socket.shutdown(socket.SHUT_WR)
        elif word == "close":
            connection.socket.close()
        elif word == "closed":
            frame = connection.receive()
            if frame is not None:
                raise Mismatch(f"expected the end, got {frame[0]!r:.300}")
        elif word == "quiet":
            self._quiet(connection)
        else:
            raise ValueError(f"unknown step {rest}")

    def _quiet(self, connection):
        probe = Connection(self.path, self.timeout)
        probe.send('{"action":"ping"}')
        probe.receive()
        probe.socket.close()
        connection.socket.setblocking(False)
        try:
            data = connection.socket.recv(1, socket.MSG_PEEK)
            raise Mismatch("expected silence, got " + ("the end" if not data else "a frame"))
        except BlockingIOError:
            pass
        finally:
            connection.socket.settimeout(self.timeout)
