"""The sample service of several models, in front of a real manager."""

import pathlib
import threading
import unittest

from support.manager_process import ManagerProcess
from support.pictures import gradient, png
from support.service_client import Client
from support.service_process import ServiceTest

HERE = pathlib.Path(__file__).resolve().parent
PICTURE = png(gradient(32, 32))


class ModelsService(ServiceTest):
    program = "models-sample"

    @classmethod
    def make_manager(cls):
        return ManagerProcess(sim_profile=HERE / "profile.yaml")

    @classmethod
    def service_arguments(cls):
        return ("--model-dir", str(cls.manager.model_dir))

    def run_model(self, name, client=None):
        return (client or self.client).post_form({"image": PICTURE}, f"/v1/run?model={name}&top=3")

    def loaded(self):
        return self.client.get("/health").json()["loaded"]

    def test_two_of_three_stay_loaded(self):
        for name in ("alpha", "beta", "gamma"):
            answer = self.run_model(name)
            self.assertEqual(answer.status, 200, answer.body)
            self.assertEqual(answer.json()["model"], name)
            self.assertEqual(len(answer.json()["values"]), 3)
        self.assertEqual(self.loaded(), ["beta", "gamma"])

    def test_many_clients_of_all_models_are_all_answered(self):
        wrong = []

        def work(number):
            client = Client(self.service.port)
            for turn in range(4):
                answer = self.run_model(("alpha", "beta", "gamma")[(number + turn) % 3], client)
                if answer.status != 200:
                    wrong.append(answer.body)
            client.close()

        threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])
        self.assertLessEqual(len(self.loaded()), 2)

    def test_what_is_wrong_in_a_query_is_told(self):
        answer = self.run_model("delta")
        self.assertEqual((answer.status, answer.error()["message"]),
                         (404, "there is no model 'delta'; there are alpha, beta, gamma"))
        answer = self.client.post_form({"image": PICTURE}, "/v1/run?top=0")
        self.assertEqual((answer.status, answer.error()["message"]),
                         (400, 'top must be a whole number in 1..100, got "0" (default 5)'))


if __name__ == "__main__":
    unittest.main()
