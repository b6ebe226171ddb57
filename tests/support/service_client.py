"""A client for HTTP services, and the bodies that it sends."""

import http.client
import json

from .manager_process import SLOW

TIMEOUT = 60.0 * SLOW


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)

    def error(self):
        return self.json()["error"]


class Client:
    """One keep-alive connection."""

    def __init__(self, port, timeout=TIMEOUT):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    def request(self, method, path, body=None, headers=None):
        self.connection.request(method, path, body, headers or {})
        return Answer(self.connection.getresponse())

    def get(self, path, headers=None):
        return self.request("GET", path, None, headers)

    def post_json(self, value, path):
        body = value if isinstance(value, (bytes, str)) else json.dumps(value)
        return self.request("POST", path, body, {"Content-Type": "application/json"})

    def post_form(self, fields, path):
        """fields: name to text or bytes."""
        return self.request("POST", path, form_body(fields),
                            {"Content-Type": "multipart/form-data; boundary=frontier"})

    def close(self):
        self.connection.close()


def form_body(fields):
    body = b""
    for name, value in fields.items():
        data = value if isinstance(value, bytes) else str(value).encode()
        more = '; filename="a.png"\r\nContent-Type: image/png' if isinstance(value, bytes) else ""
        head = f'--frontier\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
        body += head.encode()
        body += data + b"\r\n"
    return body + b"--frontier--\r\n"
