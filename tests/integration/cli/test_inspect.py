"""hailoctl inspect on the adapter and the fake HailoRT, and without either."""

import hashlib
import json
import os
import pathlib
import unittest

from fixture import ADAPTERS, WithChip
from support import fake_hef, hef_file

REAL_HEFS = pathlib.Path(os.environ["NPU_SOURCE_DIR"]).parent / "shared/models/hef"

DETECTOR = """
kind: tensor
inputs:
  - {name: net/input_layer1, dtype: uint8, shape: [320, 320, 3]}
outputs:
  - {name: net/conv1, dtype: float32, shape: [10, 10, 4]}
hef:
  architectures: [HAILO10H, HAILO15H]
  outputs:
    net/conv1: {type: uint16, scale: 0.5, zero_point: 3}
"""

WITH_ADAPTERS = """
kind: text
context: 512
hef:
  groups: [base_model__prefill, base_model__tbt, calls__prefill, calls__tbt]
"""


class WithHailort(WithChip):
    def test_a_tensor_model_shows_its_formats(self):
        path = self.model("net", DETECTOR)
        file = self.json_of(self.hailoctl("--json", "inspect", path))
        self.assertEqual(sorted(file["architectures"]), ["HAILO10H", "HAILO15H"])
        self.assertEqual((file["kind"], file["hef_version"]), ("tensor", 3))
        self.assertEqual(file["sha256"], hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest())
        self.assertEqual(file["bytes"], pathlib.Path(path).stat().st_size)
        self.assertRegex(file["hash"], "^[0-9a-f]+$")
        (group,) = file["groups"]
        (given,), (result,) = group["inputs"], group["outputs"]
        self.assertEqual((given["shape"], given["type"], given["order"]), ([320, 320, 3], "UINT8", "NHWC"))
        self.assertEqual((result["shape"], result["type"]), ([10, 10, 4], "UINT16"))
        self.assertEqual((result["quantisation"]["scale"], result["quantisation"]["zero_point"]), (0.5, 3))
        text = self.hailoctl("inspect", path).stdout
        for part in ("HAILO10H", "net/input_layer1", "320x320x3", "(q - 3) * 0.5"):
            self.assertIn(part, text)

    def test_a_file_for_another_chip_is_told_by_the_exit_status(self):
        path = self.model("net", DETECTOR)
        for chip in ("hailo10h", "HAILO15H", "here"):
            self.assertEqual(self.hailoctl("inspect", path, "--for", chip).returncode, 0, chip)
        done = self.hailoctl("inspect", path, "--for", "hailo8")
        self.assertEqual(done.returncode, 1)
        self.assertIn("is made for HAILO10H, HAILO15H, not for HAILO8", done.stderr)
        other = self.model("other", DETECTOR.replace("HAILO10H, HAILO15H", "HAILO8"))
        done = self.hailoctl("inspect", other, "--for", "here")
        self.assertEqual(done.returncode, 1)
        self.assertIn("is made for HAILO8, not for HAILO10H", done.stderr)

    def test_what_a_file_says_does_not_steer_the_terminal(self):
        done = self.hailoctl("inspect", self.model("chat", "kind: text\ncontext: 512\nhef: {chat_template: \"a\\e]0;b\"}\n"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("\x1b", done.stdout)
        self.assertIn("\\x1b]0;b", done.stdout)

    def test_kinds_of_generative_models_are_told_apart(self):
        for name, kind in (("chat", "llm"), ("seer", "vlm"), ("listener", "speech2text"), ("detector", "tensor")):
            with self.subTest(name):
                file = self.json_of(self.hailoctl("--json", "inspect", self.model(name)))
                self.assertEqual(file["kind"], kind)
                self.assertEqual("hailo-config.json" in file["resources"], kind != "tensor")

    def test_a_language_model_shows_what_it_says_of_itself(self):
        file = self.json_of(self.hailoctl("--json", "inspect", self.model("other-chat")))
        generation = file["generation"]
        self.assertEqual((generation["context_length"], generation["sampling"]["top_k"]), (1024, 20))
        self.assertIn("1024 tokens", self.hailoctl("inspect", self.model("other-chat")).stdout)

    def test_adapters_are_named(self):
        file = self.json_of(self.hailoctl("--json", "inspect", self.model("lora", WITH_ADAPTERS)))
        self.assertEqual((file["kind"], file["lora"]), ("llm", ["calls"]))

    def test_a_file_that_HailoRT_refuses_is_an_error_with_its_number(self):
        done = self.hailoctl("inspect", self.model("net", DETECTOR + "  damaged: true\n"))
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, r"net\.hef: .*HAILO_\w+ \(\d+\)")


class Both(WithChip):
    """The same file, of which HailoRT (the fake one) and its description say the same."""

    def both(self, name, described):
        path = hef_file.write(self.folder / f"{name}.hef", described)
        files = [self.json_of(self.hailoctl("--json", "inspect", path, adapters=adapters))
                 for adapters in (ADAPTERS, self.folder)]
        self.assertIn("hailort", files[0])
        self.assertNotIn("hailort", files[1])
        return files

    def test_library_and_file_agree_on_tensors(self):
        layers = [hef_file.layer("net/input_layer1", [320, 320, 3]),
                  hef_file.layer("net/conv2", [10, 10, 2], output=True,
                                 quantisation=hef_file.numeric(scales=[0.5, 2.0], zero_points=[3.0, 0.0])),
                  hef_file.layer("net/conv1", [10, 10, 4], output=True, data_bytes=2,
                                 quantisation=hef_file.numeric(0.5, 3.0, 0.0, 0.0))]
        body = DETECTOR + "    net/conv2: {type: uint8, scales: [0.5, 2], zero_points: [3, 0]}\n"
        body = body.replace("shape: [10, 10, 4]}", "shape: [10, 10, 4]}\n  - {name: net/conv2, dtype: float32, shape: [10, 10, 2]}")
        body = body.replace("  architectures", "  groups: [net]\n  architectures")
        described = hef_file.description(
            [hef_file.network("net", layers, sorted_outputs=["net/conv1", "net/conv2"])],
            extensions=(0, hef_file.SCALES_OF_FEATURES), body=body)
        library, file = self.both("net", described)
        for key in ("kind", "lora", "resources", "generation"):
            self.assertEqual(library[key], file[key], key)
        self.assertEqual(sorted(library["architectures"]), sorted(file["architectures"]))
        (library_group,), (file_group,) = library["groups"], file["groups"]
        for key in ("name", "multi_context", "inputs"):
            self.assertEqual(library_group[key], file_group[key], key)
        for one, other in zip(library_group["outputs"], file_group["outputs"], strict=True):
            for key in ("name", "type", "order", "shape"):
                self.assertEqual(one[key], other[key], key)
        self.assertIsNone(file_group["outputs"][1]["quantisation"])
        self.assertEqual(library_group["outputs"][1]["quantisation"], None)

    def test_library_and_file_agree_on_boxes(self):
        body = """
name: yolo
kind: tensor
inputs:
  - {name: yolo/input_layer1, dtype: uint8, shape: [640, 640, 3]}
outputs:
  - {name: yolo/nms, nms: {order: by_class, classes: 80, boxes: 100}}
"""
        layers = [hef_file.layer("yolo/input_layer1", [640, 640, 3]),
                  hef_file.layer("yolo/conv1", [80, 80, 64], output=True, pad=10),
                  hef_file.layer("yolo/conv2", [80, 80, 80], output=True, pad=11)]
        nms = hef_file.nms_operation("yolo/nms", hef_file.YOLOV8, inputs=[20, 21], classes=80, boxes=100)
        described = hef_file.description(
            [hef_file.network_with_operations("yolo", layers, [nms], edges=[(10, 20), (11, 21)],
                                              sorted_outputs=["yolo/nms"])], body=body)
        library, file = self.both("yolo", described)
        (library_group,), (file_group,) = library["groups"], file["groups"]
        self.assertEqual(library_group["inputs"], file_group["inputs"])
        (one,), (other,) = library_group["outputs"], file_group["outputs"]
        for key in ("name", "type", "order", "quantisation"):
            self.assertEqual(one[key], other[key], key)
        for key in ("classes", "max_boxes_per_class", "max_mask_bytes"):
            self.assertEqual(one["nms"][key], other["nms"][key], key)


class WithoutHailort(WithChip):
    """Files of an independent writer (support/hef_file.py): what was written is what is shown."""

    def inspect(self, described, **more):
        path = hef_file.write(self.folder / "net.hef", described, **more)
        return self.json_of(self.hailoctl("--json", "inspect", path, "--no-sha256", adapters=self.folder))

    def group_of(self, described, **more):
        (group,) = self.inspect(described, **more)["groups"]
        return group

    PLAIN = hef_file.network("net", [
        hef_file.layer("net/input_layer1", [224, 320, 3], form=hef_file.NHWC,
                       quantisation=hef_file.numeric(0.5, 114.0, -57.0, 70.5)),
        hef_file.layer("between", [1, 1, 1], connection=1),
        hef_file.layer("net/fc1", [1, 1, 11], output=True, form=hef_file.NC, data_bytes=2)],
        sorted_outputs=["net/fc1"], fps=99.5)

    def test_a_file_of_each_format_shows_what_it_holds(self):
        for version in range(4):
            with self.subTest(version):
                file = self.inspect(hef_file.description([self.PLAIN], architecture="HAILO8L"), version=version,
                                    weights=50 if version else 0)
                self.assertEqual(file["hef_version"], version)
                self.assertEqual(file["architectures"], ["HAILO8L", "HAILO8"])
                self.assertEqual((file["kind"], file["compiler"], file["lora"]), ("tensor", "5.2.0", []))
                (group,) = file["groups"]
                self.assertEqual((group["name"], group["multi_context"], group["bottleneck_fps"]), ("net", False, 99.5))
                self.assertEqual(group["inputs"], [{
                    "name": "net/input_layer1", "type": "UINT8", "order": "NHWC", "shape": [224, 320, 3],
                    "quantisation": {"zero_point": 114, "scale": 0.5, "min": -57, "max": 70.5}}])
                self.assertEqual([(one["name"], one["type"], one["order"], one["shape"]) for one in group["outputs"]],
                                 [("net/fc1", "UINT16", "NC", [1, 1, 11])])

    def test_outputs_come_in_their_order_and_parts_of_a_mux_apart(self):
        parts = [hef_file.layer("a", [2, 3, 4], output=True, transposed=True), hef_file.layer("b", [5, 6, 7], output=True)]
        network = hef_file.network("net", [hef_file.layer("c", [1, 1, 8], output=True), hef_file.mux("all", parts)],
                                   sorted_outputs=["b", "c", "a"], contexts=2)
        group = self.group_of(hef_file.description([network]))
        self.assertEqual([(one["name"], one["shape"]) for one in group["outputs"]],
                         [("b", [5, 6, 7]), ("c", [1, 1, 8]), ("a", [3, 2, 4])])
        self.assertEqual((group["multi_context"], group["bottleneck_fps"]), (True, None))

    def test_scales_of_features_are_listed(self):
        output = hef_file.layer("o", [1, 1, 3], output=True,
                                quantisation=hef_file.numeric(0.25, 7.0, scales=[0.5, 1.0, 2.0]))
        network = hef_file.network("net", [output], sorted_outputs=["o"])
        group = self.group_of(hef_file.description([network], extensions=[0, hef_file.SCALES_OF_FEATURES]))
        self.assertIsNone(group["outputs"][0]["quantisation"])
        self.assertEqual(group["outputs"][0]["feature_scales"], [0.5, 1, 2])
        self.assertEqual(group["outputs"][0]["feature_zero_points"], [7])
        group = self.group_of(hef_file.description([network]))  # a compiler without the extension
        self.assertEqual(group["outputs"][0]["quantisation"]["scale"], 0.25)

    def test_boxes_of_the_chip_are_shown_as_boxes(self):
        layer = hef_file.layer("n", [1, 1, 1], output=True, form=hef_file.NMS, data_bytes=2, nms={2: 80, 3: 50, 7: 2})
        (output,) = self.group_of(hef_file.description([hef_file.network("net", [layer])]))["outputs"]
        self.assertEqual((output["order"], output["type"]), ("NMS_BY_CLASS", "FLOAT32"))
        self.assertEqual(output["nms"], {"classes": 80, "max_boxes_per_class": 100, "max_boxes": 8000, "max_mask_bytes": 0})

    def with_nms(self, head, **more):
        layers = [hef_file.layer("in", [640, 640, 3]), hef_file.layer("o1", [80, 80, 255], output=True, pad=10),
                  hef_file.layer("o2", [40, 40, 255], output=True, pad=11), hef_file.layer("raw", [1, 1, 1], output=True)]
        nms = hef_file.nms_operation("net/nms", head, inputs=[20, 21], classes=80, boxes=100, **more)
        network = hef_file.network_with_operations("net", layers, [nms], edges=[(10, 20), (11, 21)],
                                                   sorted_outputs=["net/nms", "raw"])
        file = self.inspect(hef_file.description([network]))
        (operation,) = file["operations"]
        output, raw = file["groups"][0]["outputs"]
        self.assertEqual((output["name"], raw["name"]), ("net/nms", "raw"))
        return operation, output

    def test_operations_are_shown_with_thresholds_and_anchors(self):
        small = {2: hef_file.Packed("varint", [13, 30]), 3: hef_file.Packed("varint", [10, 16]), 4: 8, 5: 10}
        large = {2: [61], 3: [200], 4: 16, 5: 11}  # not packed, which readers have to take as well
        operation, output = self.with_nms(hef_file.YOLOV5, decoders=[small, large], score=0.25, iou=0.6)
        self.assertEqual(operation, {
            "operation": "YOLOV5", "Score threshold": "0.250", "IoU threshold": "0.60", "Classes": "80",
            "Max bboxes per class": "100", "Image height": "640", "Image width": "640", "Strides": "8, 16",
            "Anchors": "10x13 16x30; 200x61"})
        self.assertEqual(output["nms"], {"classes": 80, "max_boxes_per_class": 100, "max_boxes": 8000, "max_mask_bytes": 0})
        operation, output = self.with_nms(hef_file.SSD, decoders=[{1: hef_file.Packed("f", [0.5]), 2: [hef_file.F32(0.25)]}],
                                          background=0)
        self.assertEqual((operation["operation"], operation["Anchors"]), ("SSD", "0.25x0.5"))
        self.assertEqual((operation["Background removal index"], output["nms"]["classes"]), ("0", 79))
        operation, _ = self.with_nms(hef_file.YOLOX, decoders=[{1: 8}, {1: 16}])
        self.assertEqual((operation["operation"], operation["Strides"]), ("YOLOX", "8, 16"))
        operation, output = self.with_nms(hef_file.YOLOV5SEG)
        self.assertEqual((operation["operation"], operation["Mask threshold"]), ("YOLOV5SEG", "0.50"))
        self.assertEqual((output["order"], output["nms"]["max_mask_bytes"]), ("NMS_WITH_BYTE_MASK", 4 * 640 * 640))

    def test_heads_that_only_decode_boxes_have_a_shape(self):
        _, output = self.with_nms(hef_file.YOLOV8, boxes_only=True)
        self.assertEqual((output["order"], output["shape"]), ("NHWC", [1, (80 * 80 + 40 * 40) // 2, 84]))
        decoders = [{2: [1, 2, 3], 3: [1, 2, 3], 5: 10}, {2: [1, 2, 3], 3: [1, 2, 3], 5: 11}]
        _, output = self.with_nms(hef_file.YOLOV5, boxes_only=True, decoders=decoders)
        self.assertEqual(output["shape"], [1, 3 * (80 * 80 + 40 * 40), 85])

    def test_argmax_and_softmax_are_shown(self):
        for softmax, features in ((True, 19), (False, 1)):
            with self.subTest(softmax):
                layers = [hef_file.layer("o", [4, 5, 19], output=True, pad=10)]
                logits = hef_file.logits_operation("classes", softmax=softmax, pad=20)
                network = hef_file.network_with_operations("net", layers, [logits], edges=[(10, 20)], sorted_outputs=["classes"])
                (output,) = self.group_of(hef_file.description([network]))["outputs"]
                self.assertEqual((output["name"], output["shape"], output["type"], output["order"]),
                                 ("classes", [4, 5, features], "UINT8", "NHWC"))
                self.assertEqual((output["quantisation"]["scale"], output["quantisation"]["zero_point"]), (0.5, 1))

    def test_a_language_model_shows_what_it_says_of_itself(self):
        config = json.dumps({"chat_template": "{{ x }}", "pre_process_params": {"kv_cache_size": 2048}}).encode()
        names = ("m__base_model__prefill", "m__base_model__tbt", "m__calls__prefill", "m__calls__tbt")
        described = hef_file.description([hef_file.network(name, []) for name in names],
                                         resources=[("tokenizer.json", 500, 10), ("hailo-config.json", 100, len(config))])
        path = hef_file.write(self.folder / "chat.hef", described, weights=96, padding=32, resources=1000)
        with path.open("r+b") as file:
            file.seek(hef_file.HEADER_BYTES + len(described) + 32 + 100)
            file.write(config)
        file = self.json_of(self.hailoctl("--json", "inspect", path, adapters=self.folder))
        self.assertEqual((file["kind"], file["lora"]), ("llm", ["calls"]))
        self.assertEqual(file["resources"], ["hailo-config.json", "tokenizer.json"])
        self.assertEqual(file["generation"]["context_length"], 2048)
        self.assertEqual(file["generation"]["chat_template"], "{{ x }}")
        beyond = hef_file.write(self.folder / "beyond.hef", hef_file.description(
            [hef_file.network(names[0], [])], resources=[("hailo-config.json", 1 << 63, 10)]))
        file = self.json_of(self.hailoctl("--json", "inspect", beyond, adapters=self.folder))
        self.assertIn("not within the file", file["generation"]["error"])

    def test_the_text_says_where_it_is_from(self):
        path = hef_file.write(self.folder / "net.hef", hef_file.description([self.PLAIN]))
        done = self.hailoctl("inspect", path, adapters=self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        for part in ("HEF format 3", "sha256", "made for        HAILO15H, HAILO10H", "224x320x3", "(q - 114) * 0.5",
                     "hailo-h10-all", "there is no HailoRT adapter"):
            self.assertIn(part, done.stdout)

    def test_for_tells_the_chip_without_the_library(self):
        path = hef_file.write(self.folder / "net.hef", hef_file.description([self.PLAIN], architecture="HAILO8"))
        self.assertEqual(self.hailoctl("inspect", path, "--for", "hailo-8", adapters=self.folder).returncode, 0)
        done = self.hailoctl("inspect", path, "--for", "hailo10h", adapters=self.folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn("is made for HAILO8, not for HAILO10H", done.stderr)
        path = hef_file.write(self.folder / "new.hef", hef_file.description([self.PLAIN], architecture=250))
        done = self.hailoctl("inspect", path, "--for", "hailo10h", adapters=self.folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn("made for an unknown chip", done.stderr)

    def test_without_the_probe_it_is_the_same(self):
        self.environment["HAILO_DEVICE_PROBE"] = str(self.folder / "nothing")
        path = hef_file.write(self.folder / "net.hef", hef_file.description([self.PLAIN]))
        done = self.hailoctl("inspect", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("is missing or not executable", done.stdout)
        self.assertIn("224x320x3", done.stdout)

    def test_a_damaged_description_and_a_newer_format_are_said(self):
        described = hef_file.description([self.PLAIN])
        path = hef_file.write(self.folder / "net.hef", described[:-1] + b"\xff")
        done = self.hailoctl("inspect", path, adapters=self.folder)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("no intact HEF file: its description", done.stderr)
        newer = bytearray(hef_file.content(described))
        newer[7] = 4
        path.write_bytes(newer)
        done = self.hailoctl("inspect", path, adapters=self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("HEF format 4 is newer than this program", done.stdout)
        self.assertEqual(self.hailoctl("inspect", path, "--for", "hailo10h", adapters=self.folder).returncode, 1)

    def test_what_is_no_hef_file_is_said(self):
        page = self.folder / "page.hef"
        page.write_text("<!DOCTYPE html>")
        whole = pathlib.Path(self.model("net", DETECTOR))
        half = self.folder / "half.hef"
        half.write_bytes(whole.read_bytes()[:40])
        cut = fake_hef.write(self.folder / "cut.hef", DETECTOR, size=5000)  # HailoRT would describe it
        os.truncate(cut, 4999)
        for path, says in ((page, "it is a web page"), (half, "no complete HEF file"),
                           (cut, "cut off after 4999 of 5000 bytes"),
                           (self.folder / "none.hef", "No such file"), (self.folder, "no regular file")):
            with self.subTest(says):
                done = self.hailoctl("inspect", path)
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertIn(says, done.stderr)
                self.assertIn(str(path), done.stderr)
        self.assertEqual(self.json_of(self.hailoctl("--json", "inspect", page))["code"], "malformed")

    def test_a_probe_that_hangs_or_crashes_is_an_error(self):
        path = self.model("net", DETECTOR)
        for script, status, says in (("exec sleep 600", 4, "hangs"), ("kill -ABRT $$", 1, "signal 6")):
            with self.subTest(script):
                probe = self.folder / "probe"
                probe.write_text("#!/bin/sh\n" + script + "\n")
                probe.chmod(0o755)
                self.environment["HAILO_DEVICE_PROBE"] = str(probe)
                done = self.hailoctl("--timeout", "1", "inspect", path)
                self.assertEqual(done.returncode, status)
                self.assertIn(says, done.stderr)


# Read with a Protobuf reader that is not this project's. Hailo-10H: 5.4 compilers; Hailo-8: 3.25 to 3.32.
REAL = {
    "h10h_face_landmarks_lite": (3, "HAILO10H", [192, 192, 3], {"conv22": [1, 1, 1404], "conv25": [1, 1, 1]}),
    "h10h_lightface_slim": (3, "HAILO10H", [240, 320, 3], {
        "conv23": [30, 40, 12], "conv22": [30, 40, 6], "conv13": [15, 20, 8], "conv12": [15, 20, 4],
        "conv18": [8, 10, 8], "conv17": [8, 10, 4], "conv21": [4, 5, 12], "conv20": [4, 5, 6]}),
    "h8_fast_depth": (1, "HAILO8", [224, 224, 3], {"conv20": [224, 224, 1]}),
    "h8_mnist_cnn": (0, "HAILO8", [32, 32, 1], {"maxpool3": [4, 4, 16]}),
    "hx_dbd_skillcheck": (2, "HAILO8", [224, 224, 3], {"fc1": [1, 1, 11]}),
    "hx_hand_landmark_lite": (0, "HAILO8", [224, 224, 3], {
        "fc1": [1, 1, 63], "fc4": [1, 1, 1], "fc3": [1, 1, 1], "fc2": [1, 1, 63]}),
}


@unittest.skipUnless(REAL_HEFS.is_dir(), f"{REAL_HEFS} is not there")
class RealFiles(WithChip):
    def test_real_files_of_all_formats_are_read(self):
        for name, (version, chip, shape, outputs) in REAL.items():
            with self.subTest(name):
                file = self.json_of(self.hailoctl("--json", "inspect", REAL_HEFS / f"{name}.hef", adapters=self.folder))
                self.assertEqual(file["hef_version"], version)
                self.assertIn(chip, file["architectures"])
                (group,) = file["groups"]
                self.assertEqual([one["shape"] for one in group["inputs"]], [shape])
                self.assertEqual({one["name"].split("/")[1]: one["shape"] for one in group["outputs"]}, outputs)
                self.assertEqual([one["name"].split("/")[1] for one in group["outputs"]], list(outputs))
                done = self.hailoctl("inspect", REAL_HEFS / f"{name}.hef", "--for", chip, adapters=self.folder)
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_quantisation_of_a_real_file_is_read(self):
        file = self.json_of(self.hailoctl("--json", "inspect", REAL_HEFS / "hx_dbd_skillcheck.hef", adapters=self.folder))
        (given,), (result,) = file["groups"][0]["inputs"], file["groups"][0]["outputs"]
        self.assertAlmostEqual(given["quantisation"]["scale"], 0.01872340589761734)
        self.assertEqual(given["quantisation"]["zero_point"], 114)
        self.assertAlmostEqual(result["quantisation"]["scale"], 0.045358531177043915)
        self.assertEqual((file["compiler"], result["order"]), ("3.32.0", "NC"))

    def test_one_that_is_cut_off_is_told(self):
        done = self.hailoctl("inspect", REAL_HEFS / "h10h_truncated.hef", adapters=self.folder)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("it is cut off after 1355776 of 5799936 bytes", done.stderr)


if __name__ == "__main__":
    unittest.main()
