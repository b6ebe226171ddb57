"""Services with networks as they are published, which lie in ../shared/models where they are there."""

import array
import pathlib
import shutil
import tempfile

import numpy

from .manager_process import SOURCE, ManagerProcess
from .service_process import ServiceTest
from .wire import Wire, tensor, tensor_bytes

SHARED = SOURCE.parent / "shared"


class RealNetworkTest(ServiceTest):
    """The service `program` with the network, which the manager runs on the CPU as `model_type`."""

    network = None  # the file
    model_type = ""

    @classmethod
    def make_manager(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.path = pathlib.Path(folder.name).resolve() / cls.network.name
        shutil.copy(cls.network, cls.path)
        return ManagerProcess(device="onnx", arguments=("--model-dirs", cls.path.parent))

    @classmethod
    def model_path(cls):
        return cls.path

    def raw(self, picture, path=None):
        """What the network itself (or another file) gives of a fitted picture: an array without batch for each output."""
        with Wire(self.manager.socket_path, features=[]) as wire:
            reply = wire.call({"action": "infer", "model_type": self.model_type, "model_path": str(path or self.path),
                               "input_data": {"input": tensor(picture.tobytes(), picture.shape)}})
        self.assertNotIn("error", reply)
        result = reply["result"]
        outputs = [result] if "shape" in result else result.values()
        return [numpy.array(array.array("f", tensor_bytes(one)), numpy.float64).reshape(one["shape"]) for one in outputs]
