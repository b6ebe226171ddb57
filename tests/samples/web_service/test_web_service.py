"""WebSockets, pages of other origins and files, as a client that nobody here wrote (aiohttp) sees them."""

import asyncio
import contextlib
import gzip
import os
import pathlib
import random
import tempfile
import unittest

from support.patience import Patience
from support.service_process import ServiceProcess

try:
    import aiohttp
except ImportError:
    aiohttp = None

ORIGIN = "https://portal.example"
CLIENTS = 300


@unittest.skipUnless(aiohttp, "needs python3-aiohttp")
class WebService(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(prefix="hailo-test-")
        cls.addClassCleanup(scratch.cleanup)
        cls.files = pathlib.Path(scratch.name)
        (cls.files / "index.html").write_text("<h1>portal</h1>")
        (cls.files / "app.js").write_text("let a = 1;\n" * 1000)
        (cls.files / "app.js.gz").write_bytes(gzip.compress((cls.files / "app.js").read_bytes()))
        cls.service = ServiceProcess("web-sample", None, None,
                                     config=f"server: {{cors_origins: ['{ORIGIN}']}}\n",
                                     arguments=("--files", str(cls.files)))
        cls.addClassCleanup(cls.service.close)
        cls.service.__enter__()
        cls.base = f"http://127.0.0.1:{cls.service.port}"

    async def asyncSetUp(self):
        self.session = aiohttp.ClientSession()
        self.addAsyncCleanup(self.session.close)

    def echo(self, **how):
        return self.session.ws_connect(f"{self.base}/v1/echo", **how)

    async def test_text_bytes_and_pings(self):
        async with self.echo(compress=15, max_msg_size=0) as socket:
            for text in ("", "grüß", "x" * 100_000):
                await socket.send_str(text)
                self.assertEqual(await socket.receive_str(), text)
            for size in (0, 1, 70_000, 4 << 20):
                data = os.urandom(size)
                await socket.send_bytes(data)
                self.assertEqual(await socket.receive_bytes(), data)
            await socket.ping(b"hello")
            await socket.send_str("after the ping")
            self.assertEqual(await socket.receive_str(), "after the ping")
            await socket.close(code=1000)
            self.assertEqual(socket.close_code, 1000)

    async def test_many_messages_without_waiting_come_back_in_order(self):
        async with self.echo() as socket:
            async def send():
                for i in range(5000):
                    await socket.send_str(str(i))

            sending = asyncio.create_task(send())
            for i in range(5000):
                self.assertEqual(await socket.receive_str(), str(i))
            await sending

    async def test_the_end_is_told(self):
        async with self.echo() as socket:
            await socket.send_str("fail")
            end = await socket.receive()
            self.assertEqual((end.type, end.data, end.extra),
                             (aiohttp.WSMsgType.CLOSE, 1008, "you said fail"))
        async with self.echo(max_msg_size=0) as socket:
            with contextlib.suppress(OSError):  # it is refused before all of it is sent
                await socket.send_bytes(bytes((4 << 20) + 1))
            self.assertEqual((await socket.receive()).data, 1009)

    async def test_only_pages_of_known_origins_get_in(self):
        async with self.echo(origin=ORIGIN) as socket:
            await socket.send_str("hello")
            self.assertEqual(await socket.receive_str(), "hello")
        with self.assertRaises(aiohttp.WSServerHandshakeError) as refused:
            async with self.echo(origin="https://evil.example"):
                pass
        self.assertEqual(refused.exception.status, 403)

    async def test_clients_that_leave_at_random_leave_nothing_behind(self):
        descriptors = len(os.listdir(f"/proc/{self.service.pid}/fd"))
        chance = random.Random(1)

        async def come_and_go():
            socket = await self.echo()
            for _ in range(chance.randrange(4)):
                await socket.send_bytes(bytes(chance.randrange(100_000)))
            if chance.random() < 0.5:
                socket._writer.transport.abort()
            await socket.close()

        await asyncio.gather(*(come_and_go() for _ in range(CLIENTS)), return_exceptions=True)
        patience = Patience("the connections are gone", self.service.log)
        while len(os.listdir(f"/proc/{self.service.pid}/fd")) > descriptors + 2:
            patience.spend()

    async def test_files(self):
        async with self.session.get(f"{self.base}/ui/") as answer:
            self.assertEqual((answer.status, await answer.text()), (200, "<h1>portal</h1>"))
        async with self.session.get(f"{self.base}/ui/app.js") as answer:
            self.assertEqual(answer.headers["Content-Encoding"], "gzip")
            self.assertEqual(await answer.text(), "let a = 1;\n" * 1000)
            etag = answer.headers["ETag"]
        async with self.session.get(f"{self.base}/ui/app.js", headers={"If-None-Match": etag}) as answer:
            self.assertEqual(answer.status, 304)
        plain = {"Range": "bytes=4-8", "Accept-Encoding": "identity"}
        async with self.session.get(f"{self.base}/ui/app.js", headers=plain) as answer:
            self.assertEqual((answer.status, await answer.text()), (206, "a = 1"))

    async def test_a_preflight(self):
        asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}
        async with self.session.options(f"{self.base}/ui/app.js", headers=asked) as answer:
            self.assertEqual(answer.status, 204)
            self.assertEqual(answer.headers["Access-Control-Allow-Origin"], ORIGIN)
        async with self.session.get(f"{self.base}/nothing", headers={"Origin": ORIGIN}) as answer:
            self.assertEqual((answer.status, answer.headers["Access-Control-Allow-Origin"]), (404, ORIGIN))


if __name__ == "__main__":
    unittest.main()
