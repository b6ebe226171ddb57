"""The families of tensor models on the CPU, with tiny models whose outputs can be told beforehand.

What the models compute is said in tests/data/models/make_models.py.
"""

import array
import pathlib
import unittest

from support.manager_process import SOURCE, ManagerProcess
from support.wire import Wire, tensor, tensor_bytes

MODELS = SOURCE / "tests" / "data" / "models"
CLIP = {"image_hef_path": str(MODELS / "clip_image.onnx"), "text_hef_path": str(MODELS / "clip_text.onnx"),
        "text_input_layer": "input", "text_output_layer": "features"}
OCR_PATH = str(MODELS / "ocr_det.onnx")
OCR = {"detection_hef_path": OCR_PATH,
       "recognition_hefs": {"en": str(MODELS / "ocr_rec.onnx")}, "batch_sizes": {"en": 4}}


def cpu_manager(config=None):
    return ManagerProcess(device="onnx", arguments=("--model-dirs", MODELS), config=config)


def floats(value):
    assert value["dtype"] == "float32", value["dtype"]
    return list(array.array("f", tensor_bytes(value)))


def picture(height, width, value):
    return tensor(bytes([value]) * (height * width * 3), (height, width, 3))


class Families(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.manager = cpu_manager()
        cls.addClassCleanup(cls.manager.close)
        cls.manager.__enter__()

    def setUp(self):
        self.wire = Wire(self.manager.socket_path)
        self.addCleanup(self.wire.close)

    def call(self, action, kind, path, **more):
        return self.wire.call({"action": action, "model_type": kind, "model_path": str(path), **more})

    def ok(self, *arguments, **more):
        reply = self.call(*arguments, **more)
        self.assertEqual(reply.get("status"), "ok", reply)
        return reply

    def infer(self, kind, path, params, **data):
        return self.ok("infer", kind, path, model_params=params, input_data=data)["result"]

    def assertFloats(self, result, shape, expected):
        self.assertEqual(result["shape"], shape)
        got = floats(result)
        self.assertEqual(len(got), len(expected))
        for one, other in zip(got, expected):
            self.assertAlmostEqual(one, other, places=4)

    def test_embed_takes_pictures_and_features(self):
        image = MODELS / "clip_image.onnx"
        with Wire(self.manager.socket_path, []) as client:
            reply = client.call({"action": "load_model", "model_type": "embed", "model_path": str(image)})
        self.assertEqual(reply["model_info"], {"input": "images", "input_shape": [32, 32, 3], "dimension": 16})
        pictures = [picture(32, 32, 77), picture(32, 32, 5)]
        self.assertFloats(self.infer("embed", image, {}, images=pictures), [2, 16], [0.25] * 32)
        self.assertFloats(self.infer("embed", image, {"normalise": False}, images=pictures), [2, 16],
                          [77.0] * 16 + [5.0] * 16)
        words = tensor(array.array("f", [float(i // 16) for i in range(7 * 16)]).tobytes(), (7, 16), "float32")
        text = MODELS / "clip_text.onnx"
        self.assertFloats(self.infer("embed", text, {"normalise": False}, features=[words], lengths=[3]), [1, 16],
                          [2.0] * 16)
        self.assertFloats(self.infer("embed", text, {"normalise": False, "pooling": "last"}, features=[words],
                                     lengths=[3]), [1, 16], [4.0] * 16)

    def test_clip_embeds_pictures_and_texts(self):
        self.ok("load_model", "clip", "clip-b32", model_params=CLIP)
        result = self.infer("clip", "clip-b32", CLIP, mode="image", tensor=picture(32, 32, 77))
        self.assertFloats(result, [16], [77.0] * 16)
        words = array.array("f", [i / 8 for i in range(7 * 16)])
        for shape in ((1, 7, 16), (7, 16)):
            result = self.infer("clip", "clip-b32", CLIP, mode="text",
                                tensor=tensor(words.tobytes(), shape, "float32"))
            self.assertFloats(result, [1, 7, 16], [2 * word for word in words])

    def test_the_timeout_in_the_input_of_clip_has_no_effect(self):
        result = self.infer("clip", "clip-b32", CLIP, mode="image", tensor=picture(32, 32, 1), timeout_ms=0)
        self.assertFloats(result, [16], [1.0] * 16)

    def test_ocr_finds_and_reads(self):
        reply = self.ok("load_model", "ocr", OCR_PATH, model_params=OCR)
        self.assertEqual(reply["model_info"], {"detection_input_shape": [64, 96, 3]})
        with Wire(self.manager.socket_path, features=[]) as wire:
            said = wire.call({"action": "load_model", "model_type": "ocr", "model_path": OCR_PATH, "model_params": OCR})
        recogniser = {"input_shape": [48, 320, 3], "outputs": [{"name": "steps", "shape": [40, 97]}], "batch": 4}
        self.assertEqual(said["model_info"], {"detection_input_shape": [64, 96, 3], "recognition": {"en": recogniser}})
        heat = self.infer("ocr", OCR_PATH, OCR, mode="detection", image=picture(64, 96, 51))
        self.assertFloats(heat, [64, 96, 1], [0.2] * (64 * 96))
        # More crops than one batch holds, so that the last batch is padded.
        shades = [10, 20, 30, 40, 50, 60]
        read = self.infer("ocr", OCR_PATH, OCR, mode="recognition", language="en",
                          crops=[picture(48, 320, shade) for shade in shades])
        self.assertEqual(len(read), len(shades))
        for result, shade in zip(read, shades):
            self.assertFloats(result, [40, 97], [float(shade)] * (40 * 97))
        self.assertEqual(self.infer("ocr", OCR_PATH, OCR, mode="recognition", crops=[]), [])

    def test_a_language_cut_within_a_character_costs_the_worker_nothing(self):
        self.ok("load_model", "ocr", OCR_PATH, model_params=OCR)
        workers = self.manager.workers()
        reply = self.call("infer", "ocr", OCR_PATH, model_params=OCR,
                          input_data={"mode": "recognition", "crops": [], "language": "x" * 31 + "\u00e9"})
        self.assertIn("Unsupported language: " + "x" * 31 + ". Available", reply["error"])
        self.assertEqual(self.manager.workers(), workers)

    def test_pose_gives_each_output_under_its_name(self):
        path = MODELS / "pose_many.onnx"
        result = self.infer("pose", path, {}, input=picture(64, 64, 9))
        self.assertEqual(set(result), {"boxes", "scores", "keypoints"})
        for name, channels, plus in (("boxes", 64, 1), ("scores", 1, 2), ("keypoints", 51, 3)):
            self.assertFloats(result[name], [8, 8, channels], [9.0 + plus] * (64 * channels))

    def test_a_picture_of_another_size_is_refused_with_the_right_one(self):
        reply = self.call("infer", "pose", MODELS / "pose_many.onnx", input_data={"input": picture(32, 64, 9)})
        self.assertIn("input must be uint8 (64, 64, 3), got uint8 (32, 64, 3)", reply["error"])


class MissingParts(unittest.TestCase):
    def test_what_is_known_of_a_missing_file_follows_the_text_that_clients_know(self):
        with ManagerProcess(device="onnx") as running, Wire(running.socket_path) as wire:
            file = running.add_model("only.hef")
            missing = running.model("none")
            for path, known in ((file, " (this manager runs models on the CPU, and there is no only.onnx for it)"), (missing, "")):
                reply = wire.call({"action": "load_model", "model_type": "clip", "model_path": "clip",
                                   "model_params": {**CLIP, "image_hef_path": path}})
                self.assertEqual(reply["error"], f"Failed to load model: Image HEF not found: {path}{known}")


class ChosenByItself(unittest.TestCase):
    def test_all_workers_open_the_kind_of_device_that_the_first_one_has_found(self):
        with ManagerProcess(device="auto", arguments=("--model-dirs", MODELS),
                            env={"HAILO_SYSFS_ROOT": "/nonexistent"}) as manager, Wire(manager.socket_path) as wire:
            status = wire.call({"action": "device_status"})
            self.assertEqual(status.get("status"), "ok", status)
            wire.call({"action": "load_model", "model_type": "whisper", "model_path": OCR_PATH})
            words = pathlib.Path(f"/proc/{manager.worker('speech')}/cmdline").read_bytes().split(b"\0")
            self.assertEqual(words[words.index(b"--device") + 1], b"onnx")


class Threads(unittest.TestCase):
    def worker_threads(self, count):
        with cpu_manager(config=f"device: {{threads: {count}}}\n") as manager, Wire(manager.socket_path) as wire:
            reply = wire.call({"action": "infer", "model_type": "pose", "model_path": str(MODELS / "pose_many.onnx"),
                               "input_data": {"input": picture(64, 64, 9)}})
            self.assertEqual(reply.get("status"), "ok", reply)
            return sum(len(list(pathlib.Path(f"/proc/{worker}/task").iterdir())) for worker in manager.workers())

    def test_an_inference_uses_as_many_threads_as_the_configuration_says(self):
        self.assertEqual(self.worker_threads(5), self.worker_threads(2) + 3)  # from the second on a sanitizer has one too


if __name__ == "__main__":
    unittest.main()
