"""Plays HTTP transcripts (README.md of the folder above) against a service."""

import base64
import json
import re

from exchange import Connection, Request
from support.matching import Mismatch, match
from values import bytes_of, unescape

_STEP = re.compile(r"^([A-Z])(>|<| )\s*(.*)$")
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class Player:
    """Plays one transcript.

    folder: where the files that it names lie. check(request, response): called for each answer.
    """

    def __init__(self, port, folder, check=None, timeout=60.0):
        self._port = port
        self._folder = folder
        self._check = check
        self._timeout = timeout
        self._connections = {}

    def play(self, text):
        try:
            self._block(list(enumerate(text.splitlines(), 1)), {})
        finally:
            for connection in self._connections.values():
                connection.close()

    def _block(self, lines, variables):
        """Lines up to the end; those between `each` and `end` once for each value."""
        while lines:
            number, line = lines.pop(0)
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            if line.startswith("each "):
                _, name, values = line.split(None, 2)
                end = [text.strip() for _, text in lines].index("end")
                for value in json.loads(values):
                    self._block(lines[:end], {**variables, name: value})
                del lines[:end + 1]
                continue
            line = _expand(line, variables)
            try:
                self._step(line)
            except (Mismatch, OSError, ValueError) as error:
                raise Mismatch(f"line {number}: {line:.300}\n    {error}") from error

    def _step(self, line):
        parsed = _STEP.match(line)
        if not parsed:
            raise ValueError("not a step")
        name, kind, rest = parsed.groups()
        if name not in self._connections:
            self._connections[name] = Connection(self._port, self._timeout)
        connection = self._connections[name]
        word, _, argument = rest.partition(" ")
        if kind == ">":
            self._say(connection, word, argument)
        elif kind == "<":
            self._expect(connection, word, argument)
        elif word == "raw":
            connection.send(unescape(argument))
        elif word == "repeat":
            times, _, text = argument.partition(" ")
            connection.send(unescape(text) * int(times))
        elif word == "close":
            connection.close()
        elif word == "closed":
            if connection.response is not None:
                connection.response.body()
            if connection.socket.recv(1):
                raise Mismatch("expected the end of the connection")
        else:
            raise ValueError(f"unknown step {word}")

    def _say(self, connection, word, argument):
        if word in _METHODS:
            connection.request = Request(word, argument)
            return
        request = connection.request
        if word == "header":
            field, _, value = argument.partition(":")
            request.headers[field] = value.strip()
        elif word == "form":
            field, _, value = argument.partition("=")
            is_file = value.startswith("@")
            data = bytes_of(value[1:], self._folder) if is_file else unescape(value)
            request.add_part(field, data, is_file)
        elif word == "json":
            request.headers.setdefault("Content-Type", "application/json")
            request.body = json.dumps(self._with_bytes(json.loads(argument))).encode()
        elif word == "text":
            request.body = unescape(argument)
        elif word == "body":
            request.body = bytes_of(argument.removeprefix("@"), self._folder)
        else:
            raise ValueError(f"unknown part of a request: {word}")

    def _with_bytes(self, value):
        """Texts that are "$base64:png:8x8" become what they name."""
        if isinstance(value, dict):
            return {key: self._with_bytes(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._with_bytes(item) for item in value]
        if isinstance(value, str) and value.startswith("$base64:"):
            return base64.b64encode(bytes_of(value[len("$base64:"):], self._folder)).decode()
        return value

    def _expect(self, connection, word, argument):
        if word.isdigit():
            response = connection.receive()
            if response.status != int(word):
                raise Mismatch(f"got {response.status}: {response.body()[:300]!r}")
            if self._check and connection.sent:
                self._check(connection.sent, response)
            return
        response = connection.response
        if word == "header":
            field, _, value = argument.partition(":")
            match(value.strip(), response.headers.get(field), field)
        elif word == "no-header":
            if argument in response.headers:
                raise Mismatch(f"got {response.headers[argument]!r}")
        elif word == "json":
            match(json.loads(argument), response.json())
        elif word == "text":
            match(argument, response.body().decode())
        elif word == "binary":
            _expect_binary(response.body(), *argument.split())
        elif word == "ndjson":
            _expect_line(response.line(), argument)
        elif word == "event":
            _expect_event(response.event(), argument)
        else:
            raise ValueError(f"unknown part of a response: {word}")


def _expand(line, variables):
    """${name} is the variable, as it is where it is a text and as JSON elsewhere; ${name.json} always as JSON."""
    def text_of(found):
        value = variables[found.group(1)]
        as_json = found.group(2) or not isinstance(value, str)
        return json.dumps(value) if as_json else value

    return re.sub(r"\$\{(\w+)(\.json)?\}", text_of, line)


def _expect_binary(body, size, magic=""):
    if size != "$any" and len(body) != int(size):
        raise Mismatch(f"expected {size} bytes, got {len(body)}")
    if not body.startswith(bytes.fromhex(magic)):
        raise Mismatch(f"expected {magic}, got {body[:16].hex()}")


def _expect_line(line, pattern):
    if pattern == "end":
        if line is not None:
            raise Mismatch(f"expected the end, got {line:.300}")
        return
    if line is None:
        raise Mismatch("the stream has ended")
    match(json.loads(pattern), json.loads(line))


def _expect_event(event, argument):
    """argument: `end`, or NAME and a pattern of JSON, or NAME and `text` and the data as it is."""
    if argument == "end":
        if event is not None:
            raise Mismatch(f"expected the end, got {event!r:.300}")
        return
    if event is None:
        raise Mismatch("the stream has ended")
    name, _, pattern = argument.partition(" ")
    if event[0] != name:
        raise Mismatch(f"expected an event {name}, got {event!r:.300}")
    if pattern.startswith("text "):
        match(pattern[len("text "):], event[1])
    else:
        match(json.loads(pattern), json.loads(event[1]))
