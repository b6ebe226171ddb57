"""Connections that never ask and clients that ask without end, on hailo-depth and on the manager's status page."""

import asyncio
import contextlib
import http.client
import itertools
import resource
import socket
import threading
import time
import unittest

from fixture import TRIES, Attacker, AttackTest
from support.service_process import TIMEOUT, ServiceProcess
from support.manager_process import SLOW
from support.pictures import gradient, png

ATTACKERS = 2000
LONGEST = 0.5 * SLOW  # seconds that the answer to a health check may take
HALF_A_HEAD = b"POST /v1/depth/estimate HTTP/1.1\r\nHost: x\r\n"
PICTURE = png(gradient(16, 12))


def raise_descriptor_limit():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4 * ATTACKERS)), hard))


def goes_on(work):
    """Attack: the coroutine work(done) from now on; done() when the worst is done."""
    def attack(say):
        done = threading.Event()
        threading.Thread(target=lambda: asyncio.run(work(done.set)), daemon=True).start()
        done.wait()
        say("the worst is done")
    return attack


def half_sent_heads(port):
    """So many connections, each opened again when it is closed."""
    raise_descriptor_limit()
    opened = itertools.count(1)

    async def hold(done):
        while True:
            with contextlib.suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(HALF_A_HEAD)
                if next(opened) == ATTACKERS:
                    done()
                await reader.read(100)
                writer.close()

    async def hold_all(done):
        await asyncio.gather(*(hold(done) for _ in range(ATTACKERS)))
    return goes_on(hold_all)


def longest_health(port, seconds):
    longest, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        begun = time.monotonic()
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        client.request("GET", "/health", headers={"Connection": "close"})
        if client.getresponse().status != 200:
            raise AssertionError("/health is not answered")
        client.close()
        longest = max(longest, time.monotonic() - begun)
        time.sleep(0.02)
    return longest


class HttpTest(AttackTest):
    how = {"arguments": ("--http", "127.0.0.1:0")}

    def depth(self, *arguments):
        depth = ServiceProcess("hailo-depth", self.manager.socket_path, self.manager.model("steady"),
                               arguments=arguments)
        self.addCleanup(depth.close)
        depth.start()
        return depth


@unittest.skipIf(resource.getrlimit(resource.RLIMIT_NOFILE)[1] < 8 * ATTACKERS, "too few descriptors are allowed")
class HalfSentHeads(HttpTest):
    def assert_health_is_answered(self, port, header_timeout):
        """Also when the first of the heads take too long, which is at the same time for all."""
        seen = []
        for _ in range(TRIES):
            attacker = Attacker(half_sent_heads(port))
            self.addCleanup(attacker.end)
            seen.append(round(longest_health(port, header_timeout + 2), 3))
            attacker.wait().end()
            if seen[-1] <= LONGEST:
                return
        self.fail(f"the longest answers took {seen} s")

    def test_hailo_depth(self):
        port = self.depth("--header-timeout-ms", "3000").port
        self.assert_health_is_answered(port, 3)

    def test_the_status_page_of_the_manager(self):
        self.assert_health_is_answered(self.manager.http_port(), 10)


def outer_address():
    """Of this machine, where others than itself reach it; None if it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unconnected:
        try:
            unconnected.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            return None
        address = unconnected.getsockname()[0]
        return None if address.startswith("127.") else address


class GreedyAddress(HttpTest):
    """All of loopback is one client; the machine under its own address is another one."""

    ATTACKERS = 300

    def keeps_asking(self, port, request):
        async def ask(refused):
            while True:
                with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                    reader, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.write(request)
                    head = await reader.readuntil(b"\r\n\r\n")
                    writer.close()
                    if b" 503 " in head:
                        refused()

        async def ask_all(refused):
            await asyncio.gather(*(ask(refused) for _ in range(self.ATTACKERS)))
        return goes_on(ask_all)

    def test_an_honest_client_gets_its_turn(self):
        own = outer_address()
        if own is None:
            self.skipTest("this machine has no address but loopback")
        port = self.depth("--max-connections", "32", "--host", "*").port
        body = (b'--frontier\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n'
                b"Content-Type: image/png\r\n\r\n" + PICTURE + b"\r\n--frontier--\r\n")
        headers = {"Content-Type": "multipart/form-data; boundary=frontier"}
        head = "".join(f"{name}: {value}\r\n" for name, value in {**headers, "Content-Length": len(body)}.items())
        greedy = f"POST /v1/depth/estimate HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode() + body
        with Attacker(self.keeps_asking(port, greedy)) as attacker:
            attacker.wait()
            for _ in range(5):
                client = http.client.HTTPConnection(own, port, TIMEOUT)
                client.request("POST", "/v1/depth/estimate", body, headers)
                answer = client.getresponse()
                self.assertEqual(answer.status, 200, answer.read())
                client.close()


if __name__ == "__main__":
    unittest.main()
