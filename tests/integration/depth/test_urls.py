"""URLs of pictures: which are fetched, and which must not be."""

import http.server
import threading
import unittest

from fixture import DepthTest, map_of
from support.pictures import gradient, png

GOOD = png(gradient(16, 12))


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
