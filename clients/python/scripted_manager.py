"""A manager that a test scripts, connection by connection, and what tests of device_client.py share."""

import asyncio
import json
import os
import pathlib
import struct
import sys
import tempfile
import unittest

import device_client
from device_client import HailoDeviceClient, HailoDeviceClientError

device_client.CONNECT_PAUSES = (0.0, 0.0)
FOLDER = pathlib.Path(__file__).resolve().parent
LONGEST = 60  # seconds; for what would wait for ever
ABC = {"dtype": "uint8", "shape": [3], "data": b"abc"}
PLAIN = {"dtype": "uint8", "shape": [3], "data_b64": "YWJj"}


class Peer:
    """One accepted connection."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.tail = False

    async def read(self):
        """(request, raw bytes), or None at the end."""
        try:
            (size,) = struct.unpack(">I", await self.reader.readexactly(4))
            payload = await self.reader.readexactly(size)
        except asyncio.IncompleteReadError:
            return None
        raw = b""
        if self.tail:
            (length,) = struct.unpack(">I", payload[:4])
            payload, raw = payload[4 : 4 + length], payload[4 + length :]
        return json.loads(payload), raw

    async def reply(self, request, raw=b"", **fields):
        body = {"status": "ok", "request_id": request.get("request_id"), **fields}
        await self.write(body, raw)

    async def write(self, body, raw=b""):
        text = json.dumps(body).encode()
        if self.tail:
            text = struct.pack(">I", len(text)) + text + raw
        await self.write_bytes(struct.pack(">I", len(text)) + text)

    async def write_bytes(self, data):
        self.writer.write(data)
        await self.writer.drain()

    async def greet(self, features=("tail",), **fields):
        await self.read()
        await self.write({"status": "ok", "protocol": 1, "features": list(features), **fields})
        self.tail = "tail" in features

    async def greet_version_1(self):
        hello, _ = await self.read()
        await self.write({"error": "Unknown action: %s" % hello["action"]})


async def echo(peer, request, raw):
    tensor = request["input_data"]["input"]
    if "tail" in tensor:
        offset, size = tensor["tail"]
        tensor = dict(tensor, tail=[0, size])
        await peer.reply(request, raw[offset : offset + size], result=tensor)
    else:
        await peer.reply(request, result=tensor)


class ClientTest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = os.path.join(directory.name, "s.sock")
        self.scripts = []
        self.server = None
        self.running = []
        self.failures = []
        self.connections = 0
        await self.start()

    async def asyncTearDown(self):
        await self.stop()
        self.assertEqual(self.failures, [])

    async def start(self):
        self.server = await asyncio.start_unix_server(self.accepted, self.path)

    async def stop(self):
        self.server.close()
        for task in self.running:
            task.cancel()
        await asyncio.gather(*self.running, return_exceptions=True)
        self.running.clear()
        if os.path.exists(self.path):
            os.unlink(self.path)

    async def accepted(self, reader, writer):
        self.running.append(asyncio.current_task())
        self.connections += 1
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        try:
            await script(Peer(reader, writer))
        except (AssertionError, KeyError, TypeError) as error:
            self.failures.append(repr(error))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    def serve(self, handler, greet=Peer.greet):
        async def script(peer):
            await greet(peer)
            while (message := await peer.read()) is not None:
                await handler(peer, *message)

        self.scripts.append(script)

    async def hanging(self, begun):
        """For scripts and handlers: says that it was reached, and stays until the test ends."""
        begun.set()
        await asyncio.get_running_loop().create_future()

    async def error_of(self, awaitable):
        with self.assertRaises(HailoDeviceClientError) as caught:
            await awaitable
        return str(caught.exception)

    def client(self, *args, **kwargs):
        client = HailoDeviceClient(*args, **kwargs)
        self.addAsyncCleanup(client.disconnect)
        return client

    async def run_python(self, source, *arguments, expect=0, **env):
        """What another process prints that runs this, with the socket in HAILO_DEVICE_SOCKET."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-B", "-W", "error", *arguments, "-c", source,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(FOLDER), "HAILO_DEVICE_SOCKET": self.path, **env},
        )  # fmt: skip
        try:
            out, error = await asyncio.wait_for(process.communicate(), LONGEST)
        except asyncio.TimeoutError:
            process.kill()
            await process.wait()
            raise AssertionError("the process does not end") from None
        self.assertEqual((process.returncode, error.decode()), (expect, ""))
        return out.decode()
