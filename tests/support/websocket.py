"""A client for WebSockets (RFC 6455) that can also misbehave: exact frames, half ones, none."""

import base64
import os
import socket
import struct

from .service_client import TIMEOUT

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def frame(opcode, data=b"", last=True, size=None):
    """One frame, masked as clients have to; `size` makes its head lie about the length."""
    size = len(data) if size is None else size
    head = bytes([(0x80 if last else 0) | opcode])
    if size < 126:
        head += struct.pack(">B", 0x80 | size)
    elif size < 65536:
        head += struct.pack(">BH", 0x80 | 126, size)
    else:
        head += struct.pack(">BQ", 0x80 | 127, size)
    return head + bytes(4) + data  # a mask of zeros leaves the data as they are


class Closed(ConnectionError):
    """The connection has ended. code: of the server's close frame, None without one."""

    def __init__(self, code=None, reason=""):
        super().__init__(f"closed with {code}: {reason}")
        self.code, self.reason = code, reason


class WebSocket:
    """A connection to ws://127.0.0.1:port/path, upgraded; a context manager. answers_pings: as every decent client does."""

    def __init__(self, port, path, headers=None, answers_pings=True, timeout=TIMEOUT):
        self._answers_pings = answers_pings
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self._file = self.socket.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket", "Connection: Upgrade",
                 "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}",
                 *(f"{name}: {value}" for name, value in (headers or {}).items())]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        status = self._file.readline()
        while self._file.readline() not in (b"\r\n", b""):
            pass
        if b" 101 " not in status:
            raise Closed(reason=status.decode())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.abort()

    def send(self, data, opcode=BINARY):
        self.socket.sendall(frame(opcode, data))

    def receive(self):
        """(opcode, data) of the next message; raises Closed at the end."""
        opcode, data = None, b""
        while True:
            kind, piece, last = self._read_frame()
            if kind == PING:
                if self._answers_pings:
                    self.send(piece, PONG)
            elif kind == CLOSE:
                self._say_goodbye(piece)
                code = struct.unpack(">H", piece[:2])[0] if len(piece) >= 2 else None
                raise Closed(code, piece[2:].decode())
            elif kind != PONG:
                opcode, data = opcode or kind, data + piece
                if last:
                    return opcode, data

    def answer_pings(self, count):
        """The next so many pings, between which nothing else may come."""
        for _ in range(count):
            kind, piece, _ = self._read_frame()
            assert kind == PING, kind
            self.send(piece, PONG)

    def close(self, code=1000):
        """Says goodbye and waits for the answer: its code."""
        self.send(struct.pack(">H", code), CLOSE)
        try:
            while True:
                self.receive()
        except Closed as end:
            return end.code

    def abort(self):
        """Goes away without a word."""
        self._file.close()
        self.socket.close()

    def _say_goodbye(self, piece):
        try:
            self.send(piece, CLOSE)
        except ConnectionError:
            pass  # the server has not waited for it

    def _read_frame(self):
        first, second = self._read(2)
        size = second & 0x7F
        if size > 125:
            size = int.from_bytes(self._read(2 if size == 126 else 8), "big")
        return first & 0x0F, self._read(size), bool(first & 0x80)

    def _read(self, count):
        try:
            data = self._file.read(count)
        except ConnectionError as error:
            raise Closed(reason=str(error)) from error
        if len(data) < count:
            raise Closed
        return data
