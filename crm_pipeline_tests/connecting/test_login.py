"""Logging in to Salesforce: with a secret or a key, and what a person reads when it does not work."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from crm_pipeline.config import load_settings
from crm_pipeline.crm.connect import HubSpotCredentials, SalesforceCredentials, connect
from crm_pipeline.crm.limits import Limits
from crm_pipeline.crm.salesforce.grant import audience
from crm_pipeline.emulator.certificates import make_certificates
from crm_pipeline.emulator.faults import Status
from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline.emulator.hubspot import create_app as hubspot_app
from crm_pipeline.emulator.server import serving
from crm_pipeline.errors import ConfigError, PermanentError, TransientError

_NOW = Limits(patience_seconds=0.05, first_patience_seconds=0.05, backoff_seconds=0.01)


def _pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@pytest.fixture(scope="module")
def keys():
    """A key and another one; both are as good as those of an organisation."""
    return [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2)]


@pytest.fixture
def login(organisation, keys):
    """Log in by JWT with the app's own key, unless something else is said."""
    public = (
        keys[0].public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    organisation.store.register_certificate(public)

    def login(key="", user="integration@example.com", app="demo-client", secret=""):
        credentials = SalesforceCredentials(organisation.url, app, secret, user, key or _pem(keys[0]))
        return connect(credentials, load_settings(), limits=_NOW)

    return login


def test_a_key_logs_in_without_a_secret(login, organisation):
    assert login().account().account_id == organisation.store.organisation_id
    (sent,) = organisation.sent("/services/oauth2/token")
    assert b"PRIVATE" not in sent.body
    assert "authorization" not in {name.lower() for name in sent.headers}


def test_a_key_may_stand_in_a_file_that_its_owner_alone_can_read(login, keys, tmp_path):
    path = tmp_path / "server.key"
    path.write_text(_pem(keys[0]))
    path.chmod(0o644)
    with pytest.raises(ConfigError, match=r"can be read by others.*chmod 600"):
        login(key=str(path))
    path.chmod(0o600)
    assert login(key=str(path)).account().name
    with pytest.raises(ConfigError, match=r"cannot be read \(No such file"):
        login(key=str(tmp_path / "other.key"))


def test_a_key_in_one_line_with_written_line_ends_is_understood(login, keys):
    assert login(key=_pem(keys[0]).replace("\n", "\\n")).account().name


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----\n", "no private key in PEM form"),
        (_pem(ec.generate_private_key(ec.SECP256R1())), "not an RSA key"),
    ],
)
def test_what_is_no_key_is_refused_without_showing_it(login, key, words):
    with pytest.raises(ConfigError, match=words) as error:
        login(key=key)
    assert "s3cret" not in str(error.value)


def test_two_ways_at_once_and_a_key_without_a_user_are_refused(login):
    with pytest.raises(ConfigError, match="two ways to log in"):
        login(secret="demo-secret")
    with pytest.raises(ConfigError, match="SALESFORCE_USERNAME"):
        login(user="")


def test_the_audience_is_that_of_the_kind_of_organisation():
    assert audience("https://acme.my.salesforce.com") == "https://login.salesforce.com"
    assert audience("https://acme-dev-ed.develop.my.salesforce.com") == "https://login.salesforce.com"
    for sandbox in (
        "https://acme--uat.sandbox.my.salesforce.com",
        "https://acme--uat.my.salesforce.com",
        "https://test.salesforce.com/",
    ):
        assert audience(sandbox) == "https://test.salesforce.com"


@pytest.mark.parametrize(
    ("change", "arguments", "words"),
    [
        (lambda store: None, {"app": "other"}, "no app with this consumer key in this organisation: a sandbox"),
        (lambda store: None, {"key": 1}, "upload the certificate of SALESFORCE_PRIVATE_KEY"),
        (lambda store: setattr(store, "consumer_approved", False), {}, "not pre-authorised"),
    ],
)
def test_each_refusal_names_its_own_next_step(login, organisation, keys, change, arguments, words):
    change(organisation.store)
    given = {name: _pem(keys[1]) if name == "key" else value for name, value in arguments.items()}
    with pytest.raises(PermanentError, match=words) as error:
        login(**given).account()
    assert "docs/connect-salesforce.md" in str(error.value)
    assert error.value.exit_code == 5


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"error": "invalid_grant", "error_description": "ip restricted"}, "trusted IP ranges"),
        ({"error": "invalid_grant", "error_description": "no client credentials user enabled"}, "no run-as user"),
        (
            {"error": "invalid_grant", "error_description": "request not supported on this domain"},
            "needs your My Domain in SALESFORCE_LOGIN_URL",
        ),
        ({"error": "inactive_user", "error_description": "user is inactive"}, "integration user is inactive"),
        ("<html>not here</html>", "does not answer like Salesforce"),
    ],
)
def test_a_login_that_is_not_allowed_says_where_to_click(organisation, answer, words):
    organisation.faults.add(path="/services/oauth2/token", action=Status(400, answer), times=None)
    with pytest.raises(PermanentError, match=words):
        organisation.client().account()


def test_the_api_that_is_switched_off_and_the_session_that_is_gone(organisation):
    client = organisation.client()
    problem = [{"errorCode": "API_DISABLED_FOR_ORG", "message": "API is disabled for this org"}]
    organisation.faults.add(path="/query", action=Status(403, problem))
    with pytest.raises(PermanentError, match="edition has no API access"):
        client.account()
    gone = [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]
    organisation.faults.add(path="/query", action=Status(401, gone), times=None)
    with pytest.raises(PermanentError, match="a new one neither"):
        client.account()


def test_a_token_that_ended_and_a_scope_that_is_missing(portal):
    with pytest.raises(PermanentError, match=r"revoked, replaced or mistyped.*docs/connect-hubspot\.md"):
        portal.client(token="pat-na1-other").account()
    portal.store.scopes.remove("crm.objects.deals.read")
    with pytest.raises(PermanentError, match=r"give it the scope crm\.objects\.deals\.read"):
        portal.client().count("deals")


def test_a_certificate_that_nobody_here_trusts_is_refused_and_named(tmp_path):
    certificates = make_certificates(tmp_path)
    with serving(hubspot_app(HubSpotStore()), certificate=certificates.server) as server:
        assert server.url.startswith("https://")
        for client in (
            connect(HubSpotCredentials("t", server.url), load_settings(), limits=_NOW),
            connect(SalesforceCredentials(server.url, "i", "s"), load_settings(), limits=_NOW),
        ):
            with pytest.raises(TransientError, match="shows a TLS certificate that this machine does not trust"):
                client.account()
