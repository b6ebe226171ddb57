"""hailo-detect as Frigate's detector, asked by libzmq's own sockets as its plugin zmq_ipc asks."""

import concurrent.futures
import json
import pathlib
import re
import tempfile
import unittest

import numpy

from fixture import DetectTest
from support.manager_process import SLOW
from support.patience import LONGEST, Patience
from support.service_process import ServiceProcess, StartFailed, wait_ready

try:
    import zmq
except ImportError:
    zmq = None

# As the profile has them: class, score, y_min, x_min, y_max, x_max.
PERSON = (0, 0.9, 0.4, 0.3, 0.6, 0.45)
CUP = (41, 0.8, 0.4, 0.6125, 0.55, 0.7)
NOTHING = bytes(20 * 6 * 4)


def header(array):
    return json.dumps({"shape": list(array.shape), "dtype": str(array.dtype.name),
                       "model_type": "yolo-generic"}).encode()


class Plugin:
    """The socket of one camera's detector."""

    def __init__(self, endpoint, kind=None):
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.REQ if kind is None else kind)
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.setsockopt(zmq.RCVTIMEO, int(LONGEST * 1000))
        self._socket.connect(endpoint)

    def send(self, *parts):
        self._socket.send_multipart(parts)

    def receive(self):
        return self._socket.recv_multipart()

    def ask(self, *parts):
        self.send(*parts)
        reply, = self.receive()
        return reply

    def detect(self, array):
        reply = self.ask(header(array), array.tobytes())
        return numpy.frombuffer(reply, numpy.float32).reshape((20, 6))

    def close(self):
        self._context.destroy(linger=0)


@unittest.skipIf(zmq is None, "needs python3-zmq")
class FrigateTest(DetectTest):
    # Far beyond what an answer takes: no frame is late by itself.
    config = "frigate: {endpoint: 'tcp://127.0.0.1:*', timeout_ms: 60000}\n"

    def setUp(self):
        super().setUp()
        self.endpoint = re.findall(r"Frigate is answered at (\S+)", self.service.log())[-1]
        self.plugin = self.peer()

    def peer(self, kind=None):
        plugin = Plugin(self.endpoint, kind)
        self.addCleanup(plugin.close)
        return plugin

    def outcomes(self):
        text = self.client.get("/metrics").body.decode()
        found = re.findall(r'hailo_frigate_requests_total\{.*?outcome="(\w+)".*?\} (\d+)', text)
        return {name: int(count) for name, count in found}

    def await_outcome(self, name, count):
        patience = Patience(f"{count} are {name}", self.service.log)
        while self.outcomes()[name] < count:
            patience.spend()

    def assertSeen(self, rows):
        numpy.testing.assert_allclose(rows[:2], (PERSON, CUP), atol=2e-3)
        self.assertFalse(rows[2:].any())


class Frames(FrigateTest):
    def test_rows_are_shares_of_the_frame_of_any_size_and_layout(self):
        for shape in ((1, 640, 640, 3), (1, 320, 320, 3), (1, 3, 320, 320), (1, 200, 300, 3)):
            with self.subTest(shape=shape):
                self.assertSeen(self.plugin.detect(numpy.zeros(shape, numpy.uint8)))

    def test_many_cameras_at_once(self):
        def ask(_):
            plugin = Plugin(self.endpoint)
            try:
                return [plugin.detect(numpy.zeros((1, 320, 320, 3), numpy.uint8)) for _ in range(5)]
            finally:
                plugin.close()

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            for rows in pool.map(ask, range(16)):
                for one in rows:
                    self.assertSeen(one)

    def test_the_newest_frame_takes_the_place_of_one_that_waits(self):
        before = self.outcomes()
        plugin = self.peer(zmq.DEALER)
        frame = numpy.zeros((1, 640, 640, 3), numpy.uint8)
        for _ in range(50):
            plugin.send(b"", header(frame), frame.tobytes())
        patience = Patience("each frame is answered or replaced", self.service.log)
        while True:
            after = self.outcomes()
            came_of_it = {name: after[name] - before[name] for name in after}
            if sum(came_of_it.values()) == 50:
                break
            patience.spend()
        self.assertGreater(came_of_it["replaced"], 0)
        self.assertEqual(came_of_it["answered"] + came_of_it["replaced"], 50)
        for _ in range(came_of_it["answered"]):
            self.assertEqual(len(plugin.receive()), 2)


class Late(FrigateTest):
    config = "frigate: {endpoint: 'tcp://127.0.0.1:*', timeout_ms: 100}\n"

    def test_an_answer_comes_before_the_camera_gives_up(self):
        self.manager.faults("faults: [{kind: slow, op: infer, model: yolov8s, delay_ms: %d}]\n" % (3000 * SLOW))
        self.addCleanup(self.manager.clear_fired)
        frame = numpy.zeros((1, 640, 640, 3), numpy.uint8)
        self.assertEqual(self.plugin.ask(header(frame), frame.tobytes()), NOTHING)
        self.assertEqual(self.outcomes()["late"], 1)


class Models(FrigateTest):
    def question(self, name):
        return json.dumps({"model_request": True, "model_name": name}).encode()

    def test_the_configured_model_is_there_and_another_is_told(self):
        there = {"model_available": True, "model_loaded": True}
        self.assertEqual(json.loads(self.plugin.ask(self.question("yolov8s.onnx"))), there)
        answer = json.loads(self.plugin.ask(self.question("ssdlite.onnx")))
        self.assertEqual(answer, {"model_available": False, "model_loaded": False})
        self.assertIn('for model "ssdlite.onnx", and this service has yolov8s', self.service.log())

    def test_bytes_of_a_model_are_not_taken(self):
        head = json.dumps({"model_data": True, "model_name": "x.onnx"}).encode()
        answer = json.loads(self.plugin.ask(head, bytes(1 << 20)))
        self.assertEqual((answer["model_saved"], answer["model_loaded"]), (False, False))

    def test_the_answer_waits_for_a_model_that_is_being_loaded(self):
        self.manager.kill()
        wait_ready(self.service, ready=False)
        self.plugin.send(self.question("yolov8s"))
        self.manager.start()
        reply, = self.plugin.receive()
        self.assertEqual(json.loads(reply)["model_loaded"], True)


class BadPeers(FrigateTest):
    def tearDown(self):
        self.assertSeen(self.plugin.detect(numpy.zeros((1, 64, 64, 3), numpy.uint8)))

    def test_what_makes_no_sense_finds_nothing_and_is_told(self):
        frame = numpy.zeros((1, 64, 64, 3), numpy.uint8)
        for name, parts in {
            "one frame": (header(frame),),
            "empty": (b"",),
            "garbage": (b"\xff\xfe\x00", b"\x00"),
            "three parts": (header(frame), frame.tobytes(), b""),
            "too few bytes": (header(frame), frame.tobytes()[1:]),
            "grey": (header(frame[..., :1]), frame[..., :1].tobytes()),
            "float": (header(frame.astype(numpy.float32)), frame.astype(numpy.float32).tobytes()),
        }.items():
            with self.subTest(name):
                self.assertEqual(self.peer().ask(*parts), NOTHING)
        self.assertIn("input_dtype: int", self.service.log())

    def test_who_sends_nothing_or_leaves_is_no_burden(self):
        for _ in range(20):
            self.peer()
        gone = self.peer()
        frame = numpy.zeros((1, 640, 640, 3), numpy.uint8)
        gone.send(header(frame), frame.tobytes())
        gone.close()

    def test_who_sends_too_much_is_disconnected(self):
        greedy = self.peer(zmq.DEALER)
        greedy.send(b"", header(numpy.zeros((1, 4096, 4096, 3), numpy.uint8)), bytes((16 << 20) + 1))

    def test_messages_without_the_empty_part_are_answered_too(self):
        dealer = self.peer(zmq.DEALER)
        frame = numpy.zeros((1, 64, 64, 3), numpy.uint8)
        dealer.send(header(frame), frame.tobytes())
        empty, reply = dealer.receive()
        self.assertEqual(empty, b"")
        self.assertSeen(numpy.frombuffer(reply, numpy.float32).reshape((20, 6)))


@unittest.skipIf(zmq is None, "needs python3-zmq")
class Endpoints(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="hailo-test-")
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / "frigate"

    def service(self, endpoint):
        service = ServiceProcess("hailo-detect", "/nowhere/socket", "/nowhere/model.hef",
                                 f"frigate: {{endpoint: '{endpoint}'}}\n")
        self.addCleanup(service.close)
        return service

    def test_a_socket_that_was_left_is_replaced(self):
        for _ in range(2):
            service = self.service(f"ipc://{self.path}").start()
            self.assertTrue(self.path.is_socket())
            service.close()

    def test_what_cannot_be_bound_ends_the_program_with_a_reason(self):
        self.path.write_text("a letter")
        for endpoint, reason in ((f"ipc://{self.path}", "is there and no socket"),
                                 ("ipc://relative", "must be absolute"),
                                 ("udp://1.2.3.4:5", "must be ipc:///path or tcp://"),
                                 ("tcp://nowhere", "cannot bind"),
                                 (f"ipc://{self.path}/below/it", "cannot bind")):
            with self.subTest(endpoint), self.assertRaisesRegex(StartFailed, f"frigate.endpoint: .*{reason}"):
                self.service(endpoint).start()
        self.assertEqual(self.path.read_text(), "a letter")


if __name__ == "__main__":
    unittest.main()
