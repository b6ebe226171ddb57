"""hailo-clip in front of a manager that runs clip-tiny on the CPU."""

import base64
import io

import numpy
from PIL import Image

from support.service_process import ServiceTest
from support.unseen import MODELS, figures, manager_of

CLIP_TINY = MODELS / "clip-tiny"
CAPTIONS = [figures.caption(what) for what in figures.COMBINATIONS]


def encoded(picture, kind="PNG"):
    data = io.BytesIO()
    Image.fromarray(picture).save(data, kind)
    return data.getvalue()


def base64_of(data):
    return base64.b64encode(data).decode()


def figure(seed, what=None):
    """PNG of a figure of this caption."""
    return encoded(figures.render(seed, None if what is None else CAPTIONS.index(what)).picture)


class ClipTest(ServiceTest):
    program = "hailo-clip"
    arguments = ("--catalogue", MODELS / "catalogue", "--model-dirs", CLIP_TINY)

    @classmethod
    def make_manager(cls):
        return manager_of("clip-tiny")

    @classmethod
    def model_path(cls):
        return "clip-tiny-image"

    def ok(self, answer):
        self.assertEqual(answer.status, 200, answer.body[:500])
        return answer.json()

    def classify(self, picture, prompts, **fields):
        body = {"image": base64_of(picture), "prompts": prompts, **fields}
        return self.ok(self.client.post_json(body, "/v1/classify"))["classifications"]

    def text_vector(self, text, **fields):
        return numpy.array(self.ok(self.client.post_json({"text": text, **fields}, "/v1/embed/text"))["embedding"])

    def picture_vector(self, picture):
        answer = self.ok(self.client.post_json({"image": base64_of(picture)}, "/v1/embed/image"))
        self.assertEqual(answer["dimension"], len(answer["embedding"]))
        return numpy.array(answer["embedding"])
