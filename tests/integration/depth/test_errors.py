"""Every row of the contract's error table, hostile bodies, and URLs that must not be fetched."""

import http.server
import json
import socket
import threading
import unittest

from fixture import DepthTest, form_body, map_of, text_of
from support.pictures import flat, gradient, png

GOOD = png(gradient(16, 12))


class Errors(DepthTest):
    config = "input: {max_image_mb: 1}\n"

    def post(self, body, content_type):
        headers = {"Content-Type": content_type} if content_type else {}
        return self.client.request("POST", "/v1/depth/estimate", body, headers)

    def test_unknown_routes_and_methods_are_plain_text(self):
        answer = self.client.get("/nothing")
        self.assertEqual((answer.status, answer.body), (404, b"404: Not Found"))
        self.assertEqual(answer.headers["Content-Type"], "text/plain; charset=utf-8")
        answer = self.client.get("/v1/depth/estimate")
        self.assertEqual((answer.status, answer.body), (405, b"405: Method Not Allowed"))
        self.assertEqual(answer.headers["Allow"], "POST")

    def test_other_content_types(self):
        for content_type in (None, "image/png", "text/plain", "application/x-www-form-urlencoded"):
            self.assertError(self.post(GOOD, content_type), 415, "Unsupported content type",
                             "invalid_request")

    def test_a_missing_image_is_named(self):
        self.assertError(self.client.post_form({"output_format": "both"}), 400,
                         "Missing 'image' field")
        self.assertError(self.client.post_form({"image": b""}), 400, "Missing 'image' field",
                         "invalid_request")
        for value in ({}, [], "text", 3, {"image": None}, {"image_url": "http://127.0.0.1/"}):
            self.assertError(self.client.post_json(json.dumps(value)), 400,
                             "Missing 'image' or 'image_url' field",
                             "invalid_request")

    def test_broken_json(self):
        for body in ("", "{", '{"image": }', '{"image": "x"} trailing', b'{"image": "\xff"}',
                     "[" * 1000):
            self.assertError(self.client.post_json(body), 400, kind="invalid_request")

    def test_an_image_that_is_none(self):
        for value in ("", "a", "****", "aGVsbG8", 7, ["x"], {"a": 1}, "data:image/png;base64",
                      text_of(b"hello")):
            with self.subTest(value):
                self.assertError(self.client.post_json({"image": value}), 400,
                                 kind="invalid_request")
        for data in (b"hello", b"GIF89a\x01\x00\x01\x00", b"<svg/>", b"\xff\xd8\xff", b"BM"):
            with self.subTest(data):
                self.assertError(self.client.post_form({"image": data}), 400,
                                 kind="invalid_request")

    def test_every_truncation_of_a_picture(self):
        for size in range(0, len(GOOD) - 24, 7):
            with self.subTest(size):
                self.assertError(self.client.post_form({"image": GOOD[:size]}), 400,
                                 kind="invalid_request")
        # All pixels are there; only the end marker is not.
        self.assertEqual(self.client.post_form({"image": GOOD[:-12]}).status, 200)

    def test_a_picture_that_would_be_huge_is_refused_by_its_header(self):
        for size in ((65535, 65535), (2**31 - 1, 2**31 - 1), (50_001, 1_000)):
            with self.subTest(size):
                self.assertError(self.client.post_form({"image": png(flat(8, 8, 0), size)}), 413,
                                 "pixels")

    def test_a_large_picture_and_a_large_body(self):
        noise = bytes(range(256)) * 4100  # over 1 MiB
        self.assertError(self.client.post_form({"image": noise}), 413, "Image exceeds 1MB limit")
        self.assertError(self.client.post_json({"image": text_of(noise)}), 413,
                         "Image exceeds 1MB limit")
        self.assertError(self.post(b"x" * (4 << 20), "application/json"), 413, "bytes",
                         "invalid_request")

    def test_values_that_are_not_offered_are_listed(self):
        picture = text_of(GOOD)
        self.assertError(self.client.post_json({"image": picture, "output_format": "png"}), 400,
                         "output_format must be one of numpy, image, both, depth_png_16")
        for name in ("hot", "Viridis", "../etc", ""):
            self.assertError(self.client.post_json({"image": picture, "colormap": name}), 400,
                             "colormap must be one of viridis, plasma, magma, turbo, jet")
        self.assertError(self.client.post_form({"image": GOOD, "representation": "far"}), 400,
                         "inverse, depth")
        self.assertError(self.client.post_json({"image": picture, "output_format": 3}), 400)

    def test_broken_forms(self):
        good = form_body({"image": GOOD})
        form = "multipart/form-data; boundary=frontier"
        for body in (b"", b"--frontier", good[:-20], good[:60], good.replace(b"\r\n", b"\n"),
                     good.replace(b'name="image"', b'nome="image"'),
                     b"--frontier\r\n\r\n\r\n--frontier--"):
            with self.subTest(body[:40]):
                self.assertError(self.post(body, form), 400, kind="invalid_request")
        for content_type in ("multipart/form-data", "multipart/form-data; boundary=",
                             "multipart/form-data; boundary=other",
                             "multipart/form-data; boundary=\"a"):
            self.assertError(self.post(good, content_type), 400, "multipart")
        self.assertError(self.client.post_form({f"f{i}": "x" for i in range(200)}), 413, "parts")

    def test_the_service_is_unharmed(self):
        self.test_broken_forms()
        self.assertEqual(self.client.post_form({"image": GOOD}).status, 200)

    def raw(self, data):
        with socket.create_connection(("127.0.0.1", self.depth.port), timeout=60) as connection:
            connection.sendall(data)
            answer = b""
            while piece := connection.recv(4096):
                answer += piece
            return answer

    def test_what_is_not_http(self):
        self.assertTrue(self.raw(b"\x16\x03\x01\x02\x00 hello\r\n\r\n").startswith(b"HTTP/1.1 400"))
        large = b"GET / HTTP/1.1\r\nX: " + b"x" * 40000 + b"\r\n\r\n"
        self.assertTrue(self.raw(large).startswith(b"HTTP/1.1 431"))


class _Pictures(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path[4:])
            self.end_headers()
            return
        found = self.path == "/picture.png"
        body = {"/picture.png": GOOD, "/large": bytes(2 << 20),
                "/text": b"no picture"}.get(self.path)
        self.send_response(200 if body is not None else 404)
        self.end_headers()
        self.wfile.write(body or b"")
        self.server.served.append((self.path, found))

    def log_message(self, *_):
        pass


class Urls(DepthTest):
    config = """
input: {allow_image_url: true, image_url_private_hosts: [127.0.0.1], max_image_mb: 1}
"""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Pictures)
        cls.server.served = []
        thread = threading.Thread(target=cls.server.serve_forever)
        thread.start()
        cls.addClassCleanup(thread.join)
        cls.addClassCleanup(cls.server.server_close)
        cls.addClassCleanup(cls.server.shutdown)
        cls.netloc = f"127.0.0.1:{cls.server.server_port}"

    def fetch(self, url):
        return self.client.post_json({"image_url": url, "output_format": "numpy"})

    def test_a_picture_from_an_allowed_host(self):
        answer = self.fetch(f"http://{self.netloc}/picture.png")
        self.assertEqual(answer.status, 200, answer.body[:300])
        self.assertEqual(map_of(answer.json()).shape, (12, 16))
        self.assertEqual(self.fetch(f"http://{self.netloc}/to//picture.png").status, 200)

    def test_what_must_not_be_fetched(self):
        port = self.server.server_port
        before = len(self.server.served)
        for url in ("file:///etc/hostname", "file://localhost/etc/hostname", "gopher://127.0.0.1/",
                    "ftp://127.0.0.1/x",
                    f"http://user@{self.netloc}/picture.png", "http://", "nonsense",
                    "\r\nGET / HTTP/1.1"):
            with self.subTest(url):
                self.assertError(self.fetch(url), 400, "Failed to fetch image URL: ",
                                 "invalid_request")
        for host in ("localhost", "2130706434", "0x7f.2", "127.0.0.2", "0.0.0.0", "169.254.169.254",
                     "10.0.0.1",
                     "192.168.0.1", "[::1]", "[::ffff:127.0.0.1]", "[fe80::1]", "[fd00::1]"):
            with self.subTest(host):
                self.assertError(self.fetch(f"http://{host}:{port}/picture.png"), 400,
                                 "not a public one")
        for target in ("file:///etc/hostname", f"http://localhost:{port}/picture.png",
                       "http://169.254.169.254/"):
            with self.subTest(target):
                self.assertError(self.fetch(f"http://{self.netloc}/to/{target}"), 400,
                                 "Failed to fetch image URL: ")
        self.assertEqual(self.server.served[before:], [])

    def test_what_comes_back_is_checked(self):
        self.assertError(self.fetch(f"http://{self.netloc}/missing"), 400, "404")
        self.assertError(self.fetch(f"http://{self.netloc}/text"), 400)
        self.assertError(self.fetch(f"http://{self.netloc}/large"), 413, "Image exceeds 1MB limit")
        for value in (7, "", [], {}):
            self.assertError(self.fetch(value), 400)


if __name__ == "__main__":
    unittest.main()
