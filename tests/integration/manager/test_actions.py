"""Every action of protocol version 1, as the clients of the reference manager use it."""

import os
import pathlib
import unittest
import uuid

from fixture import FIRMWARE, PICTURE, ManagerTest, infer, load
from support.wire import tensor, tensor_bytes


class Actions(ManagerTest):
    def test_ping_and_status_are_the_same(self):
        client = self.wire()
        for action in ("ping", "status"):
            reply = self.assertOk(client.call({"action": action, "request_id": 7}))
            self.assertEqual(reply["request_id"], 7)
            self.assertEqual(
                set(reply),
                {"status", "device_id", "loaded_models", "uptime_seconds", "socket_path", "queue_depth",
                 "total_lru_evictions", "runtime_broken_reason", "last_capacity_event_reason",
                 "last_capacity_event_model", "last_capacity_event_at", "request_id"})
            self.assertEqual(reply["queue_depth"], 1)
            self.assertEqual(reply["socket_path"], self.manager.socket_path)

    def test_device_status(self):
        client = self.wire()
        client.call(load(self.model("tiny")))
        reply = self.assertOk(client.call({"action": "device_status"}))
        while reply["device"]["temperature_celsius"] is None:  # asked for, but not read yet
            reply = self.assertOk(client.call({"action": "device_status"}))
        self.assertEqual(reply["device"]["architecture"], "HAILO10H")
        self.assertEqual(reply["device"]["fw_version"], FIRMWARE)
        self.assertEqual(reply["device"]["temperature_celsius"], 41.3)
        networks = reply["networks"]
        self.assertEqual(networks["source"], "device_manager")
        self.assertEqual(networks["network_count"], len(networks["networks"]))
        row = next(row for row in networks["networks"] if row["name"] == "tiny.hef")
        self.assertEqual(set(row), {"name", "model_type", "model_path", "loaded_at", "last_used"})

    def test_load_infer_unload(self):
        client = self.wire()
        path = self.model("other")
        self.assertEqual(client.call(load(path, request_id="a")),
                         {"status": "ok", "model_path": path, "model_type": "depth",
                          "message": "Model loaded", "request_id": "a"})
        self.assertEqual(client.call(load(path))["message"], "Model already loaded")
        reply = self.assertOk(client.call(infer(path, 0)))
        self.assertEqual(set(reply), {"status", "result", "inference_time_ms", "request_id"})
        self.assertIs(type(reply["inference_time_ms"]), int)
        self.assertEqual(reply["result"]["shape"], [4, 4, 1])
        self.assertEqual(len(tensor_bytes(reply["result"])), 64)
        unload = {"action": "unload_model", "model_type": "depth", "model_path": path}
        self.assertEqual(client.call(unload), {"status": "ok", "message": "Model unloaded"})
        self.assertEqual(client.call(unload), {"status": "ok", "message": "Model was not loaded"})

    def test_infer_loads_on_demand_and_answers_differ_with_the_input(self):
        client = self.wire()
        first = client.call(infer(self.model("tiny")))["result"]
        other = client.call(infer(self.model("tiny"), data={"input": tensor(bytes(range(48)), (4, 4, 3))}))
        self.assertNotEqual(first["data_b64"], other["result"]["data_b64"])
        self.assertEqual(first, client.call(infer(self.model("tiny")))["result"])
        self.assertIn("tiny", self.loaded())

    def test_large_tensors_both_ways(self):
        client = self.wire()
        data = os.urandom(256 * 256 * 3)
        reply = self.assertOk(client.call(infer(self.model("wide"), data={"input": tensor(data, (256, 256, 3))})))
        self.assertEqual(len(tensor_bytes(reply["result"])), 256 * 256 * 4)
        again = client.call(infer(self.model("wide"), data={"input": tensor(data, (256, 256, 3))}))
        self.assertEqual(reply["result"], again["result"])

    def test_request_id_is_echoed_as_it_is(self):
        client = self.wire()
        for request_id in (0, "", False, [1, {"a": None}], "x" * 100, 1.5, 2**64, -2**63 - 1, uuid.uuid4().int,
                           0.1 + 0.2, 5e-324):
            self.assertEqual(client.call({"action": "ping", "request_id": request_id})["request_id"], request_id)
        self.assertNotIn("request_id", client.call({"action": "ping", "request_id": None}))

    def test_pose_with_several_outputs(self):
        reply = self.wire().call(infer(self.model("two_heads"), model_type="pose"))
        self.assertEqual({name: value["shape"] for name, value in self.assertOk(reply)["result"].items()},
                         {"boxes": [2, 2, 3], "scores": [2, 2, 1]})

    def test_clip_needs_no_model_file_of_its_own(self):
        params = {"image_hef_path": self.model("tiny"), "text_hef_path": self.model("text_encoder"),
                  "text_input_layer": "text_encoder/in", "text_output_layer": "text_encoder/out"}
        client = self.wire()
        self.assertOk(client.call(load("clip", "clip", model_params=params)))
        for given in ({}, {"model_params": {}}):
            reply = client.call(infer("clip", model_type="clip", data={"mode": "image", "tensor": PICTURE}, **given))
            self.assertEqual(self.assertOk(reply)["result"]["dtype"], "float32", given)
        again = self.assertOk(client.call(load("clip", "clip", model_params={})))
        self.assertEqual(again["message"], "Model already loaded")

    def test_ocr_tells_its_input_shape_and_answers_for_every_crop(self):
        params = {"detection_hef_path": self.model("tiny"), "recognition_hefs": {"en": self.model("line")}}
        client = self.wire()
        reply = self.assertOk(client.call(load(self.model("tiny"), "ocr", model_params=params)))
        self.assertEqual(reply["model_info"], {"detection_input_shape": [4, 4, 3]})
        again = self.assertOk(client.call(load(self.model("tiny"), "ocr", model_params=params)))
        self.assertEqual(again, {**reply, "message": "Model already loaded"})
        again = self.assertOk(client.call(load(self.model("tiny"), "ocr", model_params={})))
        self.assertEqual(again, {**reply, "message": "Model already loaded"})
        crop = tensor(bytes(4 * 8 * 3), (4, 8, 3))
        for given in ({}, {"model_params": {}}):
            reply = client.call(infer(self.model("tiny"), model_type="ocr",
                                      data={"mode": "recognition", "crops": [crop, crop, crop]}, **given))
            self.assertEqual(len(self.assertOk(reply)["result"]), 3, given)

    def test_whisper_takes_a_list_of_numbers(self):
        audio = [0.0] * 16000
        reply = self.wire().call(infer(self.model("whisper"), model_type="whisper", data={"audio": audio}))
        self.assertEqual(list(self.assertOk(reply)["result"]), ["segments"])

    def test_vlm_chat_answers_text(self):
        reply = self.wire().call(infer(self.model("chat"), model_type="vlm_chat",
                                       data={"prompt": "hello there", "frames": []}))
        self.assertIn("hello there", self.assertOk(reply)["result"])


class Identity(ManagerTest):
    def test_other_parameters_are_another_model_and_the_last_given_ones_stick(self):
        client = self.wire()
        path = self.model("tiny")
        first = {"detection_hef_path": path, "recognition_hefs": {"en": self.model("line")}}
        second = {**first, "recognition_hefs": {"en": self.model("line"), "de": self.model("line")}}
        self.assertEqual(client.call(load(path, "ocr", model_params=first))["message"], "Model loaded")
        self.assertEqual(client.call(load(path, "ocr", model_params=second))["message"], "Model loaded")
        reordered = dict(reversed(first.items()))
        self.assertEqual(client.call(load(path, "ocr", model_params=reordered))["message"], "Model already loaded")
        self.assertEqual(self.loaded().count("tiny"), 2)

        crops = {"mode": "recognition", "language": "de", "crops": []}
        reply = client.call(infer(path, model_type="ocr", data=crops))
        self.assertIn("Unsupported language: de", reply["error"])  # `first` was given last
        client.call(load(path, "ocr", model_params=second))
        self.assertOk(client.call(infer(path, model_type="ocr", data=crops)))
        reply = client.call({"action": "unload_model", "model_type": "ocr", "model_path": path})
        self.assertEqual(reply["message"], "Model unloaded")
        self.assertNotIn("tiny", self.loaded())
        self.assertOk(client.call(infer(path, model_type="ocr", data=crops)))  # also for a reload

    def test_one_variant_can_be_unloaded(self):
        client = self.wire()
        path = self.model("other")
        variants = [{"detection_hef_path": path, "recognition_hefs": {language: self.model("line")}}
                    for language in ("en", "de")]
        for params in variants:
            self.assertOk(client.call(load(path, "ocr", model_params=params)))
        self.assertEqual(self.loaded().count("other"), 2)
        reply = client.call({"action": "unload_model", "model_type": "ocr", "model_path": path,
                             "model_params": variants[1]})
        self.assertEqual(reply["message"], "Model unloaded")
        self.assertEqual(self.loaded().count("other"), 1)

    def test_however_it_is_called_it_is_one_model(self):
        client = self.wire([])
        path = self.model("tiny")
        self.assertNotIn("listed_as", self.assertOk(client.call(load(path))))
        folder, name = path.rsplit("/", 1)
        os.symlink(name, f"{folder}/alias.hef")
        for alias in (f"{folder}//./{name}", f"{folder}/../models/{name}", f"{folder}/alias.hef"):
            reply = self.assertOk(client.call(load(alias, model_params={"junk": alias})))
            self.assertEqual((reply["message"], reply["model_path"], reply["listed_as"]),
                             ("Model already loaded", alias, path))
        self.assertEqual(len(self.loaded()), 1)
        unload = {"action": "unload_model", "model_type": "depth"}
        self.assertEqual(client.call({**unload, "model_path": f"{folder}/alias.hef"})["message"], "Model unloaded")


class Residency(ManagerTest):
    how = {"config": "policy: {min_residency: 0}\n"}

    def test_an_unfittable_load_evicts_nobody(self):
        client = self.wire()
        client.call(load(self.model("tiny")))
        client.call(load(self.model("other")))
        reply = client.call(load(self.manager.add_model("huge.hef", 5_000_000_000)))
        self.assertRegex(reply["error"], "^RESOURCE_EXHAUSTED and no models available to evict: ")
        self.assertEqual({"tiny", "other"} - set(self.loaded()), set())

    def test_an_eviction_is_told(self):
        client = self.wire()
        before = client.call({"action": "ping"})["total_lru_evictions"]
        client.call(load(self.model("whisper"), "whisper"))
        self.assertOk(client.call(load(self.model("other_whisper"), "whisper")))
        status = client.call({"action": "device_status"})
        self.assertEqual(status["total_lru_evictions"], before + 1)
        self.assertEqual(status["last_capacity_event_reason"],
                         "RESOURCE_EXHAUSTED while loading other_whisper.hef (whisper)")
        self.assertEqual(status["last_capacity_event_model"], self.model("whisper"))
        self.assertIs(type(status["last_capacity_event_at"]), float)

    def test_loading_what_is_there_counts_as_use(self):
        client = self.wire()
        client.call(load(self.model("tiny")))
        used = lambda: {pathlib.Path(row["model_path"]).stem: row["last_used"]
                        for row in client.call({"action": "ping"})["loaded_models"]}
        before = used()["tiny"]
        client.call(load(self.model("tiny")))
        self.assertGreater(used()["tiny"], before)


class Readings(ManagerTest):
    how = {"config": "limits: {tidy_interval: 0.5}\n"}

    def test_the_first_who_asks_finds_what_the_chip_was_asked_before(self):
        self.until(lambda status: status["uptime_seconds"] > 2, "the manager has looked after its house")
        reply = self.assertOk(self.wire().call({"action": "device_status"}))
        self.assertEqual(reply["device"]["temperature_celsius"], 41.3)


if __name__ == "__main__":
    unittest.main()
