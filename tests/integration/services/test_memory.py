"""What the picture services hold: little when idle, and nothing more after many requests of all kinds.

REQUESTS: how many each is asked (200; .ci/nightly asks 10,000).
"""

import base64
import itertools
import os
import unittest

import numpy

from fixture import ServicesTest
from support.footprint import Footprint
from support.patience import Patience
from support.pictures import png
from support.unseen import things
from support.websocket import BINARY, TEXT

REQUESTS = int(os.environ.get("REQUESTS", "200"))
WARM_UP = 50
IDLE = 25e6
GROWTH = 2e6
# The client's arena doubles where one request's tensors still lie in it when the next one's come; of a leak it would
# double again and again.
MORE_REGIONS = 1


class Idle(ServicesTest):
    def test_each_holds_less_than_25_megabytes_with_its_libraries(self):
        for service in self.services:
            with self.subTest(service.name):
                footprint = Footprint(service.pid)
                print(f"\n{service.name}: {footprint}")
                self.assertLess(footprint.resident, IDLE)


class Flat(ServicesTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        noise = numpy.random.default_rng(1).integers(0, 256, (500, 900, 3), numpy.uint8)
        cls.pictures = [png(picture) for picture in (things.render(500).picture, things.render(501).picture[:90], noise)]
        assert len(cls.pictures[-1]) > 1 << 20  # a file while it is worked on

    def ask_json(self, service, picture):
        answer = service.post_json({"image": base64.b64encode(picture).decode()})
        self.assertEqual(answer.status, 200, answer.body[:300])

    def ask_annotated(self, service, picture):
        answer = service.post(picture, annotated="true")
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "image/jpeg"), answer.body[:300])

    def ask_live(self, service, picture):
        with service.live(annotated="true") as live:
            live.send(picture)
            self.assertEqual([live.receive()[0], live.receive()[0]], [TEXT, BINARY])

    def ask_about_half_a_picture(self, service, picture):
        self.assertEqual(service.post(picture[:len(picture) // 2]).status, 400)

    def ask_about_half_a_frame(self, service, picture):
        with service.live() as live:
            live.send(picture[:len(picture) // 2])
            self.assertIn(b'"error"', live.receive()[1])

    def ask(self, service, count):
        """So many requests of all kinds, about all pictures."""
        kinds = (self.ask_json, self.ask_annotated, self.ask_live, self.ask_about_half_a_picture, self.ask_about_half_a_frame)
        for kind, picture in itertools.islice(itertools.cycle(itertools.product(kinds, self.pictures)), count):
            kind(service, picture)

    def test_what_is_asked_leaves_nothing(self):
        for service in self.services:
            with self.subTest(service.name):
                self.ask(service, WARM_UP)
                before = Footprint(service.pid)
                self.ask(service, REQUESTS)
                patience = Patience("it has no more descriptors than before", service.log)
                while (after := Footprint(service.pid)).descriptors > before.descriptors + MORE_REGIONS:
                    patience.spend()
                print(f"\n{service.name}: {before}; after {REQUESTS} requests {after}")
                self.assertEqual(after.threads, before.threads)
                self.assertLess(after.anonymous - before.anonymous, GROWTH)


if __name__ == "__main__":
    unittest.main()
