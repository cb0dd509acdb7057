import http.server
import json
import socket
import threading

import pytest
from aiosmtpd.controller import Controller

from crm_pipeline.alerts.mail import PASSWORD
from crm_pipeline.alerts.slack import WEBHOOK
from crm_pipeline.config import load_settings
from crm_pipeline.emulator.certificates import make_certificates
from crm_pipeline_tests.report.night import write_night


@pytest.fixture
def said():
    """What the end of a run says about its alerts."""
    return []


@pytest.fixture(autouse=True)
def _nobody_is_told(monkeypatch):
    for name in (WEBHOOK, PASSWORD):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def configured(tmp_path, monkeypatch):
    """Settings of a folder of its own, with alerts as given."""

    def configure(**alerts):
        path = tmp_path / "settings.yaml"
        paths = {"warehouse": str(tmp_path / "crm.duckdb"), "published": str(tmp_path / "analytics.duckdb")}
        path.write_text(json.dumps({**paths, "alerts": alerts}), encoding="utf-8")
        monkeypatch.setenv("CRM_PIPELINE_SETTINGS", str(path))
        return load_settings(path)

    return configure


@pytest.fixture
def warehouse(tmp_path):
    """As a night leaves it: a plan is held."""
    return write_night(tmp_path / "crm.duckdb")


class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.append(json.loads(body)["text"])
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", self.server.url)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def slack(monkeypatch):
    """A webhook on this machine: `posts` that came, `status` that it answers."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook) as server:
        server.posts, server.status = [], 200
        server.url = f"http://127.0.0.1:{server.server_port}/services/T0/B0/sentinel-secret"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv(WEBHOOK, server.url)
        yield server
        server.shutdown()


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    return make_certificates(tmp_path_factory.mktemp("certificates"))


class Box:
    """Keeps what a mail server gets."""

    def __init__(self):
        self.letters, self.refused = [], set()

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802
        if address in self.refused:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
        self.letters.append(envelope)
        return "250 OK"


@pytest.fixture
def mail_server():
    """Starts mail servers on this machine; gives their box and port."""
    running = []

    def start(**options):
        box = Box()
        with socket.socket() as free:  # the controller connects to the port that it was given
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        controller = Controller(box, hostname="127.0.0.1", port=port, **options)
        controller.start()
        running.append(controller)
        return box, port

    yield start
    for controller in running:
        controller.stop()
