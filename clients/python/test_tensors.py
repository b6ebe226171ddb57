"""Tensors of device_client.py, in requests and in results."""

import copy
import json
import pickle
import unittest

import device_client
from device_client import HailoDeviceClient, Tensor
from scripted_manager import ABC, PLAIN, ClientTest, Peer, echo

try:
    import numpy
except ImportError:
    numpy = None

MANAGERS = {"tail": Peer.greet, "no tail": lambda peer: peer.greet(()), "version 1": Peer.greet_version_1}


class Tensors(ClientTest):
    def manager(self, greet):
        self.scripts.clear()
        self.serve(echo, greet)

    async def test_results_are_plain_dicts(self):
        for name, greet in MANAGERS.items():
            self.manager(greet)
            for sent in (ABC, {"dtype": "uint8", "shape": [3], "data_b64": "YWJj"}):
                with self.subTest(name, sent=sent):
                    reply = await self.client(self.path).infer("m", {"input": sent})
                    self.assertIs(type(reply["result"]), dict)
                    self.assertEqual(reply["result"], {"dtype": "uint8", "shape": [3], "data_b64": "YWJj"})

    async def test_bytes_in_and_out(self):
        for name, greet in MANAGERS.items():
            self.manager(greet)
            for data in (b"abc", bytearray(b"abc"), memoryview(b"xabcx")[1:4]):
                with self.subTest(name, data=type(data)):
                    client = self.client(self.path, tensors="bytes")
                    reply = await client.infer("m", {"input": {**ABC, "data": data}})
                    self.assertEqual(reply["result"], ABC)
                    self.assertIs(type(reply["result"]["data"]), bytes)

    @unittest.skipIf(numpy is None, "numpy is not installed")
    async def test_arrays_in_and_out(self):
        arrays = (
            numpy.arange(24, dtype="float32").reshape(2, 3, 4),
            numpy.arange(24, dtype="uint8").reshape(4, 6).T,
            numpy.arange(6, dtype=">i4"),
            numpy.array([True, False]),
            numpy.array(1.5, dtype="float16"),
        )
        for name, greet in MANAGERS.items():
            self.manager(greet)
            for array in arrays:
                with self.subTest(name, array=array):
                    got = (await self.client(self.path, tensors="array").infer("m", {"input": array}))["result"]
                    numpy.testing.assert_array_equal(got, array)
                    self.assertEqual((got.dtype, got.shape), (array.dtype.newbyteorder("="), array.shape))
                    self.assertTrue(got.flags.writeable and got.flags.aligned)
                    plain = await self.client(self.path).infer("m", {"input": array})
                    self.assertEqual(plain["result"], device_client.encode_tensor(array))
                    numpy.testing.assert_array_equal(device_client.decode_tensor(plain["result"]), array)

    @unittest.skipIf(numpy is None, "numpy is not installed")
    async def test_arrays_that_the_protocol_does_not_have_are_refused(self):
        self.serve(echo)
        for array in (numpy.zeros(2, dtype="complex64"), numpy.array([None])):
            self.assertIn("cannot be sent", await self.error_of(self.client(self.path).infer("m", {"input": array})))

    @unittest.skipIf(numpy is None, "numpy is not installed")
    async def test_tensors_of_every_form_can_be_decoded(self):
        whole = numpy.array([1, 2], dtype="float32")
        data = whole.tobytes()
        for form in (whole, {"dtype": "float32", "shape": [2], "data": data}, Tensor("float32", (2,), data)):
            got = device_client.decode_tensor(form)
            numpy.testing.assert_array_equal(got, whole)
            self.assertTrue(got.flags.writeable)
        for broken in ({}, {"dtype": "uint8", "shape": [1]}, 5):
            with self.assertRaisesRegex(ValueError, "must include dtype, shape, and data_b64"):
                device_client.decode_tensor(broken)

    async def test_tensors_are_sent_as_bytes_where_tail_is_granted(self):
        async def handler(peer, request, raw):
            self.assertNotIn("data_b64", request["input_data"]["input"])
            await echo(peer, request, raw)

        self.serve(handler)
        await self.client(self.path).infer("m", {"input": ABC})

    async def test_tail_passes_more_than_the_limit_of_the_json(self):
        self.serve(echo)
        data = bytes(range(251)) * 40000
        client = self.client(self.path, tensors="bytes")
        reply = await client.infer("m", {"input": {"dtype": "uint8", "shape": [len(data)], "data": data}})
        self.assertEqual(reply["result"]["data"], data)

    async def test_tensors_in_lists_pass_and_what_only_looks_like_one_stays(self):
        async def handler(peer, request, raw):
            crops = request["input_data"]["crops"]
            self.assertEqual(crops[1]["tail"], [2, 3])
            self.assertEqual(crops[2], {"dtype": "uint8", "shape": [1], "data_b64": "AA=="})
            self.assertEqual(crops[3], {"dtype": "text", "shape": None, "data": "hello"})
            self.assertEqual(raw, b"ababc")
            await peer.reply(request, b"xyz", result=[{"dtype": "uint8", "shape": [3], "tail": [0, 3]}, {"tail": 5}])

        self.serve(handler)
        crops = [{**ABC, "shape": [2], "data": b"ab"}, ABC]
        crops.append({"dtype": "uint8", "shape": [1], "data_b64": "AA=="})
        crops.append({"dtype": "text", "shape": None, "data": "hello"})
        reply = await self.client(self.path, tensors="bytes").infer("m", {"crops": crops})
        self.assertEqual(reply["result"], [{**ABC, "data": b"xyz"}, {"tail": 5}])

    async def test_the_caller_keeps_what_it_has_sent(self):
        self.serve(echo)
        data = {"input": dict(ABC), "list": [dict(ABC)]}
        before = copy.deepcopy(data)
        await self.client(self.path).infer("m", data)
        self.assertEqual(data, before)

    async def test_broken_result_tensors_are_refused(self):
        for place in ([0, 4], [-1, 3], [1, 3], [0], [0, 2]):

            async def handler(peer, request, raw, place=place):
                await peer.reply(request, b"xyz", result={"dtype": "uint8", "shape": [3], "tail": place})

            self.scripts.clear()
            self.serve(handler)
            client = self.client(self.path)
            self.assertIn("Request failed: ", await self.error_of(client.infer("m", {})))

    async def test_a_form_that_there_is_not(self):
        with self.assertRaisesRegex(ValueError, '"base64", "bytes" or "array", got \'dict\''):
            HailoDeviceClient(tensors="dict")


def matched(value):
    match value:
        case {"dtype": dtype, "data_b64": text}:
            return dtype, text
    return None


class AsDict(ClientTest):
    """What was made of bytes or came from the manager does in every operation what a dict does."""

    OPERATIONS = {
        "pop": lambda x: x.pop("data_b64"),
        "pop default": lambda x: x.pop("data_b64", None),
        "del": lambda x: (x.__delitem__("data_b64"), sorted(x)),
        "setdefault": lambda x: x.setdefault("data_b64", "X"),
        "popitem": lambda x: x.popitem(),
        "{**x}": lambda x: {**x},
        "dict": dict,
        "copy": copy.copy,
        "deepcopy": copy.deepcopy,
        "pickle": lambda x: pickle.loads(pickle.dumps(x)),
        "json": json.dumps,
        "json indent": lambda x: json.dumps(x, indent=1),
        "json sorted": lambda x: json.dumps([{"a": x}], sort_keys=True),
        "f(**x)": lambda x: (lambda dtype, shape, data_b64: data_b64)(**x),
        "update": lambda x: (lambda d: (d.update(x), d))({}),
        "list": list,
        "reversed": lambda x: list(reversed(x)),
        "keys": lambda x: list(x.keys()),
        "values": lambda x: list(x.values()),
        "items": lambda x: list(x.items()),
        "len": len,
        "in": lambda x: ("data_b64" in x, "data" in x),
        "eq": lambda x: (x == PLAIN, PLAIN == x, x != PLAIN),
        "get": lambda x: (x.get("data_b64"), x.get("other")),
        "missing": lambda x: x["other"],
        "clear": lambda x: (x.clear(), dict(x), len(x), bool(x)),
        "match": matched,
        "set": lambda x: (x.__setitem__("data_b64", "AAAA"), x["data_b64"], json.dumps(x)),
        "set and decode": lambda x: (x.__setitem__("data_b64", "AAAA"), bytes(device_client.decode_tensor(x))),
        "str": str,
        "repr": repr,
        "hash": hash,
        "fromkeys": lambda x: type(x).fromkeys(["a"]),
        "|": lambda x: (x | {"a": 1}, {"shape": 0} | x),
        "|=": lambda x: (x.__ior__({"a": 1}), len(x)),
        "less": lambda x: (x.pop("dtype"), len(x)),
        "more": lambda x: (x.__setitem__("z", 1), len(x), list(x)),
        "type": lambda x: (type(x), isinstance(x, dict)),
    }

    @staticmethod
    def outcome(operation, value):
        try:
            return repr(operation(value))
        except Exception as error:  # pylint: disable=broad-except; the same one is wanted
            return repr(error)

    async def test_it_is_one_in_every_operation(self):
        self.serve(echo)
        result = (await self.client(self.path).infer("m", {"input": ABC}))["result"]
        values = {"Tensor": Tensor("uint8", (3,), b"abc"), "result": result}
        if numpy is not None:
            values["encode_tensor"] = device_client.encode_tensor(numpy.frombuffer(b"abc", "uint8"))
        for source, value in values.items():
            for name, operation in self.OPERATIONS.items():
                with self.subTest(source, operation=name):
                    expected = self.outcome(operation, copy.deepcopy(PLAIN))
                    self.assertEqual(self.outcome(operation, copy.deepcopy(value)), expected)


if __name__ == "__main__":
    unittest.main()
