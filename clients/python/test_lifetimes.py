"""What a client of device_client.py outlives: event loops, forks, busy managers; and what it leaves."""

import asyncio
import unittest

from device_client import HailoDeviceClient, SyncHailoDeviceClient
from scripted_manager import ABC, PLAIN, ClientTest, echo


class BusyVersion1(ClientTest):
    """A manager that knows no hello, and answers nothing at all while it infers."""

    def busy(self, until):
        async def script(peer):
            await until.wait()
            await peer.greet_version_1()
            while (message := await peer.read()) is not None:
                await echo(peer, *message)

        self.scripts.append(script)

    async def test_connecting_does_not_wait_for_it(self):
        free = asyncio.Event()
        self.busy(until=free)
        client = self.client(self.path)
        await client.connect()
        call = asyncio.create_task(client.infer("m", {"input": ABC}))
        await asyncio.sleep(0.05)
        self.assertFalse(call.done())
        free.set()
        self.assertEqual((await call)["result"], PLAIN)
        self.assertEqual(self.connections, 1)

    async def test_a_call_waits_as_long_as_it_may(self):
        self.busy(until=asyncio.Event())
        async with self.client(self.path, timeout=0.05) as client:
            self.assertEqual(await self.error_of(client.ping()), "Request timeout")
            self.assertEqual(await self.error_of(client.ping()), "Request timeout")


class Loops(ClientTest):
    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.serve(lambda peer, request, raw: peer.reply(request))

    async def test_one_after_the_other(self):
        client = HailoDeviceClient(self.path)

        def work():
            for _ in range(4):
                self.assertEqual(asyncio.run(client.ping())["status"], "ok")

        await asyncio.to_thread(work)
        self.assertEqual((await client.ping())["status"], "ok")
        await client.disconnect()

    async def test_side_by_side(self):
        client = HailoDeviceClient(self.path)

        async def many():
            for number in range(50):
                await client.ping(request_id=number)

        await asyncio.gather(many(), *(asyncio.to_thread(asyncio.run, many()) for _ in range(3)))
        await client.disconnect()

    async def test_after_one_that_stopped_in_the_middle_of_a_call(self):
        begun = asyncio.Event()
        self.scripts.clear()
        self.serve(lambda peer, request, raw: self.hanging(begun))
        self.serve(lambda peer, request, raw: peer.reply(request))
        client = HailoDeviceClient(self.path)
        server = asyncio.get_running_loop()

        def work():
            loop = asyncio.new_event_loop()
            call = loop.create_task(client.infer("m", {}))
            waiting = asyncio.run_coroutine_threadsafe(begun.wait(), server)
            waiting.add_done_callback(lambda _: loop.call_soon_threadsafe(loop.stop))
            loop.run_forever()
            asyncio.run(client.ping())
            call.cancel()
            loop.run_until_complete(asyncio.wait([call]))
            loop.close()

        await asyncio.to_thread(work)
        await client.disconnect()


class Dropping(ClientTest):
    """A client that nobody closes leaves nothing, in this process and in the children of a fork."""

    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.serve(lambda peer, request, raw: peer.reply(request))

    async def test_synchronous(self):
        out = await self.run_python("""if 1:
            import os, threading
            from device_client import SyncHailoDeviceClient
            held = lambda: (len(os.listdir("/proc/self/fd")), threading.active_count())
            before = held()
            for _ in range(3):
                SyncHailoDeviceClient().ping()
            print(held() == before)
        """)
        self.assertEqual(out, "True\n")

    async def test_asynchronous(self):
        out = await self.run_python("""if 1:
            import asyncio, gc, os, threading
            from device_client import HailoDeviceClient
            held = lambda: (gc.collect(), len(os.listdir("/proc/self/fd")), threading.active_count())[1:]
            before = held()
            for _ in range(3):
                asyncio.run(HailoDeviceClient().ping())
            client = HailoDeviceClient()
            for _ in range(3):
                asyncio.run(client.ping())
            asyncio.run(client.disconnect())
            print(held() == before)
        """)
        self.assertEqual(out, "True\n")


class Forking(ClientTest):
    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.serve(lambda peer, request, raw: peer.reply(request, result=request["request_id"]))

    async def test_a_synchronous_client_made_before(self):
        out = await self.run_python("""if 1:
            import os, signal
            from device_client import SyncHailoDeviceClient
            client = SyncHailoDeviceClient(timeout=20)
            client.ping()
            held = len(os.listdir("/proc/self/fd"))
            if os.fork() == 0:
                print("closed" if len(os.listdir("/proc/self/fd")) == held - 1 else "open", flush=True)
                print("child", client.ping()["status"], flush=True)
                os._exit(0)
            print(os.wait()[1], "parent", client.ping()["status"], flush=True)
            client.close()
        """)
        self.assertEqual(out, "closed\nchild ok\n0 parent ok\n")
        self.assertEqual(self.connections, 2)

    async def test_an_asynchronous_client_connected_before(self):
        out = await self.run_python("""if 1:
            import asyncio, os
            from device_client import HailoDeviceClient
            client = HailoDeviceClient(timeout=20)
            loop = asyncio.new_event_loop()
            loop.run_until_complete(client.ping())
            pid = os.fork()
            if pid == 0:
                loop = asyncio.new_event_loop()
            async def work():
                for number in range(100):
                    name = "%d-%d" % (pid, number)
                    assert (await client.status(request_id=name))["result"] == name
                await client.disconnect()
            loop.run_until_complete(work())
            loop.close()
            if pid == 0:
                os._exit(0)
            print(os.wait()[1])
        """)
        self.assertEqual(out, "0\n")

    async def test_while_another_thread_is_in_the_middle_of_a_call(self):
        begun = asyncio.Event()
        self.scripts.clear()
        self.serve(lambda peer, request, raw: self.hanging(begun))
        self.serve(lambda peer, request, raw: peer.reply(request))
        out = await self.run_python("""if 1:
            import os, threading, time
            from device_client import SyncHailoDeviceClient
            client = SyncHailoDeviceClient(timeout=20)
            def call():
                try:
                    client.infer("m", {})
                except RuntimeError as error:
                    print(error, flush=True)
            thread = threading.Thread(target=call)
            thread.start()
            while not client._client._only.greeted:
                time.sleep(0.001)
            if os.fork() == 0:
                print("child", client.ping()["status"], flush=True)
                os._exit(0)
            print(os.wait()[1], flush=True)
            client.close()
            thread.join()
        """, "-W", "ignore::DeprecationWarning")
        self.assertEqual(out, "child ok\n0\nRequest failed: Device manager connection closed\n")


if __name__ == "__main__":
    unittest.main()
