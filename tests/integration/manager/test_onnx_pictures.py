"""Pictures on their way into ONNX graphs: what a model.yaml says, what the graph gets. Its tensors come back as they
arrive (tests/data/models/make_models.py, echo_*); the oracle is numpy."""

import array
import itertools
import pathlib
import shutil
import tempfile
import unittest

import numpy

from support.manager_process import SOURCE, ManagerProcess
from support.wire import Wire, tensor, tensor_bytes

MODELS = SOURCE / "tests" / "data" / "models"
PICTURE = numpy.random.default_rng(1).integers(0, 256, (4, 6, 3), numpy.uint8)


class Pictures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name).resolve()
        cls.manager = ManagerProcess(device="onnx", arguments=("--model-dirs", cls.folder))
        cls.addClassCleanup(cls.manager.close)
        cls.manager.__enter__()

    def setUp(self):
        self.wire = Wire(self.manager.socket_path, features=[])
        self.addCleanup(self.wire.close)

    def model(self, name, yaml=None, called=None):
        """A copy with its yaml, in a folder of its own."""
        folder = self.folder / self.id().rsplit(".")[-1]
        folder.mkdir(exist_ok=True)
        path = folder / f"{called or name}.onnx"
        shutil.copy(MODELS / f"{name}.onnx", path)
        if yaml is not None:
            path.with_suffix(".yaml").write_text(yaml)
        return path

    def call(self, action, path, **more):
        return self.wire.call({"action": action, "model_type": "detect", "model_path": str(path), **more})

    def arrived(self, path):
        reply = self.call("infer", path, input_data={"input": tensor(PICTURE.tobytes(), PICTURE.shape)})
        self.assertEqual(reply["status"], "ok", reply)
        result = reply["result"]
        return numpy.array(array.array("f", tensor_bytes(result))).reshape(result["shape"])

    def test_every_layout_order_scale_and_type(self):
        scales = {"std: 255": (0, 255), "std: 1": (0, 1),
                  "mean: [123.7, 116.3, 103.5], std: [58.4, 57.1, 57.4]":
                      (numpy.array([123.7, 116.3, 103.5]), numpy.array([58.4, 57.1, 57.4]))}
        graphs = {"echo_nchw": 1e-6, "echo_nhwc": 1e-6, "echo_half": 1e-3}
        cases = list(itertools.product(graphs.items(), ("rgb", "bgr"), scales.items()))
        for number, ((name, step), colour, (text, (mean, std))) in enumerate(cases):
            with self.subTest(model=name, colour=colour, scale=text):
                path = self.model(name, f"input: {{colour: {colour}, {text}}}", called=f"m{number}")
                pixels = (PICTURE[..., ::-1] if colour == "bgr" else PICTURE).astype(numpy.float64)
                expected = (pixels - mean) / std
                if name != "echo_nhwc":
                    expected = expected.transpose(2, 0, 1)
                got = self.arrived(path)
                self.assertEqual(got.shape, expected.shape)
                numpy.testing.assert_allclose(got, expected, rtol=step, atol=step)

    def test_bytes_stay_bytes_in_the_order_of_the_graph(self):
        for called, yaml, expected in (("as_it_is", None, PICTURE), ("bgr", "input: {colour: bgr}", PICTURE[..., ::-1])):
            got = self.arrived(self.model("echo_bytes", yaml, called))
            numpy.testing.assert_array_equal(got, expected.transpose(2, 0, 1))

    def test_sides_that_the_graph_leaves_open_are_those_of_the_yaml(self):
        path = self.model("echo_free", "input: {width: 6, height: 4, std: 1}")
        numpy.testing.assert_array_equal(self.arrived(path), PICTURE.transpose(2, 0, 1))

    def test_the_reply_to_a_load_says_what_the_yaml_says(self):
        folder = self.folder / "said"
        folder.mkdir()
        path = folder / "mine.onnx"
        shutil.copy(MODELS / "echo_nchw.onnx", path)
        (folder / "names.txt").write_text("cat\ndog\n")
        (folder / "model.yaml").write_text("family: detect\nhead: decoded\nlabels: names.txt\n"
                                           "input: {std: 255, fit: corner, padding: 0}\n")
        self.assertEqual(self.call("load_model", path)["model_info"],
                         {"input_shape": [4, 6, 3], "outputs": [{"name": "output", "shape": [3, 4, 6]}],
                          "input": {"fit": "corner", "padding": 0}, "head": "decoded", "labels": ["cat", "dog"]})

    def test_the_image_encoder_of_clip_is_described_as_others_are(self):
        image = self.model("echo_nchw", "input: {std: 255, fit: stretch}")
        text = self.model("clip_text", "input: {std: 7}")
        params = {"image_hef_path": str(image), "text_hef_path": str(text), "text_input_layer": "a", "text_output_layer": "b"}
        clip = {"model_type": "clip", "model_path": "clip", "model_params": params}
        told = self.wire.call({"action": "load_model", **clip})["model_info"]
        self.assertEqual(told, {"input_shape": [4, 6, 3], "outputs": [{"name": "output", "shape": [3, 4, 6]}],
                                "input": {"fit": "stretch"},
                                "text": {"input_shape": [7, 16], "output_shape": [7, 16], "batch": 1}})
        reply = self.wire.call({"action": "infer", **clip, "input_data": {
            "mode": "image", "tensor": tensor(PICTURE.tobytes(), PICTURE.shape)}})
        got = numpy.array(array.array("f", tensor_bytes(reply["result"]))).reshape(3, 4, 6)
        numpy.testing.assert_allclose(got, PICTURE.transpose(2, 0, 1) / 255, rtol=1e-6)

    def test_a_yaml_that_is_wrong_or_missing_is_told(self):
        for name, yaml, message in (
                ("echo_nchw", None, "nothing says how a picture becomes that: write a0.yaml beside it"),
                ("echo_nchw", "input: {layout: hwc}", "a1.yaml: input.layout must be one of nhwc, nchw, got hwc"),
                ("echo_nchw", "input: [", "a2.yaml: "),
                ("echo_nchw", "input: {layout: nhwc, std: 1}", "no picture of 1 or 3 channels in the layout nhwc"),
                ("echo_nchw", "labels: none.txt", "none.txt"),
                ("echo_nchw", "labels: ../../../etc/passwd", "labels must be a set's or file's name"),
                ("echo_free", "input: {std: 1}", "pictures of any size"),
                ("int8_weights", None, "have int8 weights, which ONNX Runtime's code for CPUs may not have"),
                ("one_step", None, "quantised in steps of 2.5, which serve boxes in pixels and scores")):
            with self.subTest(model=name, yaml=yaml):
                self.asked = getattr(self, "asked", -1) + 1
                reply = self.call("load_model", self.model(name, yaml, called=f"a{self.asked}"))
                self.assertIn("error", reply)
                self.assertIn(message, str(reply))

    def test_another_yaml_counts_from_the_next_load_on(self):
        path = self.model("echo_nchw", "input: {std: 1}")
        self.assertEqual(self.arrived(path)[0, 0, 0], PICTURE[0, 0, 0])
        path.with_suffix(".yaml").write_text("input: {std: 2}")
        self.assertEqual(self.arrived(path)[0, 0, 0], PICTURE[0, 0, 0], "it is loaded")
        self.call("unload_model", path)
        self.assertEqual(self.arrived(path)[0, 0, 0], PICTURE[0, 0, 0] / 2)


if __name__ == "__main__":
    unittest.main()
