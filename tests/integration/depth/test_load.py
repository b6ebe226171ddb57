"""Large pictures at work do not keep the small questions waiting."""

import threading
import time
import unittest

from fixture import Client, DepthTest
from support.pictures import gradient, png

REQUESTS = 2


class Load(DepthTest):
    def test_health_answers_while_large_pictures_are_worked_on(self):
        large = png(gradient(4000, 3000))
        durations = []

        def ask():
            client = Client(self.depth.port)
            begin = time.monotonic()
            answer = client.post_form({"image": large, "output_format": "both"})
            durations.append(time.monotonic() - begin)
            self.assertEqual(answer.status, 200, answer.body[:300])
            client.close()

        threads = [threading.Thread(target=ask) for _ in range(REQUESTS)]
        for thread in threads:
            thread.start()
        delays = []
        while any(thread.is_alive() for thread in threads):
            begin = time.monotonic()
            self.assertEqual(self.client.get("/health").status, 200)
            delays.append(time.monotonic() - begin)
        for thread in threads:
            thread.join()
        self.assertEqual(len(durations), REQUESTS)
        # Relative: far more answers than one in front of and behind each picture.
        self.assertGreater(len(delays), 10 * REQUESTS)
        self.assertLess(sorted(delays)[len(delays) // 2], min(durations) / 10)


if __name__ == "__main__":
    unittest.main()
