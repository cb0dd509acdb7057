"""Ways to a session, as clients take them, and what becomes of tokens."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import jwt
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from simple_salesforce import Salesforce, SalesforceLogin
from simple_salesforce.exceptions import SalesforceAuthenticationFailed

from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline_tests.emulator.salesforce.conftest import Raw

USERNAME = "integration@example.com"
APP = {"client_id": "demo-client", "client_secret": "demo-secret"}
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@cache
def private_key(number: int = 0) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem_of(key: rsa.RSAPrivateKey) -> str:
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, plain).decode()


def certificate(key: rsa.RSAPrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "demo")])
    now = datetime.now(UTC)
    ends = now + timedelta(days=1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, ends)
    signed = builder.sign(key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM)


class ToEmulator(requests.Session):
    """What is meant for any host of salesforce.com goes to the emulator."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.emulator = url

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **more: Any) -> requests.Response:
        _, _, rest = str(url).partition("://")
        _, _, path = rest.partition("/")
        return super().request(method, f"{self.emulator}/{path}", *args, **more)


@pytest.fixture
def session(url: str) -> Iterator[ToEmulator]:
    with ToEmulator(url) as session:
        yield session


def grant(url: str, **form: str) -> requests.Response:
    return requests.post(f"{url}/services/oauth2/token", form, timeout=10)


def assertion(store: SalesforceStore, key: rsa.RSAPrivateKey | None = None, **claims: Any) -> str:
    told = {
        "iss": store.client_id,
        "sub": USERNAME,
        "aud": "https://login.salesforce.com",
        "exp": int(time.time()) + 180,
        **claims,
    }
    return jwt.encode({k: v for k, v in told.items() if v is not None}, pem_of(key or private_key()), "RS256")


# simple-salesforce


def test_client_logs_in_by_jwt(session: ToEmulator, store: SalesforceStore, url: str) -> None:
    store.register_certificate(certificate(private_key()))
    token, instance = SalesforceLogin(
        username=USERNAME, consumer_key="demo-client", privatekey=pem_of(private_key()), session=session
    )
    assert f"http://{instance}" == url
    assert Raw(url, token)("GET", "limits").status_code == 200


def test_client_logs_in_by_password_and_token(session: ToEmulator, store: SalesforceStore) -> None:
    client = Salesforce(
        username=USERNAME,
        password=store.password,
        security_token=store.security_token,
        session=session,
        version="62.0",
    )
    assert client.query("SELECT COUNT() FROM Lead")["totalSize"] == 0


def test_client_logs_in_by_oauth_password(session: ToEmulator, store: SalesforceStore, url: str) -> None:
    token, _ = SalesforceLogin(
        username=USERNAME,
        password=store.password + store.security_token,
        consumer_key="demo-client",
        consumer_secret="demo-secret",
        session=session,
    )
    assert Raw(url, token)("GET", "limits").status_code == 200


def test_client_logs_in_from_a_trusted_network_without_a_token(
    session: ToEmulator, store: SalesforceStore, url: str
) -> None:
    store.trusted_network = True
    token, _ = SalesforceLogin(
        username=USERNAME, password=store.password, organizationId=store.organisation_id, session=session
    )
    assert Raw(url, token)("GET", "limits").status_code == 200


@pytest.mark.parametrize(
    ("login", "code"),
    [
        ({"password": "wrong", "security_token": "demoSecurityToken"}, "INVALID_LOGIN"),
        ({"password": "demo-password", "security_token": "wrong"}, "INVALID_LOGIN"),
        ({"password": "demo-password", "security_token": ""}, "LOGIN_MUST_USE_SECURITY_TOKEN"),
        ({"username": "nobody@example.com"}, "INVALID_LOGIN"),
        ({"sf_version": "65.0"}, "UNSUPPORTED_API_VERSION"),
        ({"sf_version": "20.0"}, "UNSUPPORTED_API_VERSION"),
    ],
)
def test_refused_soap_login_tells_its_code(session: ToEmulator, login: dict[str, str], code: str) -> None:
    good = {"username": USERNAME, "password": "demo-password", "security_token": "demoSecurityToken"}
    with pytest.raises(SalesforceAuthenticationFailed) as caught:
        SalesforceLogin(**{**good, **login}, session=session)
    assert caught.value.code == code


# JWT bearer


@pytest.mark.parametrize(
    ("claims", "error", "description"),
    [
        ({"iss": "wrong"}, "invalid_client_id", "client identifier invalid"),
        ({"sub": "nobody@example.com"}, "invalid_grant", "user hasn't approved this consumer"),
        ({"sub": None}, "invalid_grant", "user hasn't approved this consumer"),
        ({"aud": "https://example.com"}, "invalid_grant", "audience is invalid"),
        ({"aud": "https://login.salesforce.com.example.com"}, "invalid_grant", "audience is invalid"),
        ({"exp": 1_000_000_000}, "invalid_grant", "expired authorization code"),
        ({"exp": 100_000_000_000}, "invalid_grant", "invalid assertion"),
        ({"exp": None}, "invalid_grant", "invalid assertion"),
    ],
)
def test_wrong_claims(
    standing: tuple[SalesforceStore, Raw], claims: dict[str, Any], error: str, description: str
) -> None:
    store, raw = standing
    store.certificates = (private_key().public_key(),)
    answer = grant(raw.url, grant_type=JWT_GRANT, assertion=assertion(store, **claims))
    assert (answer.status_code, answer.json()) == (400, {"error": error, "error_description": description})


@pytest.mark.parametrize("audience", ["https://login.salesforce.com", "https://test.salesforce.com/", "own", "my"])
def test_audiences_of_the_organisation(standing: tuple[SalesforceStore, Raw], audience: str) -> None:
    store, raw = standing
    store.certificates = (private_key().public_key(),)
    named = {"own": raw.url, "my": "https://acme.my.salesforce.com"}.get(audience, audience)
    answer = grant(raw.url, grant_type=JWT_GRANT, assertion=assertion(store, aud=named))
    assert (answer.status_code, answer.json()["token_type"]) == (200, "Bearer")


def test_jwt_of_another_key_or_none_is_no_assertion(url: str, store: SalesforceStore) -> None:
    refused = {"error": "invalid_grant", "error_description": "invalid assertion"}
    assert grant(url, grant_type=JWT_GRANT, assertion=assertion(store)).json() == refused
    store.register_certificate(certificate(private_key()))
    assert grant(url, grant_type=JWT_GRANT, assertion=assertion(store, private_key(1))).json() == refused
    assert grant(url, grant_type=JWT_GRANT, assertion="a.b.c").json() == refused
    unsigned = jwt.encode({"iss": "demo-client", "sub": USERNAME}, "", "none")
    assert grant(url, grant_type=JWT_GRANT, assertion=unsigned).json() == refused


def test_app_must_be_approved(url: str, store: SalesforceStore) -> None:
    store.register_certificate(certificate(private_key()))
    store.consumer_approved = False
    answer = grant(url, grant_type=JWT_GRANT, assertion=assertion(store))
    assert answer.json()["error_description"] == "user hasn't approved this consumer"


def test_only_rsa_certificates_are_registered(store: SalesforceStore) -> None:
    with pytest.raises(ValueError, match="PEM"):
        store.register_certificate("nonsense")


# Refresh, revoke, introspect


def test_refresh_token_gives_access_tokens_until_it_is_revoked(url: str, store: SalesforceStore) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": store.refresh_token, **APP}
    answer = grant(url, **form)
    token = answer.json()["access_token"]
    assert "refresh_token" not in answer.json()
    assert Raw(url, token)("GET", "limits").status_code == 200
    revoked = requests.post(f"{url}/services/oauth2/revoke", {"token": store.refresh_token}, timeout=10)
    assert revoked.status_code == 200
    assert Raw(url, token)("GET", "limits").status_code == 401
    refused = {"error": "invalid_grant", "error_description": "expired access/refresh token"}
    assert grant(url, **form).json() == refused
    assert grant(url, **{**form, "refresh_token": ""}).json() == refused


def test_one_of_two_sessions_is_revoked(url: str, store: SalesforceStore) -> None:
    one, other = (grant(url, grant_type="client_credentials", **APP).json()["access_token"] for _ in range(2))
    assert requests.post(f"{url}/services/oauth2/revoke", {"token": one}, timeout=10).status_code == 200
    assert [Raw(url, token)("GET", "limits").status_code for token in (one, other)] == [401, 200]
    assert requests.post(f"{url}/services/oauth2/revoke", {"token": one}, timeout=10).status_code == 400


@pytest.mark.parametrize(
    "form",
    [
        {"username": USERNAME, "password": "demo-password"},
        {"username": USERNAME, "password": "wrong"},
        {"username": "nobody@example.com", "password": "demo-passworddemoSecurityToken"},
        {},
    ],
)
def test_wrong_password_is_an_authentication_failure(
    standing: tuple[SalesforceStore, Raw], form: dict[str, str]
) -> None:
    answer = grant(standing[1].url, grant_type="password", **APP, **form)
    assert answer.json() == {"error": "invalid_grant", "error_description": "authentication failure"}


def test_introspection_tells_whether_a_token_is_good(url: str, token: str, store: SalesforceStore) -> None:
    def introspect(given: str, **form: str) -> requests.Response:
        return requests.post(f"{url}/services/oauth2/introspect", {"token": given, **APP, **form}, timeout=10)

    active = introspect(token).json()
    assert (active["active"], active["username"], active["token_type"]) == (True, USERNAME, "access_token")
    assert active["exp"] - active["iat"] == 7200
    assert introspect("nonsense").json() == {"active": False}
    assert introspect(token, client_secret="wrong").status_code == 401
    store.expire_sessions()
    assert introspect(token).json() == {"active": False}


# Identity


def test_identity_url_of_the_token_tells_who(url: str, store: SalesforceStore) -> None:
    body = grant(url, grant_type="client_credentials", **APP).json()
    bearer = {"Authorization": f"Bearer {body['access_token']}"}
    told = requests.get(body["id"], headers=bearer, timeout=10).json()
    assert (told["user_id"], told["username"]) == (store.integration_user_id, USERNAME)
    assert told["urls"]["rest"] == f"{url}/services/data/v{{version}}/"
    user_info = requests.get(f"{url}/services/oauth2/userinfo", headers=bearer, timeout=10).json()
    assert (user_info["sub"], user_info["preferred_username"]) == (body["id"], USERNAME)


@pytest.mark.parametrize("path", ["/services/oauth2/userinfo", "/id/00D5g0000000001EAA/0055g00000000020AA"])
def test_identity_without_a_good_token(standing: tuple[SalesforceStore, Raw], path: str) -> None:
    url = standing[1].url + path
    bad = requests.get(url, headers={"Authorization": "Bearer x"}, timeout=10)
    assert (bad.status_code, bad.text) == (403, "Bad_OAuth_Token")
    assert requests.get(url, timeout=10).text == "Missing_OAuth_Token"


# Headers


@pytest.mark.parametrize(
    "header",
    [{"Authorization": "Bearer {}"}, {"Authorization": "OAuth {}"}, {"X-SFDC-Session": "{}"}],
)
def test_headers_that_carry_a_session(url: str, token: str, header: dict[str, str]) -> None:
    headers = {name: value.format(token) for name, value in header.items()}
    assert requests.get(f"{url}/services/data/v62.0/limits", headers=headers, timeout=10).status_code == 200


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (
            {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "acme.my.salesforce.com"},
            "https://acme.my.salesforce.com",
        ),
        ({"X-Forwarded-Proto": "https", "Host": "acme.my.salesforce.com"}, "https://acme.my.salesforce.com"),
        ({"Host": "localhost:8443"}, "http://localhost:8443"),
    ],
)
def test_instance_url_is_where_the_client_came_to(url: str, headers: dict[str, str], expected: str) -> None:
    form = {"grant_type": "client_credentials", **APP}
    body = requests.post(f"{url}/services/oauth2/token", form, headers=headers, timeout=10).json()
    assert body["instance_url"] == expected
    assert body["id"].startswith(f"{expected}/id/")


def test_client_credentials_need_the_domain_of_the_organisation(url: str) -> None:
    form, host = {"grant_type": "client_credentials", **APP}, {"Host": "login.salesforce.com"}
    answer = requests.post(f"{url}/services/oauth2/token", form, headers=host, timeout=10)
    refused = {"error": "invalid_grant", "error_description": "request not supported on this domain"}
    assert (answer.status_code, answer.json()) == (400, refused)
