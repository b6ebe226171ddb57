"""packaging/monitoring fits what a running manager and a service tell, and promtool takes it."""

import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import unittest

from support.manager_process import SOURCE, ManagerProcess
from support.messages import infer
from support.patience import Patience
from support.service_client import TIMEOUT, Client
from support.service_process import ServiceProcess, wait_ready
from support.wire import Wire

HERE = pathlib.Path(__file__).resolve().parent
FILES = SOURCE / "packaging/monitoring"
ALERTS = FILES / "alerts.yml"
DASHBOARD = FILES / "grafana-dashboard.json"
# What Prometheus itself gives to each series of a target of prometheus.yml.
OF_PROMETHEUS = {"job", "instance", "unit"}


def promtool():
    """Of PATH, else what scripts/fetch-promtool has brought."""
    fetched = SOURCE / "third_party/promtool/promtool"
    return shutil.which("promtool") or (str(fetched) if fetched.exists() else None)


def expressions_of_alerts():
    """Their `expr`, by the name of the alert."""
    found = {}
    for part in ALERTS.read_text().split("- alert: ")[1:]:
        expression = re.search(r"expr: (?:>-\n)?(.*?)\n +(?:for|labels):", part, re.DOTALL).group(1)
        found[part.split("\n", 1)[0]] = " ".join(expression.split())
    return found


def expressions_of_dashboard():
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return {f"{panel['title']} {target['refId']}": target["expr"] for panel in panels for target in panel.get("targets", ())}


def page(port):
    """{name of a metric: [its labels, a dictionary each]} of /metrics; histograms by their three series."""
    client = Client(port)
    try:
        text = client.get("/metrics").body.decode()
    finally:
        client.close()
    series = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, labels = re.fullmatch(r"([a-z_]+)(?:\{(.*)\})? \S+", line).groups()
            series.setdefault(name, []).append(dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels or "")))
    return series


def selectors(expression):
    """(metric, [(label, operator, value)]) of each selector of a PromQL expression."""
    return [(name, re.findall(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"', labels or ""))
            for name, labels in re.findall(r"\b(hailo_\w+|up)\b(?:\{([^}]*)\})?", expression)]


class Exported(unittest.TestCase):
    """Of a manager on the fake chip, with clients that are served, late and refused, and of hailo-detect."""

    @classmethod
    def setUpClass(cls):
        cls.manager = cls.enterClassContext(ManagerProcess(
            HERE / "profile.yaml", http="127.0.0.1:0", device="hailort",
            config="limits: {queued: 3}\npolicy: {quarantine: 0}\n"))
        cls.service = cls.enterClassContext(ServiceProcess(
            "hailo-detect", cls.manager.socket_path, cls.manager.model("yolov8s")))
        wait_ready(cls.service)
        cls.be_served_late_and_refused()
        client = Client(cls.service.port)
        client.get("/no/such/route")
        client.close()
        cls.ours = page(cls.manager.http_port())
        patience = Patience("the chip was asked", cls.manager.log)
        while "hailo_device_utilization_ratio" not in cls.ours:
            patience.spend()
            cls.ours = page(cls.manager.http_port())
        cls.services = page(cls.service.port)

    @classmethod
    def be_served_late_and_refused(cls):
        slow = cls.manager.model("slow")
        with Wire(cls.manager.socket_path, ["pipeline"]) as wire:
            # One runs, others wait, of which one is too late; the last ones are refused.
            for number in range(8):
                late = {"timeout_ms": 20} if number == 1 else {}
                wire.send(infer(slow, number, **late))
            outcomes = [wire.receive().get("code", "ok") for _ in range(8)]
        if not {"ok", "deadline_exceeded"} <= set(outcomes) or len(set(outcomes)) < 3:
            raise RuntimeError(f"served, late and refused were expected, not {outcomes}")

    def check(self, where, expression):
        seen = self.ours | self.services
        for metric, matchers in selectors(expression):
            if metric == "up":  # Prometheus' own
                self.assertLessEqual({label for label, *_ in matchers}, OF_PROMETHEUS, where)
                continue
            self.assertIn(metric, seen, f"{where}: nobody exports {metric}")
            labels = {label for one in seen[metric] for label in one} | OF_PROMETHEUS
            for label, operator, value in matchers:
                self.assertIn(label, labels, f"{where}: {metric} has no label {label}")
                if operator == "=" and label not in OF_PROMETHEUS and "$" not in value:
                    self.assertIn(value, self.values(metric, label), f"{where}: {metric}, {label}")
        for labels in re.findall(r"\b(?:by|on)\s*\(([^)]*)\)", expression):
            for label in re.split(r",\s*", labels):
                known = any(label in one for metric, _ in selectors(expression) for one in seen[metric])
                self.assertTrue(known or label in OF_PROMETHEUS, f"{where}: by {label}")

    def values(self, metric, label):
        """That were seen, and what else docs say there is."""
        seen = {one.get(label) for one in (self.ours | self.services)[metric]}
        if metric == "hailo_device_info" and label == "kind":
            seen |= {"onnx", "sim", "hailort"}
        return seen

    def test_every_alert_asks_for_what_is_exported(self):
        expressions = expressions_of_alerts()
        self.assertGreaterEqual(len(expressions), 10)
        for name, expression in expressions.items():
            with self.subTest(name):
                self.check(name, expression)

    def test_every_panel_asks_for_what_is_exported(self):
        expressions = expressions_of_dashboard()
        self.assertGreaterEqual(len(expressions), 20)
        for name, expression in expressions.items():
            with self.subTest(name):
                self.check(name, expression)

    def test_reasons_that_alerts_name_are_codes_of_errors(self):
        codes = set(re.findall(r"^\| `(\w+)` \|", (SOURCE / "docs/reference/errors.md").read_text(), re.MULTILINE))
        named = {value for expression in expressions_of_alerts().values()
                 for _, matchers in selectors(expression) for label, _, values in matchers
                 if label in ("reason", "outcome") for value in values.split("|")}
        self.assertIn("overloaded", named)
        self.assertLessEqual(named, codes | {"ok"})

    def test_the_reference_lists_what_is_exported_and_nothing_else(self):
        text = (SOURCE / "docs/reference/metrics.md").read_text()
        manager, services = text.split("## Services")
        for part, exported in ((manager, self.ours), (services, self.services)):
            listed = {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in
                      re.findall(r"^\| `(hailo_\w+)` \|([^|]*)\|", part, re.MULTILINE)}
            seen = {}
            for metric, labels in exported.items():
                base = re.sub(r"_(bucket|sum|count)$", "", metric) if metric not in listed else metric
                seen.setdefault(base, set()).update(label for one in labels for label in one if label != "le")
            frigate = {name for name in seen if name.startswith("hailo_frigate")}  # docs/reference/detect.md
            self.assertEqual({name: labels for name, labels in seen.items() if name not in frigate}, listed)

    def test_the_dashboard_can_be_imported(self):
        board = json.loads(DASHBOARD.read_text())
        variables = {variable["name"] for variable in board["templating"]["list"]}
        self.assertEqual(variables, {"datasource", "instance", "service"})
        ids = [panel["id"] for panel in board["panels"]]
        self.assertEqual(len(ids), len(set(ids)))
        for panel in board["panels"]:
            for source in [panel.get("datasource")] + [target["datasource"] for target in panel.get("targets", ())]:
                self.assertIn(source, (None, {"type": "prometheus", "uid": "${datasource}"}))
        places = [panel["gridPos"] for panel in board["panels"]]
        for at, one in enumerate(places):
            self.assertLessEqual(one["x"] + one["w"], 24)
            for other in places[:at]:
                apart = (one["x"] >= other["x"] + other["w"] or other["x"] >= one["x"] + one["w"] or
                         one["y"] >= other["y"] + other["h"] or other["y"] >= one["y"] + one["h"])
                self.assertTrue(apart, f"{one} lies over {other}")

    def test_scraped_are_all_services_on_their_default_ports(self):
        ports = {}
        for file in (SOURCE / "packaging/etc").glob("hailo-*.yaml"):
            ports[file.stem] = re.search(r"^  #port: (\d+)$", file.read_text(), re.MULTILINE).group(1)
        scraped = dict(re.findall(r'targets: \["127\.0\.0\.1:(\d+)"\]\s+labels: \{unit: ([\w-]+)\}',
                                  (FILES / "prometheus.yml").read_text()))
        self.assertEqual({unit: port for port, unit in scraped.items()}, {**ports, "hailo-device-manager": "5099"})

    @unittest.skipIf(promtool() is None, "there is no promtool: scripts/fetch-promtool")
    def test_prometheus_has_nothing_to_say_about_the_pages(self):
        for port in (self.manager.http_port(), self.service.port):
            client = Client(port)
            self.addCleanup(client.close)
            done = subprocess.run([promtool(), "check", "metrics"], input=client.get("/metrics").body,
                                  capture_output=True, timeout=60)
            self.assertEqual((done.returncode, done.stderr + done.stdout), (0, b""))


class Journal(unittest.TestCase):
    """With a socket in the place of journald's, in a mount namespace of the programs' own."""

    # What systemd does: standard error is a stream that JOURNAL_STREAM names, and the socket is where it always is.
    AS_SYSTEMD = ("unshare", "-rm", "sh", "-c", """set -e
        mount -t tmpfs none /run
        mkdir -p /run/systemd/journal
        mount --bind "$0" /run/systemd/journal
        JOURNAL_STREAM="$(stat -L -c %d:%i /proc/self/fd/2)"
        export JOURNAL_STREAM
        exec "$@"
        """)

    def setUp(self):
        probe = subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/run"], capture_output=True)
        if probe.returncode:
            self.skipTest("no namespaces here: " + probe.stderr.decode())
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.socket = self.enterContext(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        self.socket.bind(folder + "/socket")
        self.socket.settimeout(TIMEOUT)
        self.shim = [*self.AS_SYSTEMD, folder]

    def line(self, text):
        """The fields of the first line whose message has the text."""
        while True:
            fields = dict(line.split("=", 1) for line in self.socket.recv(65536).decode().splitlines())
            if text in fields["MESSAGE"]:
                return fields

    def test_requests_are_found_by_their_number_client_and_model(self):
        manager = ManagerProcess(HERE / "profile.yaml")
        self.addCleanup(manager.close)
        manager.start(self.shim)
        with Wire(manager.socket_path, ["pipeline"], name="camera") as wire:
            self.assertEqual(wire.call(infer(manager.model("slow"), 1))["status"], "ok")
        fields = self.line("client=")
        self.assertRegex(fields["MESSAGE"], r"^req=\d+ .*client=\d+:camera model=depth:\S+ ok$")
        number = re.match(r"req=(\d+)", fields.pop("MESSAGE")).group(1)
        self.assertEqual(fields, {"PRIORITY": "7", "SYSLOG_IDENTIFIER": "hailo-device-manager", "HAILO_REQUEST": number,
                                  "HAILO_CLIENT": f"{os.geteuid()}:camera", "HAILO_MODEL": "depth:slow.hef"})
        self.assertNotIn("client=", manager.log())
        self.assertRegex(manager.log(), r"(?m)^<6>serving ")  # lines about nothing

    def test_answers_of_a_service_are_found_by_the_id_that_they_have(self):
        with ServiceProcess("hailo-detect", "/nonexistent.sock", wrapper=self.shim) as service:
            client = Client(service.port)
            self.addCleanup(client.close)
            answer = client.get("/no/such/route")
            fields = self.line("/no/such/route")
        self.assertEqual(fields["HAILO_REQUEST"], answer.headers["X-Request-Id"])
        self.assertEqual((fields["PRIORITY"], fields["SYSLOG_IDENTIFIER"], fields["HAILO_CLIENT"]),
                         ("6", "hailo-detect", "127.0.0.1"))


@unittest.skipIf(promtool() is None, "there is no promtool: scripts/fetch-promtool")
class Promtool(unittest.TestCase):
    def promtool(self, *arguments, cwd=FILES):
        done = subprocess.run([promtool(), *arguments], cwd=cwd, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_takes_the_configuration_and_the_rules(self):
        self.assertIn("is valid", self.promtool("check", "config", "prometheus.yml"))
        self.assertIn(f"SUCCESS: {len(expressions_of_alerts())} rules found",
                      self.promtool("check", "rules", "alerts.yml"))

    def test_each_alert_is_raised_by_what_it_is_for_and_by_nothing_else(self):
        tests = (HERE / "alerts_test.yml").read_text()
        self.assertEqual(set(re.findall(r"alertname: (\w+)", tests)), set(expressions_of_alerts()))
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(ALERTS, folder)
            shutil.copy(HERE / "alerts_test.yml", folder)
            self.promtool("test", "rules", "alerts_test.yml", cwd=folder)

    def test_takes_the_questions_of_the_dashboard(self):
        """As rules: it checks no bare expressions."""
        rules = [{"record": f"hailo:panel:{number}", "expr": expression.replace("$__rate_interval", "5m")}
                 for number, expression in enumerate(expressions_of_dashboard().values())]
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "rules.yml").write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
            self.promtool("check", "rules", "rules.yml", cwd=folder)


if __name__ == "__main__":
    unittest.main()
