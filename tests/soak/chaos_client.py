"""One client of the chaos, a process of its own: asks until it is ended, and says on each line what became of a request.

    chaos_client.py KIND SOCKET FOLDER SEED TRUTH     KIND: version1, tail, async, shm, stream, speech or hailoctl

A line is the state, when it was asked and when answered (monotonic), and a text:
    ok          with the right answer
    refused     with an error that a client can act on
    gone        the connection was lost, or there was no manager
    WRONG       a promise was broken
"""

import asyncio
import hashlib
import json
import os
import pathlib
import random
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
for folder in (HERE.parent, HERE.parents[1] / "clients" / "python"):
    sys.path.insert(0, str(folder))

from device_client import HailoDeviceClient, HailoDeviceClientError, SyncHailoDeviceClient  # pylint: disable=wrong-import-position
from support.manager_process import BIN  # pylint: disable=wrong-import-position
from support.wire import Memory, Wire, tensor, tensor_bytes  # pylint: disable=wrong-import-position

TYPED = {"device_lost", "unavailable", "busy", "does_not_fit", "cancelled", "deadline_exceeded", "overloaded",
         "quota_exceeded"}
SIDES = {"detector": 64, "sorter": 32}
SHADES = 8
LONGEST = 60  # seconds that one request may take
PAUSE = 0.05
PROCESS_PAUSE = 0.2


class Wrong(Exception):
    """A promise was broken."""


class Refused(Exception):
    """An error of a kind that a client can act on."""


class Gone(Exception):
    """The connection was lost, or there was no manager."""


def picture(model, shade):
    side = SIDES[model]
    return bytes([shade]) * (side * side * 3), (side, side, 3)


def digest(data):
    return hashlib.sha256(data).hexdigest()


def checked(reply):
    """The result of a reply."""
    if reply is None:
        raise Gone("the connection was closed")
    if reply.get("status") == "ok":
        return reply.get("result")
    if reply.get("code") in TYPED:
        raise Refused(f"{reply['code']}: {reply['error']}")
    raise Wrong(f"an error that nobody can act on: {reply}")


class Asker:
    """Asks one question after the other. turn() asks one and raises unless the answer is right."""

    def __init__(self, socket_path, folder, dice, truth):
        self.socket_path = socket_path
        self.folder = folder
        self.dice = dice
        self.truth = truth
        self.number = 0

    def model(self, name):
        return f"{self.folder}/{name}.hef"

    def question(self):
        return self.dice.choice(list(SIDES)), self.dice.randrange(SHADES)

    def check(self, model, shade, data):
        if digest(data) != self.truth[f"{model} {shade}"]:
            raise Wrong(f"not the answer to {model} {shade}")

    def drop(self):
        """After an error of the connection."""


class WireAsker(Asker):
    features = None
    _wire = None

    def wire(self):
        if self._wire is None:
            self._wire = Wire(self.socket_path, self.features, "chaos")
            self._wire.socket.settimeout(LONGEST)
        return self._wire

    def drop(self):
        if self._wire is not None:
            self._wire.close()
            self._wire = None

    def ask(self, message, on_event=lambda event: None):
        self.number += 1
        self.wire().send({**message, "request_id": self.number})
        while True:
            reply = self.wire().receive()
            if reply is not None and "event" in reply:
                on_event(reply)
                continue
            if reply is not None and reply.get("request_id") != self.number:
                raise Wrong(f"an answer to nothing: {reply}")
            return reply


class Version1(WireAsker):
    """Version 1 has no codes: what it is refused with is not looked at."""

    def turn(self):
        model, shade = self.question()
        reply = self.ask({"action": "infer", "model_type": "depth", "model_path": self.model(model),
                          "input_data": {"input": tensor(*picture(model, shade))}})
        if reply is not None and "error" in reply:
            raise Refused(reply["error"])
        self.check(model, shade, tensor_bytes(checked(reply)))


class Shared(WireAsker):
    features = ["shm"]
    _room = 1 << 16
    _memory = None

    def wire(self):
        if self._wire is None:
            self._memory = Memory((1 << 14) + self._room)
            reply = super().wire().call({"action": "shm_register", "size": len(self._memory.map), "request_id": 0},
                                        fds=[self._memory.fd])
            if reply is None:
                raise Gone("the connection was closed")
            self._region = reply["region"]
        return super().wire()

    def drop(self):
        if self._memory is not None:
            self._memory.close()
            self._memory = None
        super().drop()

    def turn(self):
        model, shade = self.question()
        data, shape = picture(model, shade)
        self.wire()
        self._memory.map[:len(data)] = data
        result = checked(self.ask({
            "action": "infer", "model_type": "depth", "model_path": self.model(model),
            "input_data": {"input": {"dtype": "uint8", "shape": list(shape), "region": self._region, "offset": 0}},
            "output": {"region": self._region, "offset": 1 << 14, "size": self._room}}))
        size = 4 * shape[0] * shape[1]
        self.check(model, shade, bytes(self._memory.map[result["offset"]:result["offset"] + size]))


class Stream(WireAsker):
    features = ["stream"]

    def turn(self):
        words = [f"w{self.dice.randrange(10**6)}" for _ in range(self.dice.randint(2, 12))]
        pieces = []
        result = checked(self.ask(
            {"action": "infer", "model_type": "vlm_chat", "model_path": self.model("talker"), "stream": True,
             "input_data": {"prompt": " ".join(words), "max_generated_tokens": 60}}, pieces.append))
        if result.split() != words:
            raise Wrong(f"not the answer to {words}: {result}")
        if not pieces:
            raise Wrong("a stream without a piece")


class Speech(WireAsker):
    features = []

    def turn(self):
        result = checked(self.ask({"action": "infer", "model_type": "whisper", "model_path": self.model("listener"),
                                   "input_data": {"audio": tensor(bytes(4 * 16000), (16000,), "float32")}}))
        if [row["text"] for row in result["segments"]] != ["what time is it"]:
            raise Wrong(f"not what was said: {result}")


def of_client(error):
    """What an error of device_client.py is here."""
    if error.code in TYPED:
        return Refused(str(error))
    if error.code is None and ("connection closed" in str(error) or "socket not found" in str(error)
                               or "Failed to connect" in str(error)):
        return Gone(str(error))
    return Wrong(str(error))


class Tail(Asker):
    """device_client.py, without asyncio; now and then it is dropped, or asks for the status."""

    _client = None

    def turn(self):
        if self._client is None or self.dice.random() < 0.02:
            self._client = SyncHailoDeviceClient(self.socket_path, timeout=LONGEST, tensors="bytes")
        model, shade = self.question()
        data, shape = picture(model, shade)
        try:
            if self.dice.random() < 0.1:
                self._client.status()
            reply = self._client.infer(self.model(model), {"input": {"dtype": "uint8", "shape": shape, "data": data}},
                                       model_type="depth")
        except HailoDeviceClientError as error:
            raise of_client(error) from error
        self.check(model, shade, reply["result"]["data"])


class Async(Asker):
    """device_client.py in one event loop after the other, three tasks at a time, one of them cancelled now and then."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self._client = HailoDeviceClient(self.socket_path, timeout=LONGEST, tensors="bytes")

    def turn(self):
        try:
            asyncio.run(self._several())
        except HailoDeviceClientError as error:
            raise of_client(error) from error

    async def _several(self):
        calls = [asyncio.create_task(self._one()) for _ in range(3)]
        waited_for = list(calls)
        if self.dice.random() < 0.2:
            await asyncio.sleep(0.005)
            waited_for.pop().cancel()
        try:
            await asyncio.gather(*waited_for)
        finally:
            await asyncio.gather(*calls, return_exceptions=True)  # one may have failed before it was cancelled

    async def _one(self):
        model, shade = self.question()
        data, shape = picture(model, shade)
        sent = {"input": {"dtype": "uint8", "shape": shape, "data": data}}
        reply = await self._client.infer(self.model(model), sent, model_type="depth")
        self.check(model, shade, reply["result"]["data"])


class Hailoctl(Asker):
    """The C++ client, a process for each question."""

    def turn(self):
        words = " ".join(f"w{self.dice.randrange(10**6)}" for _ in range(4))
        done = subprocess.run(
            [BIN / "hailoctl", "infer", "--type", "vlm_chat", "--field", f"prompt={words}", self.model("talker")],
            env={**os.environ, "HAILO_DEVICE_SOCKET": self.socket_path},
            capture_output=True, text=True, timeout=LONGEST, check=False)
        if done.returncode == 3:
            raise Gone(done.stderr)
        if done.returncode in (1, 4):  # an error; too late
            raise Refused(done.stderr)
        if done.returncode or words not in done.stdout:
            raise Wrong(f"{words}: {done}")
        time.sleep(PROCESS_PAUSE)


KINDS = {"version1": Version1, "tail": Tail, "async": Async, "shm": Shared, "stream": Stream, "speech": Speech,
         "hailoctl": Hailoctl}


def say(state, begin, text=""):
    print(json.dumps([state, begin, time.monotonic(), text]), flush=True)


def main():
    kind, socket_path, folder, seed, truth = sys.argv[1:]
    asker = KINDS[kind](socket_path, folder, random.Random(seed), json.loads(pathlib.Path(truth).read_text()))
    while True:
        begin = time.monotonic()
        try:
            asker.turn()
            say("ok", begin)
        except Refused as error:
            say("refused", begin, str(error))
        except TimeoutError as error:  # before OSError, which it is
            asker.drop()
            say("WRONG", begin, f"no answer: {error}")
        except (Gone, OSError) as error:
            asker.drop()
            say("gone", begin, repr(error))
            time.sleep(PAUSE)
        except Exception as error:  # pylint: disable=broad-except; whatever it is, the run has failed
            asker.drop()
            say("WRONG", begin, repr(error))
        time.sleep(asker.dice.uniform(0, PAUSE))


if __name__ == "__main__":
    main()
