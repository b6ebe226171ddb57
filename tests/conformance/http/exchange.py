"""One HTTP request as exact bytes, and its response read piece by piece."""

import http.client
import json
import socket


class Request:
    """Built by the lines of a transcript, then sent at once."""

    BOUNDARY = "frontier"

    def __init__(self, method, target):
        self.method = method
        self.target = target
        self.headers = {}
        self.body = None
        self.parts = []

    def add_part(self, name, data, is_file):
        more = '; filename="file"\r\nContent-Type: application/octet-stream' if is_file else ""
        head = f'--{self.BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
        self.parts.append(head.encode() + data + b"\r\n")
        self.headers.setdefault("Content-Type", f"multipart/form-data; boundary={self.BOUNDARY}")

    def data(self):
        body = self.body
        if self.parts:
            body = b"".join(self.parts) + f"--{self.BOUNDARY}--\r\n".encode()
        headers = {"Host": "transcript", **self.headers}
        if body is not None and "Transfer-Encoding" not in headers:
            headers.setdefault("Content-Length", str(len(body)))
        lines = [f"{self.method} {self.target} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + (body or b"")


class Response:
    def __init__(self, connection, method):
        self._response = http.client.HTTPResponse(connection, method=method)
        self._response.begin()
        self._body = None
        self.status = self._response.status
        self.headers = self._response.headers
        self.closes = self._response.will_close

    def body(self):
        """All of it."""
        if self._body is None:
            self._body = self._response.read()
        return self._body

    def line(self):
        """The next line of a stream, None at its end."""
        line = self._response.readline()
        return line.rstrip(b"\r\n").decode() if line else None

    def event(self):
        """The next server-sent event as (name, data), None at the end; comments are passed over."""
        name, data = "message", []
        while (line := self.line()) is not None:
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "event":
                name = value
            elif field == "data":
                data.append(value)
            elif not line and data:
                return name, "\n".join(data)
        return None

    def is_json(self):
        return (self.headers.get("Content-Type") or "").startswith("application/json")

    def json(self):
        return json.loads(self.body())


class Connection:
    """A TCP connection; it is opened again when the server has announced its end."""

    def __init__(self, port, timeout):
        self._address = ("127.0.0.1", port)
        self._timeout = timeout
        self.socket = None
        self.request = None  # not sent yet
        self.response = None
        self._sent = None  # the last request that was

    def send(self, data):
        if self.response is not None and self.request is not None:
            self.response.body()
            if self.response.closes:
                self.close()
        if self.socket is None:
            self.socket = socket.create_connection(self._address, self._timeout)
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has answered before it has read all of it

    def receive(self):
        """Sends what is to be sent and reads the head of the answer."""
        if self.request is not None:
            self.send(self.request.data())
            self._sent, self.request = self.request, None
        self.response = Response(self.socket, self._sent.method if self._sent else "GET")
        return self.response

    @property
    def sent(self):
        return self._sent

    def close(self):
        if self.socket is not None:
            self.socket.close()
        self.socket = self.response = None
