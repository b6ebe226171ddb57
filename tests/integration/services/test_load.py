"""Many requests at once are all answered, and do not keep the small questions waiting."""

import concurrent.futures
import contextlib
import os
import signal
import unittest

from fixture import ServicesTest
from support.patience import Patience
from support.pictures import gradient, png

AT_ONCE = 64
PICTURE = png(gradient(640, 480))


class Load(ServicesTest):
    @contextlib.contextmanager
    def device_stopped(self):
        workers = self.manager.workers()
        self.assertTrue(workers)
        for pid in workers:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in workers:
                os.kill(pid, signal.SIGCONT)

    def await_in_flight(self, service, count):
        line = f'hailo_http_requests_in_flight{{service="{service.name}"}} {count}\n'
        patience = Patience(f"{count} requests are under way", service.log)
        while line.encode() not in service.get("/metrics").body:
            patience.spend()

    def assertHealthy(self, service):
        answer = service.get("/health")
        self.assertEqual(answer.status, 200, answer.body[:300])
        self.assertIn(answer.json()["status"], ("ok", "healthy"))

    def test_health_is_answered_while_64_requests_are_under_way(self):
        for service in self.services:
            with self.subTest(service.name), concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
                with self.device_stopped():
                    answers = [pool.submit(service.post, PICTURE) for _ in range(AT_ONCE)]
                    self.await_in_flight(service, AT_ONCE + 1)  # and the one that asks
                    for _ in range(AT_ONCE):
                        self.assertHealthy(service)
                    self.assertFalse(any(answer.done() for answer in answers))
                while not all(answer.done() for answer in answers):
                    self.assertHealthy(service)
                self.assertEqual([answer.result().status for answer in answers], [200] * AT_ONCE)


if __name__ == "__main__":
    unittest.main()
