"""Unit tests of device_client.py against a scripted manager."""

import asyncio
import base64
import copy
import json
import os
import pickle
import struct
import tempfile
import unittest

import device_client
from device_client import HailoDeviceClient, HailoDeviceClientError, SyncHailoDeviceClient, Tensor

try:
    import numpy
except ImportError:
    numpy = None

device_client.CONNECT_PAUSES = (0.0, 0.0)


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


class Requests(ClientTest):
    async def test_defaults_are_those_of_the_contract(self):
        client = HailoDeviceClient()
        self.assertEqual(client.timeout, 30.0)
        self.assertEqual(client.max_message_bytes, 8 * 1024 * 1024)
        os.environ["HAILO_DEVICE_SOCKET"] = "/from/env"
        self.addCleanup(os.environ.pop, "HAILO_DEVICE_SOCKET")
        self.assertEqual(HailoDeviceClient().socket_path, "/from/env")
        self.assertEqual(HailoDeviceClient("/given").socket_path, "/given")

    async def test_each_call_sends_its_fields(self):
        seen = []

        async def handler(peer, request, raw):
            seen.append({key: value for key, value in request.items() if key != "request_id"})
            await peer.reply(request)

        self.serve(handler)
        async with self.client(self.path) as client:
            await client.ping()
            await client.device_status()
            await client.load_model(self.path, "ocr", {"a": 1})
            await client.infer("m.hef", {"prompt": "x"}, model_type="vlm_chat")
            await client.unload_model("m.hef", model_type="depth")
        self.assertEqual(
            seen,
            [
                {"action": "ping"},
                {"action": "device_status"},
                {"action": "load_model", "model_path": self.path, "model_type": "ocr", "model_params": {"a": 1}},
                {"action": "infer", "model_path": "m.hef", "model_type": "vlm_chat", "input_data": {"prompt": "x"}},
                {"action": "unload_model", "model_path": "m.hef", "model_type": "depth"},
            ],
        )

    async def test_a_missing_model_file_is_found_here(self):
        with self.assertRaisesRegex(FileNotFoundError, "^Model file not found: /no/such.hef$"):
            await self.client(self.path).load_model("/no/such.hef")

    async def test_calls_of_several_tasks_take_turns(self):
        async def handler(peer, request, raw):
            await peer.reply(request, result=request["input_data"]["n"])

        self.serve(handler)
        async with self.client(self.path) as client:
            replies = await asyncio.gather(*(client.infer("m", {"n": n}) for n in range(20)))
        self.assertEqual([reply["result"] for reply in replies], list(range(20)))


class Tensors(ClientTest):
    def payload(self, size):
        return Tensor("uint8", [size], bytes(i % 251 for i in range(size)))

    async def round_trip(self, size):
        async with self.client(self.path) as client:
            tensor = self.payload(size)
            reply = await client.infer("m", {"input": tensor})
            self.assertEqual(bytes(base64.b64decode(reply["result"]["data_b64"])), bytes(tensor.data))
            return reply

    async def test_tail_where_granted(self):
        async def handler(peer, request, raw):
            self.assertNotIn("data_b64", request["input_data"]["input"])
            await echo(peer, request, raw)

        self.serve(handler)
        await self.round_trip(1000)

    async def test_tail_passes_more_than_the_limit_of_the_json(self):
        self.serve(echo)
        await self.round_trip(9 * 1024 * 1024)

    async def test_base64_with_a_version_1_manager(self):
        self.serve(echo, Peer.greet_version_1)
        reply = await self.round_trip(1000)
        self.assertNotIsInstance(reply["result"], Tensor)

    async def test_base64_where_tail_is_not_granted(self):
        self.serve(echo, lambda peer: peer.greet(()))
        await self.round_trip(1000)

    async def test_a_tensor_is_the_dict_of_version_1_for_everybody_else(self):
        tensor = Tensor("uint8", (3,), b"\x01\x02\x03")
        plain = {"dtype": "uint8", "shape": [3], "data_b64": "AQID"}
        self.assertEqual(json.loads(json.dumps(tensor)), plain)
        self.assertEqual(dict(Tensor("uint8", (3,), b"\x01\x02\x03")), plain)
        self.assertEqual(Tensor("uint8", (3,), b"\x01\x02\x03"), plain)
        self.assertEqual(set({**Tensor("uint8", (3,), b"abc")}), set(plain))
        self.assertFalse(Tensor("uint8", (3,), b"\x01\x02\x03") != plain)
        self.assertIn("data_b64", tensor)
        with self.assertRaises(KeyError):
            tensor["other"]

    async def test_copies_of_a_tensor_are_plain_and_whole(self):
        plain = {"dtype": "uint8", "shape": [3], "data_b64": "AQID"}
        for made, expected in (
            (lambda tensor: tensor.copy(), plain),
            (copy.copy, plain),
            (copy.deepcopy, plain),
            (lambda tensor: pickle.loads(pickle.dumps(tensor)), plain),
            (lambda tensor: tensor | {"shape": [1, 3]}, {**plain, "shape": [1, 3]}),
            (lambda tensor: {"shape": [1, 3], "name": "depth"} | tensor, {**plain, "name": "depth"}),
        ):
            made = made(Tensor("uint8", (3,), b"\x01\x02\x03"))
            self.assertIs(type(made), dict)
            self.assertEqual(made, expected)

    async def test_tensors_in_lists_and_plain_dicts_pass(self):
        async def handler(peer, request, raw):
            crops = request["input_data"]["crops"]
            self.assertEqual(crops[1]["tail"], [2, 3])
            self.assertEqual(crops[2], {"dtype": "uint8", "shape": [1], "data_b64": "AA=="})
            self.assertEqual(raw, b"ababc")
            await peer.reply(request, b"xyz", result=[{"dtype": "uint8", "shape": [3], "tail": [0, 3]}])

        self.serve(handler)
        async with self.client(self.path) as client:
            crops = [Tensor("uint8", [2], b"ab"), Tensor("uint8", [3], b"abc")]
            crops.append({"dtype": "uint8", "shape": [1], "data_b64": "AA=="})
            reply = await client.infer("m", {"crops": crops})
        self.assertEqual(bytes(reply["result"][0].data), b"xyz")

    @unittest.skipIf(numpy is None, "numpy is not installed")
    async def test_arrays_come_back_with_dtype_and_shape(self):
        self.serve(echo)
        async with self.client(self.path) as client:
            for array in (
                numpy.arange(24, dtype="float32").reshape(2, 3, 4),
                numpy.arange(24, dtype="uint8").reshape(4, 6).T,
                numpy.arange(6, dtype=">i4"),
                numpy.float32(1.5),
            ):
                reply = await client.infer("m", {"input": device_client.encode_tensor(array)})
                got = device_client.decode_tensor(reply["result"])
                numpy.testing.assert_array_equal(got, array)
                self.assertTrue(got.flags.writeable)

    async def test_broken_result_tensors_are_refused(self):
        for place in ([0, 4], [-1, 3], [1, 3], [0], [0, 2]):

            async def handler(peer, request, raw, place=place):
                await peer.reply(request, b"xyz", result={"dtype": "uint8", "shape": [3], "tail": place})

            self.scripts.clear()
            self.serve(handler)
            client = self.client(self.path)
            self.assertIn("Request failed: ", await self.error_of(client.infer("m", {})))


class Failures(ClientTest):
    async def test_a_missing_socket(self):
        client = self.client("/nonexistent/s.sock")
        self.assertEqual(
            await self.error_of(client.ping()), "Device manager socket not found at /nonexistent/s.sock"
        )

    async def test_nobody_listening(self):
        path = self.path + "2"
        import socket

        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(path)
        self.assertIn("Failed to connect to device manager: ", await self.error_of(self.client(path).ping()))
        os.unlink(path)

    async def test_the_managers_error_and_code(self):
        async def handler(peer, request, raw):
            body = {"error": "Model file not found: /x", "code": "not_found", "request_id": request["request_id"]}
            await peer.write(body)

        self.serve(handler)
        with self.assertRaises(HailoDeviceClientError) as caught:
            await self.client(self.path).infer("/x", {})
        self.assertEqual(str(caught.exception), "Device manager error: Model file not found: /x")
        self.assertEqual(caught.exception.code, "not_found")
        self.assertIsInstance(caught.exception, RuntimeError)

    async def test_a_timeout_drops_the_connection_and_the_next_call_has_a_new_one(self):
        async def silent(peer):
            await peer.greet()
            await peer.read()
            await peer.read()

        self.scripts.append(silent)
        self.serve(lambda peer, request, raw: peer.reply(request))
        client = self.client(self.path)
        await client.connect()
        client.timeout = 0.01
        self.assertEqual(await self.error_of(client.infer("m", {})), "Request timeout")
        client.timeout = 30
        self.assertEqual((await client.ping())["status"], "ok")
        self.assertEqual(self.connections, 2)

    async def test_a_cancelled_call_does_not_mix_up_the_next(self):
        arrived = asyncio.Event()

        async def handler(peer, request, raw):
            if request["action"] == "infer":
                arrived.set()
                await asyncio.sleep(3600)
            await peer.reply(request)

        self.serve(handler)
        client = self.client(self.path)
        task = asyncio.create_task(client.infer("m", {}))
        await arrived.wait()
        waiting = asyncio.create_task(client.ping())
        await asyncio.sleep(0)
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        self.assertEqual((await waiting)["status"], "ok")

    async def test_a_mismatched_reply_keeps_the_connection(self):
        answers = [{"status": "ok", "request_id": "other"}]

        async def handler(peer, request, raw):
            await peer.write(answers.pop(0) if answers else {"status": "ok", "request_id": request["request_id"]})

        self.serve(handler)
        client = self.client(self.path)
        self.assertEqual(await self.error_of(client.ping()), "Mismatched response request_id")
        await client.ping()
        self.assertEqual(self.connections, 1)

    async def test_too_large_in_both_directions(self):
        async def handler(peer, request, raw):
            await peer.reply(request, result="x" * 5000)

        self.serve(handler, Peer.greet_version_1)
        client = self.client(self.path, max_message_bytes=4000)
        self.assertRegex(await self.error_of(client.infer("m", {})), r"^Request failed: Response too large: \d+ bytes$")
        big = {"input": "x" * 5000}
        self.assertRegex(await self.error_of(client.infer("m", big)), r"^Request failed: Request too large: \d+ bytes$")

    async def test_what_the_manager_would_not_take_is_not_sent(self):
        seen = []

        async def handler(peer, request, raw):
            seen.append(len(raw))
            await peer.reply(request)

        self.serve(handler, lambda peer: peer.greet(limits={"max_message_bytes": 3000}))
        client = self.client(self.path)
        big = {"input": Tensor("uint8", [3000], bytes(3000))}
        self.assertRegex(await self.error_of(client.infer("m", big)), r"^Request failed: Request too large: \d+ bytes$")
        await client.infer("m", {"input": Tensor("uint8", [2500], bytes(2500))})
        self.assertEqual(seen, [2500])

    async def test_a_peer_that_is_no_manager(self):
        for answer in (b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0\0\0\4nope", b'\0\0\0\x11{"features":null}'):

            async def script(peer, answer=answer):
                await peer.read()
                await peer.write_bytes(answer)

            self.scripts[:] = [script]
            error = await self.error_of(self.client(self.path).connect())
            self.assertRegex(error, "^Failed to connect to device manager: ")

    async def test_malformed_replies(self):
        for data in (b"\0\0\0\4nope", b"\0\0\0\2[]", b"\0\0\0\0", b"\0\0\0\x08\0\0\0\x09abcd"):

            async def script(peer, data=data):
                await peer.greet(("tail",) if data[3] == 8 else ())
                await peer.read()
                await peer.write_bytes(data)
                await peer.read()

            self.scripts[:] = [script]
            self.assertIn("Request failed: ", await self.error_of(self.client(self.path).ping()))


class Disconnecting(ClientTest):
    CLOSED = "Request failed: Device manager connection closed"

    async def test_calls_under_way_and_waiting_end_and_are_not_sent_again(self):
        begun = asyncio.Event()
        self.serve(lambda peer, request, raw: self.hanging(begun))
        self.serve(lambda peer, request, raw: peer.reply(request))
        client = self.client(self.path)
        calls = [asyncio.create_task(self.error_of(client.load_model(self.path))) for _ in range(2)]
        await begun.wait()
        await client.disconnect()
        self.assertEqual(await asyncio.gather(*calls), [self.CLOSED] * 2)
        self.assertEqual(self.connections, 1)
        self.assertIsNone(client.writer)
        await client.ping()

    async def test_a_call_that_connects_ends_too(self):
        begun = asyncio.Event()
        self.scripts.append(lambda peer: self.hanging(begun))
        self.serve(lambda peer, request, raw: peer.reply(request))
        client = self.client(self.path)
        call = asyncio.create_task(self.error_of(client.connect()))
        await begun.wait()
        await client.disconnect()
        self.assertIn("connection closed", await call)
        self.assertEqual(self.connections, 1)

    async def sending(self, client):
        """A call of which the manager has read nothing, and not all fits into the socket."""
        tensor = Tensor("uint8", [4 << 20], bytes(4 << 20))
        call = asyncio.create_task(client.infer("m", {"input": tensor}))
        while client.writer is None or not client.writer.transport.get_write_buffer_size():
            await asyncio.sleep(0)
        return call

    async def deaf(self, until):
        """Reads after that; the number of bytes that came."""
        came = asyncio.get_running_loop().create_future()

        async def script(peer):
            await peer.greet()
            await until.wait()
            came.set_result(len(await peer.reader.read()))

        self.scripts[:] = [script]
        return came

    async def test_a_call_that_sends_ends_and_its_rest_is_not_sent(self):
        ended = asyncio.Event()
        came = await self.deaf(until=ended)
        client = self.client(self.path)
        call = await self.sending(client)
        await client.disconnect()
        self.assertEqual(await self.error_of(call), self.CLOSED)
        ended.set()
        self.assertLess(await came, 4 << 20)

    async def test_the_rest_of_a_cancelled_call_is_not_sent(self):
        ended = asyncio.Event()
        came = await self.deaf(until=ended)
        call = await self.sending(self.client(self.path))
        call.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await call
        ended.set()
        self.assertLess(await came, 4 << 20)


class Reconnecting(ClientTest):
    async def test_the_first_request_after_a_restart_succeeds(self):
        self.serve(echo)
        client = self.client(self.path)
        tensor = Tensor("uint8", [3], b"abc")
        await client.infer("m", {"input": tensor})
        await self.stop()
        await self.start()
        reply = await client.infer("m", {"input": tensor})
        self.assertEqual(bytes(reply["result"].data), b"abc")

    async def test_an_infer_that_was_sent_is_not_repeated(self):
        async def die(peer):
            await peer.greet()
            await peer.read()

        count = 0

        async def handler(peer, request, raw):
            nonlocal count
            count += 1
            await peer.reply(request)

        self.scripts.append(die)
        self.serve(handler)
        client = self.client(self.path)
        self.assertEqual(
            await self.error_of(client.infer("m", {})), "Request failed: Device manager connection closed"
        )
        self.assertEqual(count, 0)

    async def test_load_model_is_repeated_once_and_not_twice(self):
        async def die(peer):
            await peer.greet()
            await peer.read()

        self.scripts.append(die)
        self.serve(lambda peer, request, raw: peer.reply(request))
        client = self.client(self.path)
        await client.load_model(self.path)
        await client.disconnect()
        self.scripts[:] = [die]
        self.assertIn("Request failed: ", await self.error_of(client.ping()))
        self.assertEqual(self.connections, 4)


class Synchronous(ClientTest):
    async def test_the_same_calls_without_asyncio(self):
        self.serve(echo)

        def work():
            with SyncHailoDeviceClient(self.path) as client:
                reply = client.infer("m", {"input": Tensor("uint8", [3], b"abc")})
                with self.assertRaises(AttributeError):
                    client.nonsense
                return bytes(reply["result"].data)

        self.assertEqual(await asyncio.to_thread(work), b"abc")

    async def test_closing_ends_the_calls_of_other_threads(self):
        begun = asyncio.Event()
        self.serve(lambda peer, request, raw: self.hanging(begun))
        client = SyncHailoDeviceClient(self.path)
        calls = [self.error_of(asyncio.to_thread(client.load_model, self.path)) for _ in range(2)]
        calls = [asyncio.create_task(call) for call in calls]
        await begun.wait()
        await asyncio.to_thread(client.close)
        for error in await asyncio.gather(*calls):
            self.assertIn("closed", error)
        client.close()
        self.assertIn("closed", await self.error_of(asyncio.to_thread(client.ping)))


if __name__ == "__main__":
    unittest.main()
