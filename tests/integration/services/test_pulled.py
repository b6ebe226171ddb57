"""A service whose models are named and not there tells which command brings them; when `hailoctl pull` has brought
them, it is ready, and nothing was configured. A server of the test's own stands for the publisher's."""

import hashlib
import json
import pathlib
import subprocess
import tempfile
import unittest

from support.hostile_server import HostileServer, whole
from support.manager_process import BIN, SLOW, SOURCE, ManagerProcess
from support.patience import Patience
from support.pictures import gradient, png
from support.service_client import Client
from support.service_process import ServiceProcess, wait_ready

TINY = SOURCE / "tests" / "data" / "models"
CLIP = SOURCE / "models" / "clip-tiny"
FETCHED = SOURCE / "third_party" / "ocr-models"


class PulledTest(unittest.TestCase):
    """A catalogue of the test's own, whose files are published by self.server."""

    program = ""

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="hailo-test-")))
        self.models, self.catalogue = self.folder / "models", self.folder / "catalogue"
        self.models.mkdir()
        self.catalogue.mkdir()
        self.server = self.enterContext(HostileServer())
        # Where the service looks by itself lies in /var/lib/hailo-*, as in the manager's defaults.
        self.manager = self.enterContext(ManagerProcess(device="onnx", arguments=(
            "--model-dirs", f"{self.models}:/var/lib/hailo-*", "--catalogue", str(self.catalogue))))

    def published(self, source, **keys):
        content = source.read_bytes()
        self.server.at(f"/{source.name}", whole(content))
        return {"path": source.name, "url": self.server.url(f"/{source.name}"), "size": len(content),
                "sha256": hashlib.sha256(content).hexdigest(), **keys}

    def publish(self, name, family, source, side_files=(), **keys):
        entry = {"name": name, "family": family, "licence": "MIT", "files": {"onnx": self.published(source)}, **keys,
                 "side_files": [self.published(file, **({"role": role} if role else {})) for role, file in side_files]}
        (self.catalogue / f"{name}.yaml").write_text(json.dumps(entry))  # JSON is YAML
        self.manager.restart()

    def pull(self, name):
        done = subprocess.run([BIN / "hailoctl", "--socket", self.manager.socket_path, "pull", name, "--catalogue",
                               self.catalogue, "--dir", self.models], capture_output=True, text=True, timeout=60 * SLOW)
        self.assertEqual(done.returncode, 0, done.stderr)

    def start(self, *arguments, config=None):
        service = self.enterContext(ServiceProcess(self.program, self.manager.socket_path, config=json.dumps(config or {}),
                                                   arguments=arguments))
        self.client = Client(service.port)
        self.addCleanup(self.client.close)
        return service

    def wait_for(self, words):
        """Until /health/ready names this command."""
        patience = Patience(f"/health/ready says {words}", lambda: str(answer.body))
        while True:
            answer = self.client.get("/health/ready")
            if words in answer.body.decode():
                self.assertEqual(answer.status, 503)
                return
            patience.spend()


class Face(PulledTest):
    program = "hailo-face"

    def test_the_models_that_it_has_by_default(self):
        self.publish("scrfd_10g", "face", TINY / "face_scrfd.onnx", head="scrfd")
        self.publish("arcface_mobilefacenet", "face", TINY / "face_colours.onnx", head="embedding")
        service = self.start(config={"database": {"db_file": str(self.folder / "faces.db")}})
        self.wait_for("hailoctl pull scrfd_10g")
        self.pull("scrfd_10g")
        wait_ready(service)
        picture = {"image": png(gradient(64, 64))}
        answer = self.client.post_form(picture, "/v1/embed")
        self.assertEqual(answer.status, 503, answer.body)
        self.assertIn("hailoctl pull arcface_mobilefacenet", answer.json()["error"])
        self.pull("arcface_mobilefacenet")
        answer = self.client.post_form(picture, "/v1/embed")
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(answer.json()["dimension"], len(answer.json()["embedding"]))


class Named(PulledTest):
    program = "hailo-face"

    def test_a_recogniser_that_has_no_file_for_the_npu_is_found_by_its_name_alone(self):
        self.publish("finder", "face", TINY / "face_scrfd.onnx", head="scrfd")
        self.publish("sface", "face", TINY / "face_colours.onnx", head="embedding")
        service = self.start("--model", "finder", config={"database": {"db_file": str(self.folder / "faces.db")},
                                                          "face_recognition": {"recognition_model": "sface"}})
        self.wait_for("hailoctl pull finder")
        self.pull("finder")
        self.pull("sface")
        wait_ready(service)
        answer = self.client.post_form({"image": png(gradient(64, 64))}, "/v1/embed")
        self.assertEqual(answer.status, 200, answer.body)


class Clip(PulledTest):
    program = "hailo-clip"

    def test_the_models_that_it_has_by_default(self):
        stretched = {"input": {"width": 64, "height": 64, "fit": "stretch"}}
        self.publish("clip_vit_b_32_image_encoder", "clip", CLIP / "clip-tiny-image.onnx", head="embedding", **stretched)
        self.publish("clip_vit_b_32_text_encoder", "clip", CLIP / "clip-tiny-text.onnx", head="token-features", side_files=(
            ("tokenizer", CLIP / "clip-tiny-bpe.txt"), ("token-embeddings", CLIP / "clip-tiny-tokens.npy"),
            ("text-projection", CLIP / "clip-tiny-projection.npy")))
        service = self.start("--catalogue", self.catalogue, "--model-dirs", self.models)
        self.wait_for("hailoctl pull clip_vit_b_32_image_encoder")
        self.pull("clip_vit_b_32_image_encoder")
        self.wait_for("hailoctl pull clip_vit_b_32_text_encoder")
        self.pull("clip_vit_b_32_text_encoder")
        wait_ready(service)
        answer = self.client.post_json({"input": "a red circle"}, "/v1/embeddings")
        self.assertEqual((answer.status, len(answer.json()["data"][0]["embedding"])), (200, 64))


@unittest.skipUnless((FETCHED / ".complete").exists(), "scripts/fetch-models has not run")
class Ocr(PulledTest):
    program = "hailo-ocr"

    def test_the_models_that_it_has_by_default_and_a_classifier(self):
        scaled = {"colour": "bgr", "mean": 127.5, "std": 127.5}
        self.publish("ocr_det", "ocr", FETCHED / "ch_PP-OCRv4_det_infer.onnx", head="db",
                     input={"width": 320, "height": 320, "step": 32, "max_side": 2048, **scaled})
        self.publish("ocr", "ocr", FETCHED / "ch_PP-OCRv4_rec_infer.onnx", head="ctc", labels="ppocr_keys_v1.txt",
                     input={"width": 320, "height": 48, "step": 32, "max_side": 3200, "fit": "corner", **scaled},
                     side_files=((None, FETCHED / "ppocr_keys_v1.txt"),))
        self.publish("ocr_angle", "ocr", FETCHED / "ch_ppocr_mobile_v2.0_cls_infer.onnx", head="upside-down",
                     input={"width": 192, "height": 48, "fit": "corner", **scaled})
        service = self.start("--classification", "ocr_angle")
        for name in ("ocr_det", "ocr", "ocr_angle"):
            self.wait_for(f"hailoctl pull {name}")
            self.pull(name)
        wait_ready(service)
        self.assertEqual(self.client.get("/health").json()["languages_supported"], ["en", "zh"])


del PulledTest
if __name__ == "__main__":
    unittest.main()
