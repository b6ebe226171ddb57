"""The client and its tests once more, as where numpy is not installed."""

import sys
import unittest

sys.modules["numpy"] = None  # importing it now fails, for the client too

import device_client  # noqa: E402
from test_tensors import *  # noqa: E402,F401,F403


class WithoutNumpy(unittest.TestCase):
    def test_it_is_not_there(self):
        self.assertIsNone(device_client.numpy)

    def test_tensors_are_bytes(self):
        tensor = device_client.Tensor("float32", (2,), bytes(range(8)))
        self.assertEqual(device_client.decode_tensor(tensor), bytes(range(8)))

    def test_arrays_cannot_be_asked_for(self):
        with self.assertRaisesRegex(device_client.HailoDeviceClientError, 'without it use "bytes"'):
            device_client.HailoDeviceClient(tensors="array")

    def test_making_one_of_an_array_says_what_else_to_do(self):
        with self.assertRaisesRegex(device_client.HailoDeviceClientError, "Tensor\\(dtype, shape, data\\)"):
            device_client.encode_tensor([1, 2])


if __name__ == "__main__":
    unittest.main()
