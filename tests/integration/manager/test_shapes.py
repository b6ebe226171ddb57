"""What each family answers for the real models, in shapes that the clients of the reference rely on.

The models are those of the profile hailo10h, whose tensors are those of the published files.
"""

import unittest

from fixture import infer, load
from support.manager_process import ManagerProcess
from support.wire import Wire, tensor, tensor_bytes

YOLO = {f"yolov8s_pose/{part}_{grid}": [grid, grid, values]
        for grid in (80, 40, 20) for part, values in (("boxes", 64), ("scores", 1), ("keypoints", 51))}


def picture(height, width):
    return tensor(bytes(height * width * 3), (height, width, 3))


class Shapes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.manager = ManagerProcess(sim_profile="hailo10h", env={"HAILO_FAKE_TIME_SCALE": "0.05"})
        cls.manager.__enter__()
        cls.addClassCleanup(cls.manager.close)

    def setUp(self):
        self.wire = Wire(self.manager.socket_path)
        self.addCleanup(self.wire.close)

    def path(self, name):
        return self.manager.model(name)

    def ok(self, message):
        reply = self.wire.call(message)
        self.assertEqual(reply.get("status"), "ok", reply)
        return reply

    def infer(self, model_type, path, params=None, **data):
        return self.ok(infer(path, model_type=model_type, data=data, model_params=params or {}))["result"]

    def assertTensor(self, value, shape):
        self.assertEqual((value["dtype"], value["shape"]), ("float32", shape))
        count = 4
        for side in shape:
            count *= side
        self.assertEqual(len(tensor_bytes(value)), count)

    def test_depth(self):
        for name, height, width in (("scdepthv3", 256, 320), ("fast_depth", 224, 224)):
            batched = tensor(bytes(height * width * 3), (1, height, width, 3))
            planar = tensor(bytes(height * width * 3), (1, 3, height, width))
            for given in (picture(height, width), batched, planar):
                self.assertTensor(self.infer("depth", self.path(name), input=given), [height, width, 1])

    def test_pose(self):
        result = self.infer("pose", self.path("yolov8s_pose"), input=picture(640, 640))
        self.assertEqual({name: value["shape"] for name, value in result.items()}, YOLO)
        self.assertTensor(result["yolov8s_pose/boxes_80"], [80, 80, 64])

    def test_clip(self):
        text = "clip_vit_b_32_text_encoder"
        params = {"image_hef_path": self.path("clip_vit_b_32_image_encoder"), "text_hef_path": self.path(text),
                  "text_input_layer": f"{text}/input_layer1", "text_output_layer": f"{text}/normalization25"}
        path = params["image_hef_path"]
        self.ok(load(path, "clip", model_params=params))
        image = self.infer("clip", path, mode="image", tensor=picture(224, 224), timeout_ms=1000)
        self.assertTensor(image, [512])
        for shape in ((1, 77, 512), (77, 512)):
            tokens = tensor(bytes(4 * 77 * 512), shape, "float32")
            self.assertTensor(self.infer("clip", path, mode="text", tensor=tokens), [1, 77, 512])

    def test_ocr(self):
        path = self.path("ocr_det")
        params = {"detection_hef_path": path, "recognition_hefs": {"en": self.path("ocr"), "zh": self.path("ocr_chinese")},
                  "batch_sizes": {"en": 8, "zh": 1}}
        reply = self.ok(load(path, "ocr", model_params=params))
        self.assertEqual(reply["model_info"], {"detection_input_shape": [544, 960, 3]})
        heat = self.infer("ocr", path, params, mode="detection", image=picture(544, 960))
        self.assertTensor(heat, [544, 960, 1])
        for language in ("en", "zh"):
            for count in (0, 1, 9):
                read = self.infer("ocr", path, params, mode="recognition", language=language,
                                  crops=[picture(48, 320)] * count, batch_size=8)
                self.assertEqual(len(read), count)
                for crop in read:
                    self.assertTensor(crop, [1, 40, 97])

    def test_whisper(self):
        path = self.path("whisper-base")
        result = self.infer("whisper", path, audio=[0.0] * 16000 * 11, language="en", task="transcribe")
        self.assertEqual(list(result), ["segments"])
        self.assertEqual([segment["id"] for segment in result["segments"]], [0, 1])
        for segment in result["segments"]:
            self.assertEqual({name: type(value) for name, value in segment.items()},
                             {"id": int, "start": float, "end": float, "text": str})


if __name__ == "__main__":
    unittest.main()
