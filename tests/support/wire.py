"""A raw client of the device protocol: frames as they are, nothing hidden (protocol.md)."""

import array
import base64
import fcntl
import json
import mmap
import os
import socket
import struct

from .manager_process import SLOW

TIMEOUT = 30.0 * SLOW
_F_ADD_SEALS = 1033
_SEAL_SHRINK, _SEAL_GROW = 0x2, 0x4


class Wire:
    """One connection. `hello` may be given the features to ask for."""

    def __init__(self, path, features=None, name="test"):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(TIMEOUT)
        self.socket.connect(str(path))
        self.tail_layout = False
        self.last_tail = b""
        if features is not None:
            self.hello = self.call({"action": "hello", "client": name, "features": features})
            if self.hello is None:
                raise ConnectionResetError("closed in answer to the hello")
            self.tail_layout = "tail" in self.hello.get("features", ())

    def send(self, message, tail=b"", fds=()):
        payload = json.dumps(message).encode()
        if self.tail_layout:
            payload = struct.pack(">I", len(payload)) + payload + tail
        self.send_raw(struct.pack(">I", len(payload)) + payload, fds)

    def send_raw(self, data, fds=()):
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        sent = self.socket.sendmsg([data], ancillary)
        if sent < len(data):
            self.socket.sendall(data[sent:])

    def receive(self):
        """The next message, or None when the peer has closed."""
        header = self._read(4)
        if header is None:
            return None
        payload = self._read(struct.unpack(">I", header)[0])
        if not self.tail_layout:
            return json.loads(payload)
        size = struct.unpack(">I", payload[:4])[0]
        self.last_tail = payload[4 + size:]
        return json.loads(payload[4:4 + size])

    def call(self, message, tail=b"", fds=()):
        self.send(message, tail, fds)
        return self.receive()

    def closed(self):
        """True if the peer closes without sending anything more."""
        return self._read(1) is None

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _read(self, size):
        data = bytearray()
        while len(data) < size:
            try:
                piece = self.socket.recv(min(size - len(data), 1 << 20))
            except ConnectionResetError:
                piece = b""
            if not piece:
                return None
            data += piece
        return bytes(data)


def tensor(data, shape, dtype="uint8"):
    """A tensor of protocol version 1."""
    return {"dtype": dtype, "shape": list(shape), "data_b64": base64.b64encode(data).decode()}


def tensor_bytes(value):
    return base64.b64decode(value["data_b64"])


class Memory:
    """A sealed memfd, mapped."""

    def __init__(self, size, sealed=True):
        self.fd = os.memfd_create("test", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self.fd, size)
        if sealed:
            fcntl.fcntl(self.fd, _F_ADD_SEALS, _SEAL_SHRINK | _SEAL_GROW)
        self.map = mmap.mmap(self.fd, size)

    def close(self):
        self.map.close()
        os.close(self.fd)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
