"""The player of transcripts itself: what it accepts, and that it notices what is wrong."""

import http.server
import threading
import unittest

import openapi
import transcript
from support.matching import Mismatch

_ANSWERS = {
    "/json": ("application/json", b'{"a": 1, "b": [true, "text"]}'),
    "/bytes": ("image/png", b"\x89PNG rest"),
    "/events": ("text/event-stream", b": hello\n\ndata: {\"n\":\ndata: 1}\n\n"
                                     b"event: error\ndata: {\"why\": \"x\"}\n\ndata: [DONE]\n\n"),
    "/lines": ("application/x-ndjson", b'{"n": 1}\n{"n": 2}\n'),
}


class _Service(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        kind, body = _ANSWERS[self.path]
        self._answer(kind, body)

    def do_POST(self):
        self._answer("text/plain", self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, kind, body):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Player(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Service)
        cls.server.daemon_threads = True
        thread = threading.Thread(target=cls.server.serve_forever)
        thread.start()
        cls.addClassCleanup(thread.join)
        cls.addClassCleanup(cls.server.server_close)
        cls.addClassCleanup(cls.server.shutdown)

    def play(self, *lines):
        transcript.Player(self.server.server_port, ".").play("\n".join(lines))

    def test_what_is_right_passes_and_what_is_wrong_is_noticed(self):
        for path, right, wrong in (
                ("/json", 'json {"a":"$integer","b":["$boolean","$contains:ex"]}', 'json {"a":"$string","...":""}'),
                ("/json", 'json {"a":1,"...":""}', 'json {"a":1}'),
                ("/json", "header Content-Type: application/json", "header Content-Type: text/html"),
                ("/json", "no-header X-Other", "no-header Content-Type"),
                ("/bytes", "binary 9 89504e47", "binary 8"),
                ("/bytes", "binary $any 89", "binary $any 88"),
                ("/lines", 'ndjson {"n":1}', 'ndjson {"n":2}'),
                ("/events", 'event message {"n":1}', 'event message {"n":2}')):
            self.play(f"A> GET {path}", "A< 200", f"A< {right}")
            with self.assertRaises(Mismatch, msg=wrong):
                self.play(f"A> GET {path}", "A< 200", f"A< {wrong}")
        with self.assertRaises(Mismatch):
            self.play("A> GET /json", "A< 404")

    def test_streams_are_read_to_their_end(self):
        self.play("A> GET /events", "A< 200", 'A< event message {"n":1}', 'A< event error {"why":"x"}',
                  "A< event message text [DONE]", "A< event end",
                  "A> GET /lines", "A< 200", 'A< ndjson {"n":1}', 'A< ndjson {"n":2}', "A< ndjson end")
        with self.assertRaises(Mismatch):
            self.play("A> GET /lines", "A< 200", 'A< ndjson {"n":1}', "A< ndjson end")

    def test_bodies_and_loops(self):
        self.play('each size [1, 2]', "A> POST /", "A> body @hex:010203[:${size}]", "A< 200",
                  "A< binary ${size} 01", "end",
                  'each text ["a", "b"]', "A> POST /", 'A> json {"t":${text.json}}', "A< 200",
                  'A< text {"t": "${text}"}', "end",
                  "A> POST /", r"A> text \x41\r\n", "A< 200", "A< binary 3 410d0a")


class Documents(unittest.TestCase):
    def test_what_the_document_does_not_know_is_noticed(self):
        class Request:
            method, target = "GET", "/v1/thing?x=1"

        class Response:
            status, headers, body = 200, {"Content-Type": "application/json"}, {"a": 1}
            json = property(lambda self: lambda: self.body)

            def is_json(self):
                return True

        schema = {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/N"}}}
        answers = {"200": {"content": {"application/json": {"schema": schema}}}}
        document = openapi.Document(
            '{"openapi": "3.1.0", "paths": {"/v1/{name}": {"get": {"responses": %s}}},'
            ' "components": {"schemas": {"N": {"type": "integer"}}}}' % str(answers).replace("'", '"'))
        self.assertEqual(document.faults(), [])
        self.assertEqual(document.routes(), {"GET /v1/{name}"})
        response = Response()
        document.check(Request, response)
        for attribute, value in (("status", 201), ("headers", {"Content-Type": "text/html"})):
            wrong = Response()
            setattr(wrong, attribute, value)
            with self.assertRaises(AssertionError):
                document.check(Request, wrong)
        if openapi.jsonschema:
            response.body = {"a": "text"}
            with self.assertRaises(AssertionError):
                document.check(Request, response)
        broken = openapi.Document('{"openapi": "3.0.0", "paths": {"/x": {"$ref": "#/nothing"}}}')
        self.assertEqual(len(broken.faults()), 2)


if __name__ == "__main__":
    unittest.main()
