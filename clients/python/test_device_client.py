"""Requests of device_client.py, their failures and their repetition, against a scripted manager."""

import asyncio
import os
import unittest

from device_client import HailoDeviceClient, HailoDeviceClientError, SyncHailoDeviceClient
from scripted_manager import ABC, PLAIN, ClientTest, Peer, echo


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

    async def test_generation_fields_and_details_pass_through(self):
        details = {"text": "Hi", "stop_reason": "stop", "tokens": 1, "context": 3}
        asked = {"prompt": "x", "details": True, "stop": ["\n"], "top_p": 0.9, "keep_context": True, "context": 3}

        async def handler(peer, request, raw):
            await peer.reply(request, result=details if request["input_data"] == asked else None)

        self.serve(handler)
        async with self.client(self.path) as client:
            reply = await client.infer("m.hef", asked, model_type="llm")
        self.assertEqual(reply["result"], details)

    async def test_only_the_manager_knows_which_models_there_are(self):
        async def handler(peer, request, raw):
            if request["model_path"] == "scdepthv3":
                await peer.reply(request)
            else:
                await peer.write({"error": "Model file not found: /no/such.hef", "code": "not_found",
                                  "request_id": request["request_id"]})  # fmt: skip

        self.serve(handler)
        client = self.client(self.path)
        await client.load_model("scdepthv3")
        for kind in (FileNotFoundError, HailoDeviceClientError):
            with self.assertRaisesRegex(kind, "^Model file not found: /no/such.hef$") as caught:
                await client.load_model("/no/such.hef")
            self.assertEqual(caught.exception.code, "not_found")

    async def test_any_request_of_the_protocol_can_be_sent(self):
        self.serve(lambda peer, request, raw: peer.reply(request, n=request["n"]))
        request = {"action": "later", "n": 5}
        reply = await self.client(self.path)._send_request(request)
        self.assertEqual((reply["n"], reply["request_id"]), (5, request["request_id"]))

    async def test_what_replaces_send_request_sees_every_call(self):
        client = self.client(self.path)
        seen = []

        async def record(request):
            seen.append(request["action"])

        client._send_request = record
        await client.ping()
        await client.status()
        await client.load_model("m")
        await client.infer("m", {})
        await client.unload_model("m")
        self.assertEqual(seen, ["ping", "status", "load_model", "infer", "unload_model"])

    async def test_it_says_in_the_log_where_it_has_connected(self):
        self.serve(lambda peer, request, raw: peer.reply(request))
        with self.assertLogs("device_client", "DEBUG") as caught:
            await self.client(self.path).connect()
        self.assertIn("Connected to device manager at %s" % self.path, caught.output[0])

    async def test_the_file_runs_as_a_script(self):
        script = "import runpy; runpy.run_module('device_client', run_name='__main__')"
        self.serve(lambda peer, request, raw: peer.reply(request, action=request["action"]))
        out = await self.run_python(script, PYTHONIOENCODING="utf-8")
        self.assertRegex(out, r"^Testing connection\.\.\.\n\u2713 Ping: \{.*\}\n\nGetting status\.\.\.\n\u2713 Status: \{.*\}\n$")
        out = await self.run_python(script, expect=1, PYTHONIOENCODING="utf-8", HAILO_DEVICE_SOCKET="/no/such")
        self.assertEqual(out, "\u2717 Error: Device manager socket not found at /no/such\n")

    async def test_calls_of_several_tasks_take_turns(self):
        async def handler(peer, request, raw):
            await peer.reply(request, result=request["input_data"]["n"])

        self.serve(handler)
        async with self.client(self.path) as client:
            replies = await asyncio.gather(*(client.infer("m", {"n": n}) for n in range(20)))
        self.assertEqual([reply["result"] for reply in replies], list(range(20)))


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
        big = {"input": {"dtype": "uint8", "shape": [3000], "data": bytes(3000)}}
        self.assertRegex(await self.error_of(client.infer("m", big)), r"^Request failed: Request too large: \d+ bytes$")
        await client.infer("m", {"input": {"dtype": "uint8", "shape": [2500], "data": bytes(2500)}})
        self.assertEqual(seen, [2500])

    async def test_a_peer_that_is_no_manager(self):
        for answer in (b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0\0\0\4nope", b'\0\0\0\x11{"features":null}'):

            async def script(peer, answer=answer):
                await peer.read()
                await peer.write_bytes(answer)

            self.scripts[:] = [script]
            error = await self.error_of(self.client(self.path).ping())
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
        await client.ping()

    async def test_a_call_that_connects_ends_too(self):
        begun = asyncio.Event()
        self.scripts.append(lambda peer: self.hanging(begun))
        self.serve(lambda peer, request, raw: peer.reply(request))
        client = self.client(self.path)
        call = asyncio.create_task(self.error_of(client.ping()))
        await begun.wait()
        await client.disconnect()
        self.assertIn("connection closed", await call)
        self.assertEqual(self.connections, 1)

    async def sending(self, client):
        """A call of which the manager has read nothing but the beginning, and not all fits into the socket."""
        size = 4 << 20
        self.begun.clear()
        tensor = {"dtype": "uint8", "shape": [size], "data": bytes(size)}
        call = asyncio.create_task(client.infer("m", {"input": tensor}))
        await self.begun.wait()
        return call

    def deaf(self, until):
        """Reads after that; the number of bytes that came."""
        came = asyncio.get_running_loop().create_future()
        self.begun = asyncio.Event()

        async def script(peer):
            await peer.greet()
            await peer.reader.readexactly(4)
            self.begun.set()
            await until.wait()
            came.set_result(len(await peer.reader.read()))

        self.scripts[:] = [script]
        return came

    async def test_a_call_that_sends_ends_and_its_rest_is_not_sent(self):
        ended = asyncio.Event()
        came = self.deaf(until=ended)
        client = self.client(self.path)
        call = await self.sending(client)
        await client.disconnect()
        self.assertEqual(await self.error_of(call), self.CLOSED)
        ended.set()
        self.assertLess(await came, 4 << 20)

    async def test_the_rest_of_a_cancelled_call_is_not_sent(self):
        ended = asyncio.Event()
        came = self.deaf(until=ended)
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
        await client.infer("m", {"input": ABC})
        await self.stop()
        await self.start()
        reply = await client.infer("m", {"input": ABC})
        self.assertEqual(reply["result"], PLAIN)

    async def test_what_came_unasked_answers_nothing(self):
        async def talkative(peer):
            await peer.greet()
            await peer.reply((await peer.read())[0])
            await peer.write({"error": "going away"})
            said.set()
            await peer.read()

        said = asyncio.Event()
        self.scripts.append(talkative)
        self.serve(lambda peer, request, raw: peer.reply(request))
        client = self.client(self.path)
        await client.ping()
        await said.wait()
        await client.infer("m", {})
        self.assertEqual(self.connections, 2)

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
                reply = client.infer("m", {"input": ABC})
                with self.assertRaises(AttributeError):
                    client.nonsense
                return reply["result"]

        self.assertEqual(await asyncio.to_thread(work), PLAIN)

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


    async def test_a_timeout_ends_a_call_and_not_the_client(self):
        begun = asyncio.Event()
        self.serve(lambda peer, request, raw: self.hanging(begun))
        self.serve(lambda peer, request, raw: peer.reply(request))
        with SyncHailoDeviceClient(self.path, timeout=0.05) as client:
            error = await self.error_of(asyncio.to_thread(client.infer, "m", {}))
            self.assertEqual(error, "Request timeout")
            client._client.timeout = 30
            await asyncio.to_thread(client.ping)

    async def test_threads_take_turns(self):
        self.serve(lambda peer, request, raw: peer.reply(request, result=request["input_data"]["n"]))
        with SyncHailoDeviceClient(self.path) as client:
            replies = await asyncio.gather(*(asyncio.to_thread(client.infer, "m", {"n": n}) for n in range(20)))
        self.assertEqual([reply["result"] for reply in replies], list(range(20)))
        self.assertEqual(self.connections, 1)


if __name__ == "__main__":
    unittest.main()
