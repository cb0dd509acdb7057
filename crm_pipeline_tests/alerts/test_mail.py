"""Alerts by e-mail, sent to a real mail server: encrypted, logged in, and each refusal a sentence."""

import ssl
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.smtp import AuthResult

from crm_pipeline.alerts.mail import PASSWORD
from crm_pipeline.alerts.tell import channels, tell
from crm_pipeline.errors import ConfigError

TO = ["ops@example.com", "lead@example.com"]


@pytest.fixture
def way(configured):
    """Settings for a mail server at a port of this machine."""

    def to(port, **more):
        mail = {"server": "127.0.0.1", "port": port, "security": "none", "sender": "crm@example.com", "to": TO}
        return configured(language="ja", mail=mail | more)

    return to


def test_a_letter_in_japanese_arrives_once(warehouse, way, mail_server, said):
    box, port = mail_server()
    settings = way(port)
    assert tell(warehouse, settings, said.append) == 1
    assert tell(warehouse, settings, said.append) == 0
    [letter] = box.letters
    assert letter.rcpt_tos == TO
    parsed = message_from_bytes(letter.content, policy=default)
    assert parsed["Subject"].startswith("[crm-pipeline] 計画0123456789abcdefが承認待ちです（2件の書き込み")
    assert "このマッピングの初回実行" in parsed.get_content()
    assert parsed["Auto-Submitted"] == "auto-generated"


def test_starttls_and_a_log_in(warehouse, way, mail_server, certificates, monkeypatch, said):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates.server)
    seen = []

    def authenticate(_server, _session, _envelope, _mechanism, data):
        seen.append((data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)

    box, port = mail_server(tls_context=context, require_starttls=True, authenticator=authenticate, auth_required=True)
    settings = way(port, server="localhost", security="starttls", user="crm")
    monkeypatch.setenv(PASSWORD, "right")
    assert tell(warehouse, settings, said.append) == 0
    assert "certificate is not valid" in said[-1]
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.authority))
    monkeypatch.setenv(PASSWORD, "wrong-sentinel")
    assert tell(warehouse, settings, said.append) == 0
    assert f"refuses the log-in; check alerts.mail.user and {PASSWORD}" in said[-1]
    monkeypatch.setenv(PASSWORD, "right")
    assert tell(warehouse, settings, said.append) == 1
    assert seen[-1] == (b"crm", b"right")
    assert len(box.letters) == 1
    assert not any("sentinel" in sentence for sentence in said)


def test_a_server_that_cannot_encrypt_gets_nothing(warehouse, way, mail_server, said):
    box, port = mail_server()
    assert tell(warehouse, way(port, security="starttls"), said.append) == 0
    assert "has no STARTTLS" in said[-1]
    assert box.letters == []


def test_recipients_that_are_refused_are_named_by_their_number(warehouse, way, mail_server, said):
    box, port = mail_server()
    box.refused = {TO[0]}
    assert tell(warehouse, way(port), said.append) == 1
    assert said[-1].endswith("the mail server refuses 1 of the recipients; check alerts.mail.to")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"server": "smtp.example.com"}, "none is only allowed to a mail server on this machine"),
        ({"sender": ""}, "mail needs sender beside it"),
        ({"server": "", "security": "tls"}, "mail needs server beside it"),
        ({"to": ["nobody"]}, "alerts.mail.to"),
    ],
)
def test_settings_that_cannot_work_are_refused(way, more, sentence):
    with pytest.raises(ConfigError, match=sentence):
        way(25, **more)


def test_a_log_in_without_a_password_is_refused_by_name(way):
    with pytest.raises(ConfigError, match=PASSWORD):
        channels(way(25, user="crm"))
