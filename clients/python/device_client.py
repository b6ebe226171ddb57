"""Client of hailo-device-manager: one file, standard library only; numpy is used where it is there.

    async with HailoDeviceClient(tensors="array") as client:
        await client.load_model("/var/lib/hailo/models/scdepthv3.hef", model_type="depth")
        reply = await client.infer(path, {"input": picture}, model_type="depth")  # a numpy array
        depth = reply["result"]                                                   # another one

Tensors in requests are numpy arrays, dicts {"dtype", "shape", "data"} with bytes, or the dicts {"dtype",
"shape", "data_b64"} of protocol version 1, in any mixture. With a manager that grants it the bytes of the
first two travel behind the JSON of the frame; for any other they are encoded. What tensors in results are,
the argument `tensors` says: "base64" (the default) for dicts as in version 1, "bytes" for dicts with
"data", "array" for numpy arrays. The last two are the fast ones.

A request whose connection was lost before it had been sent, or that only asks or loads, is repeated
once. One request at a time is in flight per client and event loop; calls from several tasks take turns.
A client may be used by one event loop after the other, and before and after a fork: it connects again.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import errno
import json
import logging
import math
import os
import socket
import struct
import sys
import threading
import time
import uuid
import weakref
from typing import Any, Dict, List, Optional, Tuple

try:
    import numpy
except ImportError:  # tensors then are bytes with a dtype and a shape
    numpy = None

__all__ = [
    "DEFAULT_SOCKET_PATH",
    "DEFAULT_TIMEOUT",
    "DEFAULT_MAX_MESSAGE_BYTES",
    "HailoDeviceClient",
    "HailoDeviceClientError",
    "ModelFileNotFoundError",
    "SyncHailoDeviceClient",
    "Tensor",
    "create_client",
    "decode_tensor",
    "encode_tensor",
]

logger = logging.getLogger(__name__)

DEFAULT_SOCKET_PATH = "/run/hailo/device.sock"
DEFAULT_TIMEOUT = 30.0
DEFAULT_MAX_MESSAGE_BYTES = 8 * 1024 * 1024
# Of a whole frame, where the manager does not tell its own; max_message_bytes bounds the JSON text.
MAX_FRAME_BYTES = 64 * 1024 * 1024
CONNECT_PAUSES = (0.25, 0.5)
_CROWDED_PAUSE = 0.05  # while more clients wait to be accepted than the socket's queue takes

_REPEATABLE = {"ping", "status", "device_status", "load_model", "unload_model"}
_ITEM_SIZES = {
    "uint8": 1, "int8": 1, "bool": 1, "uint16": 2, "int16": 2, "float16": 2,
    "int32": 4, "float32": 4, "int64": 8, "float64": 8,
}  # fmt: skip


class HailoDeviceClientError(RuntimeError):
    """The manager refused a request, or could not be reached. code: the protocol's, or None."""

    def __init__(self, message: str, code: Optional[str] = None):
        super().__init__(message)
        self.code = code


class ModelFileNotFoundError(HailoDeviceClientError, FileNotFoundError):
    """The manager has no such model file; whether this process sees one says nothing."""


# ---- tensors ----


def Tensor(dtype: str, shape: Any, data: Any) -> Dict[str, Any]:  # noqa: N802
    """The tensor of protocol version 1 with these bytes, a plain dict."""
    text = base64.b64encode(data).decode("ascii")
    return {"dtype": str(dtype), "shape": [int(n) for n in shape], "data_b64": text}


def encode_tensor(array: Any) -> Dict[str, Any]:
    """The tensor of protocol version 1 of a numpy array, or of what numpy can make one of."""
    if numpy is None:
        raise HailoDeviceClientError("encode_tensor needs numpy; without it use Tensor(dtype, shape, data)")
    return Tensor(*_of_array(array))


def decode_tensor(payload: Any) -> Any:
    """The numpy array of a tensor in any form; without numpy its bytes."""
    if numpy is not None and isinstance(payload, numpy.ndarray):
        return payload
    keys = set(payload) if isinstance(payload, dict) else set()
    if not {"dtype", "shape"} <= keys or not {"data", "data_b64"} & keys:
        raise ValueError("tensor must include dtype, shape, and data_b64")
    data = payload["data"] if "data" in payload else base64.b64decode(payload["data_b64"], validate=True)
    if numpy is None:
        return bytes(data)
    return numpy.frombuffer(data, dtype=payload["dtype"]).reshape(payload["shape"]).copy()


def _of_array(array: Any) -> Tuple[str, Any, memoryview]:
    array = numpy.asarray(array, order="C")
    if array.dtype.name not in _ITEM_SIZES:
        raise ValueError("dtype %s cannot be sent; use one of %s" % (array.dtype.name, ", ".join(_ITEM_SIZES)))
    if array.dtype.byteorder == ">":
        array = array.astype(array.dtype.newbyteorder("<"))
    return array.dtype.name, array.shape, memoryview(array.reshape(-1).view(numpy.uint8))


def _raw(value: Any) -> Optional[Tuple[str, Any, memoryview]]:
    """Dtype, shape and bytes of an array or of a dict with "data"; None for anything else."""
    if numpy is not None and isinstance(value, numpy.ndarray):
        return _of_array(value)
    if isinstance(value, dict) and {"dtype", "shape", "data"} <= value.keys():
        with contextlib.suppress(TypeError):  # "data" is something else
            return value["dtype"], value["shape"], memoryview(value["data"]).cast("B")
    return None


def _pack(value: Any, tail: Optional[List[memoryview]], offset: int) -> Tuple[Any, int]:
    """The value as JSON can have it: raw tensors as references behind the JSON, without a tail in base64."""
    raw = _raw(value)
    if raw is not None:
        dtype, shape, data = raw
        if tail is None:
            return Tensor(dtype, shape, data), 0
        tail.append(data)
        reference = {"dtype": str(dtype), "shape": [int(n) for n in shape], "tail": [offset, data.nbytes]}
        return reference, offset + data.nbytes
    if isinstance(value, dict):
        packed = {}
        for key, item in value.items():
            packed[key], offset = _pack(item, tail, offset)
        return packed, offset
    if isinstance(value, (list, tuple)) and not all(isinstance(item, (str, int, float)) for item in value):
        items = []
        for item in value:
            item, offset = _pack(item, tail, offset)
            items.append(item)
        return items, offset
    return value, offset


def _unpack(value: Any, tail: bytearray, tensors: str) -> Any:
    """The value with its tensors as the client wants them."""
    if isinstance(value, dict):
        if "dtype" in value and "shape" in value:
            if isinstance(value.get("tail"), list):
                return _made(value, _behind(value, tail), tensors)
            if tensors != "base64" and isinstance(value.get("data_b64"), str):
                return _made(value, base64.b64decode(value["data_b64"], validate=True), tensors)
        return {key: _unpack(item, tail, tensors) for key, item in value.items()}
    if isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value):
        return [_unpack(item, tail, tensors) for item in value]
    return value


def _behind(value: Dict[str, Any], tail: bytearray) -> memoryview:
    size = _ITEM_SIZES.get(value["dtype"], 0) * math.prod(value["shape"])
    place = value["tail"]
    if len(place) != 2 or place[0] < 0 or place[1] != size or not size or place[0] + size > len(tail):
        raise ValueError("a result tensor lies outside the message")
    return memoryview(tail)[place[0] : place[0] + size]


def _made(value: Dict[str, Any], data: Any, tensors: str) -> Any:
    if tensors == "bytes":
        return {"dtype": value["dtype"], "shape": value["shape"], "data": bytes(data)}
    if tensors == "base64":
        return Tensor(value["dtype"], value["shape"], data)
    array = numpy.frombuffer(data, dtype=value["dtype"]).reshape(value["shape"])
    return array if array.flags.writeable and array.flags.aligned else array.copy()


# ---- connections ----


class _Lost(Exception):
    """The connection ended. sent: the manager may have the request."""

    def __init__(self, sent: bool):
        super().__init__("Device manager connection closed")
        self.sent = sent


class _Late(Exception):
    """The time of a blocking call is over."""


class _Line:
    """A connection, and the lock of those who take turns on it. Between calls nobody waits on its socket."""

    def __init__(self, lock: Any):
        self.lock = lock
        self.socket: Optional[socket.socket] = None
        self.close()

    def __del__(self) -> None:
        if self.socket is not None:
            self.socket.close()

    def open(self, path: str) -> None:
        fresh = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            fresh.setblocking(False)
            fresh.connect(path)
        except BaseException:
            fresh.close()
            raise
        self.socket = fresh

    def close(self) -> None:
        """For whose turn it is."""
        if self.socket is not None:
            self.socket.close()
        self.socket = None
        self.greeted = False  # the hello is answered
        self.tail = False
        self.max_frame_bytes = MAX_FRAME_BYTES

    def wake(self) -> None:
        """For everybody else: the call that is under way finds the connection closed."""
        with contextlib.suppress(AttributeError, OSError):
            self.socket.shutdown(socket.SHUT_RDWR)

    def stale(self) -> bool:
        """The peer has closed it, or has said something that answers nothing."""
        try:
            self.socket.setblocking(False)
            said = self.socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return self.greeted or not said


class HailoDeviceClient:
    """A connection to the device manager for each event loop, opened by the first call that needs it.

    timeout is of one call in seconds, without the wait for its turn; None for no limit.
    """

    def __init__(
        self,
        socket_path: Optional[str] = None,
        timeout: Optional[float] = DEFAULT_TIMEOUT,
        max_message_bytes: int = DEFAULT_MAX_MESSAGE_BYTES,
        client_name: str = "python",
        tensors: str = "base64",
    ):
        if tensors not in ("base64", "bytes", "array"):
            raise ValueError('tensors must be "base64", "bytes" or "array", got %r' % (tensors,))
        if tensors == "array" and numpy is None:
            raise HailoDeviceClientError('tensors="array" needs numpy; without it use "bytes"')
        self.socket_path = socket_path or os.environ.get("HAILO_DEVICE_SOCKET") or DEFAULT_SOCKET_PATH
        self.timeout = timeout
        self.max_message_bytes = max_message_bytes
        self.client_name = client_name
        self.tensors = tensors
        self._disconnects = 0
        self._lines: Any = weakref.WeakKeyDictionary()  # event loop -> _Line
        _clients.add(self)

    async def __aenter__(self) -> "HailoDeviceClient":
        await self.connect()
        return self

    async def __aexit__(self, *exc_info: Any) -> None:
        await self.disconnect()

    # ---- calls ----

    async def ping(self, request_id: Any = None) -> Dict[str, Any]:
        return await self._send_request(_with_id({"action": "ping"}, request_id))

    async def status(self, request_id: Any = None) -> Dict[str, Any]:
        return await self._send_request(_with_id({"action": "status"}, request_id))

    async def device_status(self, request_id: Any = None) -> Dict[str, Any]:
        return await self._send_request(_with_id({"action": "device_status"}, request_id))

    async def load_model(
        self,
        model_path: str,
        model_type: str = "vlm",
        model_params: Optional[Dict[str, Any]] = None,
        request_id: Any = None,
    ) -> Dict[str, Any]:
        """The path is the manager's: it may be a name of its catalogue, or lie where only it can look."""
        request = {"action": "load_model", "model_path": str(model_path), "model_type": model_type}
        if model_params:
            request["model_params"] = model_params
        try:
            return await self._send_request(_with_id(request, request_id))
        except HailoDeviceClientError as error:
            _, missing, path = str(error).partition("Model file not found: ")
            if not missing:
                raise
            raise ModelFileNotFoundError(missing + path, error.code) from None

    async def infer(
        self,
        model_path: str,
        input_data: Any,
        model_type: str = "vlm",
        model_params: Optional[Dict[str, Any]] = None,
        request_id: Any = None,
    ) -> Dict[str, Any]:
        request = {"action": "infer", "model_path": str(model_path), "model_type": model_type}
        request["input_data"] = input_data
        if model_params:
            request["model_params"] = model_params
        return await self._send_request(_with_id(request, request_id))

    async def unload_model(
        self, model_path: str, model_type: str = "vlm", request_id: Any = None
    ) -> Dict[str, Any]:
        request = {"action": "unload_model", "model_path": str(model_path), "model_type": model_type}
        return await self._send_request(_with_id(request, request_id))

    async def connect(self) -> None:
        """A manager of version 1 answers a hello when its device is free; nobody waits for that here."""
        disconnects = self._disconnects
        line = self._line()
        async with line.lock:
            try:
                await self._in_time(self._connect(line, disconnects))
            except BaseException:
                line.close()
                raise

    async def disconnect(self) -> None:
        """Calls that wait for their answer or their turn fail; the next one connects again."""
        self._disconnects += 1
        for line in list(self._lines.values()):
            if line.lock.locked():
                line.wake()
            else:
                line.close()
        logger.debug("Disconnected from device manager")

    # ---- one request ----

    async def _send_request(self, request: Dict[str, Any]) -> Dict[str, Any]:
        """The reply to any request of the protocol; one without a request_id is given one."""
        if request.get("request_id") is None:
            request["request_id"] = str(uuid.uuid4())
        disconnects = self._disconnects
        line = self._line()
        async with line.lock:
            try:
                reply = await self._in_time(self._exchange(line, request, disconnects))
            except HailoDeviceClientError:
                line.close()
                raise
            except Exception as error:
                line.close()
                raise HailoDeviceClientError("Request failed: %s" % error) from error
            except BaseException:
                line.close()  # a reply that nobody waits for would meet the next request
                raise
        if "error" in reply:
            raise HailoDeviceClientError("Device manager error: %s" % reply["error"], reply.get("code"))
        if reply.get("request_id") != request["request_id"]:
            raise HailoDeviceClientError("Mismatched response request_id")
        return reply

    async def _exchange(self, line: _Line, request: Dict[str, Any], disconnects: int) -> Dict[str, Any]:
        repeated = False
        while True:
            if disconnects != self._disconnects:
                raise _Lost(sent=False)
            await self._connect(line, disconnects, greet=True)
            try:
                await self._send(line, request)
                return await self._receive(line)
            except _Lost as lost:
                line.close()
                if repeated or (lost.sent and request.get("action") not in _REPEATABLE):
                    raise
                repeated = True

    # ---- the connection ----

    def _line(self) -> _Line:
        """The connection of the running loop. Those of loops that have ended are closed."""
        loop = asyncio.get_running_loop()
        line = self._lines.get(loop)
        if line is None:
            for other in list(self._lines):
                if other.is_closed():
                    self._lines.pop(other).close()
            line = self._lines[loop] = _Line(asyncio.Lock())
        return line

    def _forked(self) -> None:
        """In the child of a fork: the connections are the parent's, and so is whose turn it is."""
        lines, self._lines = self._lines, weakref.WeakKeyDictionary()
        for line in list(lines.values()):
            line.close()

    async def _connect(self, line: _Line, disconnects: int, greet: bool = False) -> None:
        """Opens the connection where none is open. greet: waits for the answer to the hello, too."""
        pauses = iter(CONNECT_PAUSES)
        while True:
            if line.socket is not None and line.stale():
                line.close()
            try:
                if line.socket is None:
                    await self._open(line, disconnects)
                if greet and not line.greeted:
                    await self._greet(line)
                return
            except FileNotFoundError:
                raise HailoDeviceClientError("Device manager socket not found at %s" % self.socket_path) from None
            except BlockingIOError:
                pause: Optional[float] = _CROWDED_PAUSE
            except _Late:
                raise
            except Exception as error:  # a peer that is no device manager may answer anything
                pause = next(pauses, None)
                final = pause is None or disconnects != self._disconnects
                if final or isinstance(error, PermissionError):
                    raise HailoDeviceClientError("Failed to connect to device manager: %s" % error) from error
            line.close()
            await self._pause(pause)

    async def _open(self, line: _Line, disconnects: int) -> None:
        line.open(self.socket_path)
        if disconnects != self._disconnects:
            raise _Lost(sent=False)
        await self._send(line, {"action": "hello", "client": self.client_name, "features": ["tail"]})
        logger.debug("Connected to device manager at %s", self.socket_path)

    async def _greet(self, line: _Line) -> None:
        reply = await self._receive(line)
        if "error" in reply and not str(reply["error"]).startswith("Unknown action"):
            raise OSError(errno.EPROTO, "hello refused: %s" % reply["error"])
        line.tail = "tail" in reply.get("features", [])
        line.max_frame_bytes = int(reply.get("limits", {}).get("max_message_bytes", MAX_FRAME_BYTES))
        line.greeted = True

    # ---- frames ----

    async def _send(self, line: _Line, request: Dict[str, Any]) -> None:
        # Until the last byte is with the kernel the manager has no frame that it could act on.
        tail: Optional[List[memoryview]] = [] if line.tail else None
        request, tail_size = _pack(request, tail, 0)
        text = json.dumps(request, separators=(",", ":")).encode("utf-8")
        size = len(text) + (4 + tail_size if line.tail else 0)
        if len(text) > self.max_message_bytes or size > line.max_frame_bytes:
            raise ValueError("Request too large: %d bytes" % size)
        head = struct.pack(">II", size, len(text)) if line.tail else struct.pack(">I", size)
        try:
            for part in (head + text, *(tail or ())):
                await self._write(line.socket, part)
        except OSError as error:
            raise _Lost(sent=False) from error

    async def _receive(self, line: _Line) -> Dict[str, Any]:
        try:
            size = length = await self._read_length(line)
            if size > self.max_message_bytes + (line.max_frame_bytes if line.tail else 0):
                raise ValueError("Response too large: %d bytes" % size)
            if line.tail:
                size -= 4
                if size < 0 or (length := await self._read_length(line)) > size:
                    raise ValueError("the manager's frame contradicts itself")
            text = await self._read(line, length)
            tail = await self._read(line, size - length)
        except OSError as error:
            raise _Lost(sent=True) from error
        reply = json.loads(text)
        if not isinstance(reply, dict):
            raise ValueError("the manager's reply is not an object")
        return _unpack(reply, tail, self.tensors) if tail or self.tensors != "base64" else reply

    async def _read_length(self, line: _Line) -> int:
        return struct.unpack(">I", await self._read(line, 4))[0]

    async def _read(self, line: _Line, size: int) -> bytearray:
        data = bytearray(size)
        rest = memoryview(data)
        while rest:
            count = await self._read_into(line.socket, rest)
            if not count:
                raise ConnectionError()
            rest = rest[count:]
        return data

    # ---- waiting ----

    async def _in_time(self, work: Any) -> Any:
        try:
            return await asyncio.wait_for(work, self.timeout)
        except asyncio.TimeoutError:
            raise HailoDeviceClientError("Request timeout", "deadline_exceeded") from None

    async def _write(self, to: socket.socket, data: Any) -> None:
        await asyncio.get_running_loop().sock_sendall(to, data)

    async def _read_into(self, source: socket.socket, view: memoryview) -> int:
        return await asyncio.get_running_loop().sock_recv_into(source, view)

    async def _pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def _with_id(request: Dict[str, Any], request_id: Any) -> Dict[str, Any]:
    return request if request_id is None else {**request, "request_id": request_id}


def create_client(socket_path: Optional[str] = None) -> HailoDeviceClient:
    return HailoDeviceClient(socket_path)


# ---- without asyncio ----


class _ThreadLock:
    """A lock of threads, as coroutines that never wait ask for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.locked, self.acquire, self.release = self._lock.locked, self._lock.acquire, self._lock.release

    async def __aenter__(self) -> None:
        self.acquire()

    async def __aexit__(self, *exc_info: Any) -> None:
        self.release()


class _BlockingClient(HailoDeviceClient):
    """The calls as coroutines that block their thread, and so end before they have given way."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._only = _Line(_ThreadLock())
        self._closing = threading.Event()
        self._deadline: Optional[float] = None

    def close(self) -> None:
        self._closing.set()
        self._disconnects += 1
        line = self._only
        if line.lock.acquire(blocking=False):
            line.close()
            line.lock.release()
        else:
            line.wake()

    def _line(self) -> _Line:
        return self._only

    def _forked(self) -> None:
        closed, self._closing = self._closing.is_set(), threading.Event()
        if closed:
            self._closing.set()
        self._only.close()
        self._only = _Line(_ThreadLock())

    async def _connect(self, *args: Any, **kwargs: Any) -> None:
        if self._closing.is_set():
            raise HailoDeviceClientError("The client is closed")
        await super()._connect(*args, **kwargs)

    async def _in_time(self, work: Any) -> Any:
        self._deadline = None if self.timeout is None else time.monotonic() + self.timeout
        try:
            return await work
        except _Late:
            raise HailoDeviceClientError("Request timeout", "deadline_exceeded") from None

    def _left(self) -> Optional[float]:
        if self._deadline is None:
            return None
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise _Late()
        return left

    async def _write(self, to: socket.socket, data: Any) -> None:
        to.settimeout(self._left())
        try:
            to.sendall(data)
        except socket.timeout:
            raise _Late() from None

    async def _read_into(self, source: socket.socket, view: memoryview) -> int:
        source.settimeout(self._left())
        try:
            return source.recv_into(view)
        except socket.timeout:
            raise _Late() from None

    async def _pause(self, seconds: float) -> None:
        left = self._left()
        self._closing.wait(seconds if left is None else min(seconds, left))


class SyncHailoDeviceClient:
    """The same calls for programs without asyncio, for any number of threads, which take turns.

    with SyncHailoDeviceClient() as client:
        print(client.status()["queue_depth"])
    """

    def __init__(self, *args: Any, **kwargs: Any):
        self._client = _BlockingClient(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name not in _REPEATABLE | {"infer", "connect"}:
            raise AttributeError(name)
        call = getattr(self._client, name)
        return lambda *args, **kwargs: _finished(call(*args, **kwargs))

    def close(self) -> None:
        """Calls of other threads that are under way raise, as do later ones."""
        self._client.close()

    def __enter__(self) -> "SyncHailoDeviceClient":
        return self

    def __exit__(self, *exc_info: Any) -> None:
        self.close()


def _finished(work: Any) -> Any:
    try:
        work.send(None)
    except StopIteration as end:
        return end.value
    raise RuntimeError("a blocking call gave way")


# ---- forks ----

_clients: Any = weakref.WeakSet()


def _forked() -> None:
    for client in list(_clients):
        client._forked()  # pylint: disable=protected-access


os.register_at_fork(after_in_child=_forked)


async def _main() -> int:
    try:
        async with HailoDeviceClient() as client:
            print("Testing connection...")
            print("\u2713 Ping: %s" % await client.ping())
            print("\nGetting status...")
            print("\u2713 Status: %s" % await client.status())
    except HailoDeviceClientError as error:
        print("\u2717 Error: %s" % error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(_main()))
