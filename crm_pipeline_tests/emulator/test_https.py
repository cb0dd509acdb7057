"""Clients that insist on https, or on the platforms' own host names, reach an emulated CRM all the same."""

import socket
import stat
from collections.abc import Iterator

import pytest
import requests
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from crm_pipeline.emulator.certificates import Certificates, make_certificates
from crm_pipeline.emulator.names import HUBSPOT_HOSTS, is_salesforce
from crm_pipeline.emulator.proxy import proxying
from crm_pipeline.emulator.server import Server, serving


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def server(certificates: Certificates) -> Iterator[Server]:
    async def echo(request: Request) -> JSONResponse:
        return JSONResponse({"url": str(request.url), "size": len(await request.body())})

    app = Starlette(routes=[Route("/{rest:path}", echo, methods=["GET", "POST"])])
    with serving(app, certificate=certificates.server) as server:
        yield server


@pytest.fixture
def proxies(server: Server) -> Iterator[dict[str, str]]:
    def route(host: str, wanted: int) -> int | None:
        is_here = (host, wanted) == ("127.0.0.1", server.port) or host in HUBSPOT_HOSTS or is_salesforce(host)
        return server.port if is_here else None

    with proxying(route) as port:
        yield {"https": f"http://127.0.0.1:{port}", "http": f"http://127.0.0.1:{port}"}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_loopback_address_is_certified(server: Server, certificates: Certificates, host: str) -> None:
    answer = requests.get(f"https://{host}:{server.port}/x", verify=str(certificates.authority), timeout=5)

    assert answer.json()["url"] == f"https://{host}:{server.port}/x"


def test_only_those_who_trust_the_authority_connect(server: Server) -> None:
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(server.url, timeout=5)


@pytest.mark.parametrize(
    "host",
    [
        "api.hubapi.com",
        "login.salesforce.com",
        "test.salesforce.com",
        "acme.my.salesforce.com",
        "a--b.sandbox.my.salesforce.com",
    ],
)
def test_the_platforms_names_lead_to_the_emulators_through_the_proxy(
    proxies: dict[str, str], certificates: Certificates, host: str
) -> None:
    body = b"x" * 3_000_000
    answer = requests.post(
        f"https://{host}/path", data=body, proxies=proxies, verify=str(certificates.authority), timeout=10
    )

    assert answer.json() == {"url": f"https://{host}/path", "size": len(body)}


def test_the_servers_own_address_leads_to_it_through_the_proxy(
    proxies: dict[str, str], certificates: Certificates, server: Server
) -> None:
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(f"{server.url}/x", proxies=proxies, verify=str(certificates.authority), timeout=5)
    assert answer.json()["url"] == f"{server.url}/x"


@pytest.mark.parametrize("url", ["https://example.com/", "https://127.0.0.1:9/"])
def test_the_proxy_leads_nowhere_else(proxies: dict[str, str], url: str) -> None:
    with pytest.raises(requests.exceptions.ProxyError, match="403"):
        requests.get(url, proxies=proxies, timeout=5)
    answer = requests.get("http://example.com/", proxies=proxies, timeout=5)
    assert answer.status_code == 405


def test_a_head_that_is_too_long_is_refused(proxies: dict[str, str]) -> None:
    port = int(proxies["https"].rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"CONNECT api.hubapi.com:443 HTTP/1.1\r\nX: " + b"x" * 100_000 + b"\r\n\r\n")
        assert connection.recv(20).startswith(b"HTTP/1.1 431")


def test_the_private_key_is_the_owners_alone(certificates: Certificates) -> None:
    assert stat.S_IMODE(certificates.server.stat().st_mode) == 0o600
    assert b"PRIVATE KEY" not in certificates.authority.read_bytes()
