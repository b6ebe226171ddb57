"""What a good request is answered, against a network whose output is the mean of the channels."""

import base64
import io
import re
import unittest

import numpy
from PIL import Image

from fixture import DepthTest, form_body, map_of, text_of
from support.pictures import flat, from_png, gradient, png

VIRIDIS_ENDS = ([68, 1, 84], [253, 231, 36])


class Information(DepthTest):
    def test_health_has_the_fields_that_clients_read(self):
        body = self.client.get("/health").json()
        self.assertEqual(list(body), ["status", "service", "model", "model_type", "model_loaded",
                                      "last_error",
                                      "inference_count", "uptime_seconds"])
        self.assertEqual((body["status"], body["service"], body["model"], body["model_type"]),
                         ("ok", "hailo-depth", "scdepthv3", "monocular"))
        self.assertIs(body["model_loaded"], True)
        self.assertIsNone(body["last_error"])
        self.assertIsInstance(body["uptime_seconds"], float)

    def test_health_counts_inferences(self):
        before = self.client.get("/health").json()["inference_count"]
        self.client.post_form({"image": png(flat(8, 8, 1))})
        self.assertEqual(self.client.get("/health").json()["inference_count"], before + 1)

    def test_ready(self):
        answer = self.client.get("/health/ready")
        self.assertEqual((answer.status, answer.json()), (200, {"ready": True}))

    def test_info(self):
        body = self.client.get("/v1/info").json()
        self.assertEqual((body["service"], body["version"]), ("hailo-depth", "1.0.0"))
        self.assertEqual(body["model"], {"name": "scdepthv3", "type": "monocular", "loaded": True})
        self.assertEqual(body["capabilities"]["output_formats"],
                         ["numpy", "image", "both", "depth_png_16"])
        self.assertEqual(body["capabilities"]["colormaps"],
                         ["viridis", "plasma", "magma", "turbo", "jet"])
        self.assertIs(body["capabilities"]["monocular"], True)
        self.assertIs(body["capabilities"]["stereo"], False)

    def test_models(self):
        models = self.client.get("/v1/models").json()["models"]
        self.assertEqual([(model["name"], model["type"]) for model in models],
                         [("scdepthv3", "monocular")])
        self.assertTrue(models[0]["description"])

    def test_json_looks_as_the_reference_writes_it(self):
        answer = self.client.get("/v1/models")
        self.assertEqual(answer.headers["Content-Type"], "application/json; charset=utf-8")
        begin = b'{"models": [{"name": "scdepthv3", "type": "monocular", '
        self.assertTrue(answer.body.startswith(begin))

    def test_head_has_no_body(self):
        answer = self.client.request("HEAD", "/v1/models")
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertGreater(int(answer.headers["Content-Length"]), 0)
        self.assertEqual(self.client.get("/health").status, 200)

    def test_the_request_id_is_echoed_or_made(self):
        self.assertEqual(self.client.get("/health",
                                         {"X-Request-Id": "abc-1"}).headers["X-Request-Id"],
                                         "abc-1")
        made = self.client.get("/health", {"X-Request-Id": "a b"}).headers["X-Request-Id"]
        self.assertRegex(made, r"^[0-9a-f]{16}$")

    def test_metrics_count_requests_by_route_and_status(self):
        self.client.get("/v1/info")
        text = self.client.get("/metrics").body.decode()
        found = re.search(r'hailo_http_requests_total\{([^}]*route="/v1/info"[^}]*)\} (\d+)', text)
        self.assertIn('status="200"', found.group(1))
        self.assertGreaterEqual(int(found.group(2)), 1)
        self.assertIn("hailo_http_request_duration_seconds_bucket", text)
        self.assertIn("hailo_http_requests_in_flight", text)


class Estimate(DepthTest):
    def both_ways(self, picture, **fields):
        """The same request as a form and as JSON."""
        yield "form", self.client.post_form({"image": picture, **fields})
        yield "json", self.client.post_json({"image": text_of(picture), **fields})
        url = "data:image/png;base64," + text_of(picture)
        yield "data url", self.client.post_json({"image": url, **fields})

    def test_the_fields_and_their_order(self):
        for how, answer in self.both_ways(png(gradient(64, 48)), output_format="both"):
            with self.subTest(how):
                self.assertEqual(answer.status, 200, answer.body[:300])
                body = answer.json()
                self.assertEqual(list(body), ["model", "model_type", "input_shape", "depth_shape",
                                              "inference_time_ms", "normalized", "stats",
                                              "depth_map",
                                              "depth_image"])
                self.assertEqual(body["input_shape"], [48, 64, 3])
                self.assertEqual(body["depth_shape"], [48, 64])
                self.assertIs(body["normalized"], True)
                self.assertEqual(round(body["inference_time_ms"], 2), body["inference_time_ms"])
                self.assertGreater(body["inference_time_ms"], 0)

    def test_each_format_carries_its_payload_only(self):
        payloads = {"numpy": {"depth_map"}, "image": {"depth_image"},
                    "both": {"depth_map", "depth_image"},
                    "depth_png_16": {"depth_png_16"}}
        for name, expected in payloads.items():
            for how, answer in self.both_ways(png(gradient(16, 12)), output_format=name):
                with self.subTest(name, how=how):
                    found = {key for key in answer.json() if key.startswith("depth_")}
                    found.remove("depth_shape")
                    self.assertEqual(found, expected)

    def test_a_picture_of_the_networks_size_comes_back_as_the_mean_of_its_channels(self):
        picture = gradient(320, 256)
        answer = self.client.post_form({"image": png(picture), "output_format": "numpy",
                                        "normalize": "false"})
        depth = map_of(answer.json())
        self.assertEqual((depth.dtype, depth.shape), (numpy.float32, (256, 320)))
        numpy.testing.assert_allclose(depth, picture.mean(axis=2), atol=1e-3)
        self.assertIs(answer.json()["normalized"], False)

    def test_other_sizes_are_stretched_there_and_back(self):
        picture = gradient(100, 300)
        answer = self.client.post_form({"image": png(picture), "output_format": "numpy",
                                        "normalize": "no"})
        depth = map_of(answer.json())
        self.assertEqual(depth.shape, (300, 100))
        numpy.testing.assert_allclose(depth, picture.mean(axis=2), atol=3)

    def test_normalised_maps_span_the_unit_range(self):
        depth = map_of(self.client.post_form({"image": png(gradient(64, 64)),
                                              "output_format": "numpy"}).json())
        self.assertEqual((depth.min(), depth.max()), (0.0, 1.0))

    def test_a_flat_map_stays_as_it_is(self):
        depth = map_of(self.client.post_form({"image": png(flat(40, 30, 77)),
                                              "output_format": "numpy"}).json())
        numpy.testing.assert_allclose(depth, 77, atol=1e-3)

    def test_statistics_are_of_the_map_up_to_its_percentile(self):
        body = self.client.post_form({"image": png(gradient(64, 64)),
                                      "output_format": "numpy"}).json()
        values = numpy.sort(map_of(body).ravel())
        p95 = values[int(0.95 * (len(values) - 1))]
        low = values[values <= p95]
        self.assertEqual(set(body["stats"]), {"min", "max", "mean", "p95"})
        self.assertAlmostEqual(body["stats"]["p95"], p95, places=6)
        self.assertAlmostEqual(body["stats"]["max"], low.max(), places=6)
        self.assertAlmostEqual(body["stats"]["min"], low.min(), places=6)
        self.assertAlmostEqual(body["stats"]["mean"], low.mean(dtype=numpy.float64), places=5)
        self.assertLessEqual(body["stats"]["p95"], body["stats"]["max"])

    def test_the_depth_image_is_rgb_in_the_colours_asked_for(self):
        ends = {"viridis": VIRIDIS_ENDS, "plasma": ([12, 7, 134], [239, 248, 33]),
                "magma": ([0, 0, 3], [251, 252, 191]), "turbo": ([48, 18, 59], [122, 4, 2]),
                "jet": ([0, 0, 127], [127, 0, 0])}
        for name, (near, far) in ends.items():
            with self.subTest(name):
                answer = self.client.post_form({"image": png(gradient(64, 48)),
                                                "output_format": "image",
                                                "colormap": name})
                image = from_png(base64.b64decode(answer.json()["depth_image"]))
                self.assertEqual(image.shape, (48, 64, 3))
                self.assertEqual(image[0, 0].tolist(), near)
                self.assertEqual(image[0, -1].tolist(), far)

    def test_depth_png_16_has_the_whole_range(self):
        answer = self.client.post_form({"image": png(gradient(64, 48)),
                                        "output_format": "depth_png_16"})
        image = from_png(base64.b64decode(answer.json()["depth_png_16"]))
        self.assertEqual(image.shape, (48, 64))
        self.assertEqual((image.min(), image.max()), (0, 65535))

    def test_representation_depth_is_the_networks_own_transform(self):
        answer = self.client.post_json({"image": text_of(png(flat(8, 8, 0))),
                                        "output_format": "numpy",
                                        "representation": "depth", "normalize": False})
        numpy.testing.assert_allclose(map_of(answer.json()), 1 / (10 * 0.5 + 0.009), rtol=1e-5)
        self.assertEqual(answer.json()["representation"], "depth")

    def test_normalize_in_json_is_echoed_raw(self):
        for value, echo in ((True, True), (False, False), ("True", True), ("x", False), (1, 1),
                            (0, 0), (None, True)):
            with self.subTest(value):
                answer = self.client.post_json({"image": text_of(png(flat(8, 8, 9))),
                                                "normalize": value})
                self.assertEqual((answer.json()["normalized"], type(answer.json()["normalized"])),
                                 (echo, type(echo)))

    def test_further_fields_are_ignored(self):
        answer = self.client.post_form({"image": png(flat(8, 8, 9)), "image_right": b"x",
                                        "more": "y"})
        self.assertEqual(answer.status, 200)


class Configured(DepthTest):
    config = """
output: {format: numpy, colormap: jet, normalize: false, include_stats: false}
model: {name: fast_depth, type: stereo}
server: {api_keys: [secret-key]}
"""

    def get(self, path, **headers):
        return self.client.get(path, headers)

    def test_defaults_come_from_the_configuration(self):
        body = self.client.request("POST", "/v1/depth/estimate",
                                   form_body({"image": png(flat(8, 8, 9))}),
                                   {"Content-Type": "multipart/form-data; boundary=frontier",
                                    "Authorization": "Bearer secret-key"}).json()
        self.assertEqual(list(body), ["model", "model_type", "input_shape", "depth_shape",
                                      "inference_time_ms",
                                      "normalized", "depth_map"])
        self.assertEqual((body["model"], body["model_type"], body["normalized"]),
                         ("fast_depth", "stereo", False))

    def test_a_key_is_asked_for_but_not_for_health(self):
        refused = self.get("/v1/info")
        self.assertError(refused, 401, kind="authentication_error")
        self.assertEqual(refused.headers["WWW-Authenticate"], "Bearer")
        self.assertEqual(self.get("/v1/info", Authorization="Bearer wrong").status, 401)
        info = self.get("/v1/info", Authorization="Bearer secret-key")
        self.assertIs(info.json()["capabilities"]["stereo"], True)
        for path in ("/health", "/health/ready", "/metrics"):
            self.assertEqual(self.get(path).status, 200, path)



class Annotated(DepthTest):
    def test_it_is_the_depth_image_as_jpeg(self):
        """Against the PNG of the same picture, both as Pillow reads them."""
        picture = png(gradient(160, 120))
        for fields in ({}, {"colormap": "plasma"}, {"representation": "depth", "normalize": "false"}):
            with self.subTest(fields):
                coloured = self.client.post_form({"image": picture, "output_format": "image", **fields})
                expected = from_png(base64.b64decode(coloured.json()["depth_image"]))
                answer = self.client.post_form({"image": picture, "annotated": "true", **fields}, "/api/depth")
                self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "image/jpeg"))
                drawn = numpy.asarray(Image.open(io.BytesIO(answer.body)))
                self.assertEqual(drawn.shape, (120, 160, 3))
                self.assertLess(numpy.abs(drawn.astype(int) - expected).max(), 12)


if __name__ == "__main__":
    unittest.main()
