"""Client of hailo-device-manager: one file, standard library only; numpy is used where it is there.

    async with HailoDeviceClient() as client:
        await client.load_model("/var/lib/hailo/models/scdepthv3.hef", model_type="depth")
        reply = await client.infer(path, {"input": encode_tensor(picture)}, model_type="depth")
        depth = decode_tensor(reply["result"])

Tensors in requests and replies are dicts {"dtype", "shape", "data_b64"} as protocol version 1 has them.
With a manager that grants it, the bytes travel behind the JSON of the frame instead: encode_tensor's
result knows its bytes and encodes them only when somebody reads "data_b64".

A request whose connection was lost before it had been sent, or that only asks or loads, is repeated
once. One request at a time is in flight per client; calls from several tasks take turns.
"""

from __future__ import annotations

import asyncio
import base64
import concurrent.futures
import errno
import json
import os
import struct
import threading
import uuid
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
    "SyncHailoDeviceClient",
    "Tensor",
    "create_client",
    "decode_tensor",
    "encode_tensor",
]

DEFAULT_SOCKET_PATH = "/run/hailo/device.sock"
DEFAULT_TIMEOUT = 30.0
DEFAULT_MAX_MESSAGE_BYTES = 8 * 1024 * 1024
# Of a whole frame, where the manager does not tell its own; max_message_bytes bounds the JSON text.
MAX_FRAME_BYTES = 64 * 1024 * 1024
CONNECT_PAUSES = (0.25, 0.5)

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


class Tensor(dict):
    """A tensor dict that carries its bytes; "data_b64" is made when it is first read."""

    def __init__(self, dtype: str, shape: Any, data: Any):
        super().__init__(dtype=str(dtype), shape=[int(n) for n in shape])
        self.data = memoryview(data).cast("B")

    def _whole(self) -> "Tensor":
        if not super().__contains__("data_b64"):
            self["data_b64"] = base64.b64encode(self.data).decode("ascii")
        return self

    def __missing__(self, key: str) -> str:
        if key != "data_b64":
            raise KeyError(key)
        return dict.__getitem__(self._whole(), key)

    def __contains__(self, key: object) -> bool:
        return key == "data_b64" or super().__contains__(key)

    def __len__(self) -> int:
        return 3

    def __iter__(self) -> Any:
        return dict.__iter__(self._whole())

    def __eq__(self, other: object) -> bool:
        return dict.__eq__(self._whole(), other._whole() if isinstance(other, Tensor) else other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __or__(self, other: Any) -> Any:
        return self.copy() | other

    def __ror__(self, other: Any) -> Any:
        return other | self.copy()

    def __reduce__(self) -> Any:
        return dict, (self.copy(),)

    def copy(self) -> Dict[str, Any]:
        return dict(self)

    def keys(self) -> Any:
        return dict.keys(self._whole())

    def values(self) -> Any:
        return dict.values(self._whole())

    def items(self) -> Any:
        return dict.items(self._whole())

    def get(self, key: Any, default: Any = None) -> Any:
        return self[key] if key in self else default

    def __repr__(self) -> str:
        return "Tensor(%r, %r, <%d bytes>)" % (self["dtype"], self["shape"], self.data.nbytes)


def encode_tensor(array: Any) -> Tensor:
    """A tensor from a numpy array (or anything numpy can make one of)."""
    if numpy is None:
        raise HailoDeviceClientError("encode_tensor needs numpy; without it use Tensor(dtype, shape, data)")
    array = numpy.asarray(array, order="C")
    if array.dtype.name not in _ITEM_SIZES:
        raise ValueError("dtype %s cannot be sent; use one of %s" % (array.dtype.name, ", ".join(_ITEM_SIZES)))
    if array.dtype.byteorder == ">":
        array = array.astype(array.dtype.newbyteorder("<"))
    return Tensor(array.dtype.name, array.shape, array.reshape(-1).view(numpy.uint8))


def decode_tensor(payload: Dict[str, Any]) -> Any:
    """The numpy array of a tensor dict; without numpy its bytes."""
    if isinstance(payload, Tensor):
        data = payload.data
    else:
        if not {"dtype", "shape", "data_b64"} <= set(payload):
            raise ValueError("tensor must include dtype, shape, and data_b64")
        data = memoryview(base64.b64decode(payload["data_b64"], validate=True))
    if numpy is None:
        return bytes(data)
    return numpy.frombuffer(data, dtype=payload["dtype"]).reshape(payload["shape"]).copy()


def _pack(value: Any, tail: List[memoryview], offset: int) -> Tuple[Any, int]:
    """The value with Tensors replaced by references behind the frame's JSON."""
    if isinstance(value, Tensor):
        tail.append(value.data)
        reference = {"dtype": value["dtype"], "shape": value["shape"], "tail": [offset, value.data.nbytes]}
        return reference, offset + value.data.nbytes
    if isinstance(value, dict):
        packed = {}
        for key, item in value.items():
            packed[key], offset = _pack(item, tail, offset)
        return packed, offset
    if isinstance(value, (list, tuple)) and any(isinstance(item, (dict, list, tuple)) for item in value):
        items = []
        for item in value:
            item, offset = _pack(item, tail, offset)
            items.append(item)
        return items, offset
    return value, offset


def _unpack(value: Any, tail: memoryview) -> Any:
    """The value with references behind the JSON replaced by Tensors."""
    if isinstance(value, dict):
        place = value.get("tail")
        if isinstance(place, list) and "dtype" in value and "shape" in value:
            return _tail_tensor(value, place, tail)
        return {key: _unpack(item, tail) for key, item in value.items()}
    if isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value):
        return [_unpack(item, tail) for item in value]
    return value


def _tail_tensor(value: Dict[str, Any], place: List[Any], tail: memoryview) -> Tensor:
    size = _ITEM_SIZES.get(value["dtype"], 0)
    for dim in value["shape"]:
        size *= dim
    if len(place) != 2 or place[0] < 0 or place[1] != size or not size or place[0] + size > len(tail):
        raise ValueError("a result tensor lies outside the message")
    return Tensor(value["dtype"], value["shape"], tail[place[0] : place[0] + size])


class _Lost(Exception):
    """The connection ended. sent: the manager may have the request."""

    def __init__(self, sent: bool):
        super().__init__("Device manager connection closed")
        self.sent = sent


class HailoDeviceClient:
    """One connection to the device manager, opened by the first call that needs it."""

    def __init__(
        self,
        socket_path: Optional[str] = None,
        timeout: float = DEFAULT_TIMEOUT,
        max_message_bytes: int = DEFAULT_MAX_MESSAGE_BYTES,
        client_name: str = "python",
    ):
        self.socket_path = socket_path or os.environ.get("HAILO_DEVICE_SOCKET") or DEFAULT_SOCKET_PATH
        self.timeout = timeout
        self.max_message_bytes = max_message_bytes
        self.client_name = client_name
        self.reader: Optional[asyncio.StreamReader] = None
        self.writer: Optional[asyncio.StreamWriter] = None
        self._lock = asyncio.Lock()
        self._tail = False
        self._max_frame_bytes = MAX_FRAME_BYTES
        self._disconnects = 0

    async def __aenter__(self) -> "HailoDeviceClient":
        await self.connect()
        return self

    async def __aexit__(self, *exc_info: Any) -> None:
        await self.disconnect()

    # ---- calls ----

    async def ping(self, request_id: Any = None) -> Dict[str, Any]:
        return await self._request({"action": "ping"}, request_id)

    async def status(self, request_id: Any = None) -> Dict[str, Any]:
        return await self._request({"action": "status"}, request_id)

    async def device_status(self, request_id: Any = None) -> Dict[str, Any]:
        return await self._request({"action": "device_status"}, request_id)

    async def load_model(
        self,
        model_path: str,
        model_type: str = "vlm",
        model_params: Optional[Dict[str, Any]] = None,
        request_id: Any = None,
    ) -> Dict[str, Any]:
        if not os.path.exists(model_path):
            raise FileNotFoundError("Model file not found: %s" % model_path)
        request = {"action": "load_model", "model_path": str(model_path), "model_type": model_type}
        if model_params:
            request["model_params"] = model_params
        return await self._request(request, request_id)

    async def infer(
        self,
        model_path: str,
        input_data: Dict[str, Any],
        model_type: str = "vlm",
        model_params: Optional[Dict[str, Any]] = None,
        request_id: Any = None,
    ) -> Dict[str, Any]:
        request = {"action": "infer", "model_path": str(model_path), "model_type": model_type}
        request["input_data"] = input_data
        if model_params:
            request["model_params"] = model_params
        return await self._request(request, request_id)

    async def unload_model(
        self, model_path: str, model_type: str = "vlm", request_id: Any = None
    ) -> Dict[str, Any]:
        request = {"action": "unload_model", "model_path": str(model_path), "model_type": model_type}
        return await self._request(request, request_id)

    # ---- the connection ----

    async def connect(self) -> None:
        disconnects = self._disconnects
        async with self._lock:
            await self._in_time(self._connect(disconnects))

    async def disconnect(self) -> None:
        """Calls that wait for their answer or their turn fail; the next one connects again."""
        self._disconnects += 1
        self._drop()

    async def _connect(self, disconnects: int) -> None:
        attempt = 0
        while self.writer is None:
            try:
                await self._open(disconnects)
            except FileNotFoundError:
                raise HailoDeviceClientError("Device manager socket not found at %s" % self.socket_path) from None
            except Exception as error:  # a peer that is no device manager may answer anything
                final = attempt == len(CONNECT_PAUSES) or disconnects != self._disconnects
                if final or getattr(error, "errno", None) == errno.EACCES:
                    raise HailoDeviceClientError("Failed to connect to device manager: %s" % error) from error
                await asyncio.sleep(CONNECT_PAUSES[attempt])
                attempt += 1

    async def _open(self, disconnects: int) -> None:
        self.reader, self.writer = await asyncio.open_unix_connection(self.socket_path)
        self._tail = False
        self._max_frame_bytes = MAX_FRAME_BYTES
        try:
            if disconnects != self._disconnects:
                raise _Lost(sent=False)
            hello = {"action": "hello", "client": self.client_name, "features": ["tail"]}
            await self._send(self._frame(hello))
            reply = await self._receive()
            if "error" in reply and not str(reply["error"]).startswith("Unknown action"):
                raise OSError(errno.EPROTO, "hello refused: %s" % reply["error"])
            self._tail = "tail" in reply.get("features", [])
            self._max_frame_bytes = int(reply.get("limits", {}).get("max_message_bytes", MAX_FRAME_BYTES))
        except BaseException:
            self._drop()
            raise

    def _drop(self) -> None:
        if self.writer is not None:
            self.writer.transport.abort()  # close() would first send all that waits
        self.reader = self.writer = None

    # ---- frames ----

    def _frame(self, request: Dict[str, Any]) -> List[Any]:
        tail: List[memoryview] = []
        tail_size = 0
        if self._tail:
            request, tail_size = _pack(request, tail, 0)
        text = json.dumps(request, separators=(",", ":")).encode("utf-8")
        size = len(text) + (4 + tail_size if self._tail else 0)
        if len(text) > self.max_message_bytes or size > self._max_frame_bytes:
            raise ValueError("Request too large: %d bytes" % size)
        if not self._tail:
            return [struct.pack(">I", size), text]
        return [struct.pack(">II", size, len(text)), text, *tail]

    async def _send(self, parts: List[Any]) -> None:
        # Until the last byte is with the kernel the manager has no frame that it could act on.
        writer = self.writer
        if self.reader.at_eof():
            raise _Lost(sent=False)
        try:
            for part in parts:
                writer.write(part)
                if writer.is_closing():
                    raise ConnectionError()
            await writer.drain()
        except OSError as error:
            raise _Lost(sent=False) from error

    async def _receive(self) -> Dict[str, Any]:
        reader = self.reader
        if reader is None:  # disconnect() came between
            raise _Lost(sent=True)
        try:
            (size,) = struct.unpack(">I", await reader.readexactly(4))
            if size > self.max_message_bytes + (self._max_frame_bytes if self._tail else 0):
                raise ValueError("Response too large: %d bytes" % size)
            payload = memoryview(await reader.readexactly(size))
        except (OSError, asyncio.IncompleteReadError) as error:
            raise _Lost(sent=True) from error
        tail = memoryview(b"")
        if self._tail:
            if size < 4 or struct.unpack(">I", payload[:4])[0] > size - 4:
                raise ValueError("the manager's frame contradicts itself")
            end = 4 + struct.unpack(">I", payload[:4])[0]
            payload, tail = payload[4:end], payload[end:]
        reply = json.loads(bytes(payload))
        if not isinstance(reply, dict):
            raise ValueError("the manager's reply is not an object")
        return _unpack(reply, tail) if len(tail) else reply

    # ---- one request ----

    async def _request(self, request: Dict[str, Any], request_id: Any) -> Dict[str, Any]:
        request["request_id"] = str(uuid.uuid4()) if request_id is None else request_id
        disconnects = self._disconnects
        async with self._lock:
            try:
                reply = await self._in_time(self._exchange(request, disconnects))
            except asyncio.CancelledError:
                self._drop()  # a reply that nobody waits for would meet the next request
                raise
            except HailoDeviceClientError:
                raise
            except Exception as error:
                self._drop()
                raise HailoDeviceClientError("Request failed: %s" % error) from error
        if "error" in reply:
            raise HailoDeviceClientError("Device manager error: %s" % reply["error"], reply.get("code"))
        if reply.get("request_id") != request["request_id"]:
            raise HailoDeviceClientError("Mismatched response request_id")
        return reply

    async def _in_time(self, work: Any) -> Any:
        try:
            return await asyncio.wait_for(work, self.timeout)
        except asyncio.TimeoutError:
            self._drop()
            raise HailoDeviceClientError("Request timeout", "deadline_exceeded") from None

    async def _exchange(self, request: Dict[str, Any], disconnects: int) -> Dict[str, Any]:
        repeated = False
        while True:
            if disconnects != self._disconnects:
                raise _Lost(sent=False)
            await self._connect(disconnects)
            try:
                await self._send(self._frame(request))
                return await self._receive()
            except _Lost as lost:
                self._drop()
                if repeated or (lost.sent and request["action"] not in _REPEATABLE):
                    raise
                repeated = True


def create_client(socket_path: Optional[str] = None) -> HailoDeviceClient:
    return HailoDeviceClient(socket_path)


class SyncHailoDeviceClient:
    """The same calls for programs without asyncio, by a loop on a thread of its own.

    with SyncHailoDeviceClient() as client:
        print(client.status()["queue_depth"])
    """

    def __init__(self, *args: Any, **kwargs: Any):
        self._client = HailoDeviceClient(*args, **kwargs)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="hailo-client", daemon=True)
        self._thread.start()
        self._lock = threading.Lock()
        self._closed = False

    def __getattr__(self, name: str) -> Any:
        if name not in _REPEATABLE | {"infer", "connect"}:
            raise AttributeError(name)
        call = getattr(self._client, name)
        return lambda *args, **kwargs: self._run(call(*args, **kwargs))

    def close(self) -> None:
        """Calls of other threads that are under way raise, as do later ones."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        await self._client.disconnect()
        calls = asyncio.all_tasks() - {asyncio.current_task()}
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

    def __enter__(self) -> "SyncHailoDeviceClient":
        return self

    def __exit__(self, *exc_info: Any) -> None:
        self.close()

    def _run(self, coroutine: Any) -> Any:
        with self._lock:
            if self._closed:
                coroutine.close()
                raise HailoDeviceClientError("The client is closed")
            call = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return call.result()
        except concurrent.futures.CancelledError:
            raise HailoDeviceClientError("Request failed: Device manager connection closed") from None
