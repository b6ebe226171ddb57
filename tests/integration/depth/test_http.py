"""What software that nobody here wrote sends over HTTP, and from machines that lack something."""

import gzip
import http.client
import json
import shutil
import socket
import subprocess
import unittest
import zlib

from fixture import DepthProcess, DepthTest, TIMEOUT, form_body
from support.patience import Patience
from support.pictures import gradient, png

try:
    import aiohttp
except ImportError:
    aiohttp = None

PICTURE = png(gradient(16, 12))
FORM = "multipart/form-data; boundary=frontier"
PATH = "/v1/depth/estimate"
GET_HEALTH = b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def connect(port, host="127.0.0.1"):
    return socket.create_connection((host, port), timeout=TIMEOUT)


def read_all(connection):
    answer = b""
    while piece := connection.recv(65536):
        answer += piece
    return answer


def status_of(port, data, half_close=False):
    with connect(port) as connection:
        connection.sendall(data)
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        return int(read_all(connection).split()[1])


class RealClients(DepthTest):
    def test_compressed_bodies(self):
        body = form_body({"image": PICTURE})
        raw = zlib.compressobj(wbits=-15)
        for coding, data in (("gzip", gzip.compress(body)), ("deflate", zlib.compress(body)),
                             ("deflate", raw.compress(body) + raw.flush())):
            headers = {"Content-Type": FORM, "Content-Encoding": coding}
            answer = self.client.request("POST", PATH, data, headers)
            self.assertEqual(answer.status, 200, answer.body[:300])
        headers = {"Content-Type": FORM, "Content-Encoding": "br"}
        answer = self.client.request("POST", PATH, body, headers)
        self.assertError(answer, 415, "Content-Encoding br", "invalid_request")
        self.assertEqual(answer.headers["Accept-Encoding"], "gzip, deflate")

    def test_a_bomb_is_refused_without_being_unpacked(self):
        bomb = gzip.compress(bytes(200 << 20))
        headers = {"Content-Type": FORM, "Content-Encoding": "gzip"}
        self.assertError(self.client.request("POST", PATH, bomb, headers), 413, "inflated")

    def test_half_closed_clients(self):
        body = form_body({"image": PICTURE})
        head = (f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\n"
                f"Content-Length: {len(body)}\r\n\r\n").encode()
        self.assertEqual(status_of(self.depth.port, head + body, half_close=True), 200)
        self.assertEqual(status_of(self.depth.port, GET_HEALTH, half_close=True), 200)

    @unittest.skipUnless(shutil.which("curl"), "there is no curl")
    def test_curl(self):
        path = self.depth.folder / "a.png"
        path.write_bytes(PICTURE)
        url = f"http://127.0.0.1:{self.depth.port}{PATH}"
        for more in ([], ["--http1.0"], ["-H", "Expect: 100-continue"],
                     ["-H", "Transfer-Encoding: chunked"]):
            status = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", *more,
                                     "-F", f"image=@{path}", url], capture_output=True, text=True,
                                    timeout=TIMEOUT, check=True).stdout
            self.assertEqual(status, "200", more)

    @unittest.skipUnless(aiohttp, "there is no python3-aiohttp")
    def test_aiohttp(self):
        import asyncio

        async def ask(boundary):
            with aiohttp.MultipartWriter("form-data", boundary=boundary) as writer:
                part = writer.append(PICTURE, {"Content-Type": "image/png"})
                part.set_content_disposition("form-data", name="image", filename="a.png")
            async with aiohttp.ClientSession() as session:
                url = f"http://127.0.0.1:{self.depth.port}{PATH}"
                async with session.post(url, data=writer) as answer:
                    return answer.status

        for boundary in (None, "*****", "----=_Part_1@host", "{5bb3aa}", "a b", "x#1"):
            self.assertEqual(asyncio.run(ask(boundary)), 200, boundary)


class SlowUploads(DepthTest):
    arguments = ("--stall-timeout-ms", "400", "--min-transfer-rate", "2000")

    def upload(self, pause, step):
        body = form_body({"image": PICTURE, "comment": "x" * 4000})
        with connect(self.depth.port) as connection:
            connection.sendall((f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\n"
                                f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n").encode())
            connection.settimeout(pause)
            answer = b""
            for at in range(0, len(body), step):
                connection.sendall(body[at:at + step])
                try:
                    answer = connection.recv(65536)
                    break
                except TimeoutError:
                    pass
            connection.settimeout(TIMEOUT)
            return (answer or connection.recv(65536)).split()[1]

    def test_a_steady_one_goes_on_longer_than_any_pause(self):
        self.assertEqual(self.upload(0.02, 100), b"200")

    def test_one_below_the_floor_is_told_and_logged(self):
        self.assertEqual(self.upload(0.1, 10), b"408")
        patience = Patience("the log says so", self.depth.log)
        while not (lines := [line for line in self.depth.log().splitlines() if " 408 " in line]):
            patience.spend()
        self.assertEqual(len(lines), 1, lines)
        self.assertIn("bytes of the body came in", lines[0])


class FewDescriptors(DepthTest):
    def test_idle_connections_give_way_and_it_is_said_once(self):
        few = DepthProcess(self.manager.socket_path, self.model_path(),
                           wrapper=("prlimit", "--nofile=64:64"))
        self.addCleanup(few.close)
        few.start()
        idle = []
        self.addCleanup(lambda: [one.close() for one in idle])
        for _ in range(100):
            connection = http.client.HTTPConnection("127.0.0.1", few.port, timeout=TIMEOUT)
            idle.append(connection)
            connection.request("GET", "/health")
            self.assertEqual(json.loads(connection.getresponse().read())["status"], "ok")
        log = few.log()
        self.assertEqual(log.count("descriptors are allowed"), 1, log)
        self.assertEqual(log.count("connections are taken"), 1, log)


class Addresses(DepthTest):
    def listening(self, **how):
        depth = DepthProcess(self.manager.socket_path, self.model_path(), **how)
        self.addCleanup(depth.close)
        return depth.start()

    def test_an_empty_host_is_the_default(self):
        depth = self.listening(env={"HAILO_DEPTH_HOST": ""})
        self.assertIn(f"listens on 127.0.0.1:{depth.port}\n", depth.log())
        self.assertEqual(status_of(depth.port, GET_HEALTH), 200)

    def test_a_star_is_all_addresses(self):
        depth = self.listening(arguments=("--host", "*"))
        self.assertIn(f"listens on 0.0.0.0:{depth.port}", depth.log())
        self.assertEqual(status_of(depth.port, GET_HEALTH), 200)
        if f"[::]:{depth.port}" in depth.log():
            connect(depth.port, "::1").close()

    def test_ipv6_with_and_without_brackets(self):
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError:
            self.skipTest("there is no IPv6")
        for host in ("::1", "[::1]"):
            depth = self.listening(arguments=("--host", host))
            self.assertIn(f"listens on [::1]:{depth.port}\n", depth.log())
            connect(depth.port, "::1").close()


if __name__ == "__main__":
    unittest.main()
