"""Large bodies lie on disk: what the process holds does not depend on what it is sent."""

import base64
import http.client
import os
import pathlib
import random
import tempfile
import threading
import unittest

from fixture import Client, DepthTest, TIMEOUT
from support.footprint import Footprint
from support.manager_process import SLOW
from support.pictures import gradient, png

CLIENTS = 20
LARGE = 60 << 20
MOST = 120 << 20
PICTURE = png(gradient(16, 12))
TYPE = {"Content-Type": "multipart/form-data; boundary=frontier"}


def part(name, head=b""):
    return (f'--frontier\r\nContent-Disposition: form-data; name="{name}"; filename="{name}.bin"'
            "\r\n\r\n").encode() + head


class Uploads(DepthTest):
    config = "input: {max_image_mb: 64}\nserver: {max_upload_mb: 8192, spool_dir: %s}\n"

    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(prefix="hailo-test-", dir="/var/tmp")
        cls.addClassCleanup(scratch.cleanup)
        cls.folder = pathlib.Path(scratch.name)
        cls.config = cls.config % scratch.name
        super().setUpClass()

    def anonymous(self):
        return Footprint(self.depth.pid).anonymous

    def test_twenty_clients_upload_60_megabytes_each(self):
        noise = random.Random(1).randbytes(1 << 20)
        pieces = [part("padding"), *[noise] * (LARGE >> 20), b"\r\n", part("image"), PICTURE,
                  b"\r\n--frontier--\r\n"]
        length = str(sum(len(piece) for piece in pieces))
        arrived = threading.Barrier(CLIENTS + 1)
        statuses, peak = [], self.anonymous()

        def upload():
            connection = http.client.HTTPConnection("127.0.0.1", self.depth.port, timeout=TIMEOUT)
            connection.putrequest("POST", "/v1/depth/estimate")
            for name, value in (*TYPE.items(), ("Content-Length", length)):
                connection.putheader(name, value)
            connection.endheaders()
            for piece in pieces[:-3]:
                connection.send(piece)
            arrived.wait()
            for piece in pieces[-3:]:
                connection.send(piece)
            statuses.append(connection.getresponse().status)
            connection.close()

        threads = [threading.Thread(target=upload) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        while arrived.n_waiting < CLIENTS:
            self.assertTrue(any(thread.is_alive() for thread in threads), statuses)
            peak = max(peak, self.anonymous())
            threads[0].join(0.01)
        arrived.wait()  # all of them are there but for their ends
        while any(thread.is_alive() for thread in threads):
            peak = max(peak, self.anonymous())
            threads[0].join(0.01)
        self.assertEqual(statuses, [200] * CLIENTS)
        if SLOW == 1:  # sanitizers keep what was freed
            self.assertLess(peak, MOST)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_pictures_as_base64_take_no_memory_for_their_text_nor_for_their_bytes(self):
        picture = base64.b64encode(PICTURE + bytes(30 << 20)).decode()
        lines = "\\n".join(picture[at:at + 76] for at in range(0, len(picture), 76))
        bodies = [b'{"image": "%s"}' % text.encode() for text in (picture, lines)]
        done, peak, answers = threading.Event(), [0], []

        def watch():
            while not done.wait(0.001):
                peak[0] = max(peak[0], self.anonymous())

        def ask(body):
            client = Client(self.depth.port)
            answers.append(client.request("POST", "/v1/depth/estimate", body, {"Content-Type": "application/json"}).status)
            client.close()

        threads = [threading.Thread(target=watch), *[threading.Thread(target=ask, args=(body,)) for body in bodies]]
        for thread in threads:
            thread.start()
        for thread in threads[1:]:
            thread.join()
        done.set()
        threads[0].join()
        self.assertEqual(answers, [200, 200])
        if SLOW == 1:
            self.assertLess(peak[0], 40 << 20)

    def test_a_large_body_of_another_kind_is_refused_as_a_small_one(self):
        client = Client(self.depth.port)
        for size in (100, 8 << 20):
            answer = client.request("POST", "/v1/depth/estimate", os.urandom(size),
                                    {"Content-Type": "image/png"})
            self.assertError(answer, 415, "Unsupported content type")
        client.close()


if __name__ == "__main__":
    unittest.main()
