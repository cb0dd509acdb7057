"""What an access token is asked for with: client credentials, or a JWT signed with a private key.

Belongs here: the form of the token request, reading and checking the key. Not here: sending it, keeping the token
(token.py), where secrets come from (the environment).
Source: Salesforce Help, "OAuth 2.0 Client Credentials Flow" and "OAuth 2.0 JWT Bearer Flow" (facts/salesforce.md 1.1).
"""

from __future__ import annotations

import stat
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from crm_pipeline.errors import ConfigError

_JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LIFETIME = 180  # seconds; Salesforce takes up to five minutes
_PRODUCTION, _SANDBOX = "https://login.salesforce.com", "https://test.salesforce.com"
_KEY = "SALESFORCE_PRIVATE_KEY"


class Grant(Protocol):
    """One way to log in. `pair`: HTTP Basic credentials; `variables`: what a refusal asks a person to check."""

    @property
    def variables(self) -> str: ...

    @property
    def pair(self) -> tuple[str, str] | None: ...

    def form(self) -> Mapping[str, str]:
        """The body of the token request, made anew for each."""


@dataclass(frozen=True)
class ClientCredentials:
    """The app logs in as its run-as user."""

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    variables: str = "SALESFORCE_CLIENT_ID, SALESFORCE_CLIENT_SECRET and SALESFORCE_LOGIN_URL"

    @property
    def pair(self) -> tuple[str, str]:
        return self.client_id, self.client_secret

    def form(self) -> Mapping[str, str]:
        return {"grant_type": "client_credentials"}


@dataclass(frozen=True)
class JwtBearer:
    """The app logs in as `username`, who it must be pre-authorised for; nothing secret is sent."""

    client_id: str = field(repr=False)
    username: str
    key: RSAPrivateKey = field(repr=False)
    audience: str
    variables: str = "SALESFORCE_CLIENT_ID, SALESFORCE_USERNAME, SALESFORCE_PRIVATE_KEY and SALESFORCE_LOGIN_URL"
    pair: None = None

    def form(self) -> Mapping[str, str]:
        claims = {
            "iss": self.client_id,
            "sub": self.username,
            "aud": self.audience,
            "exp": int(time.time()) + _LIFETIME,
        }
        return {"grant_type": _JWT, "assertion": jwt.encode(claims, self.key, algorithm="RS256")}


def audience(login_url: str) -> str:
    """Whom a JWT is for: Salesforce's login server of sandboxes (and scratch organisations), or of all others."""
    host = urlsplit(login_url).hostname or ""
    sandbox = host == "test.salesforce.com" or ".sandbox." in host or ".scratch." in host
    return _SANDBOX if sandbox or "--" in host.partition(".")[0] else _PRODUCTION


def private_key(text: str) -> RSAPrivateKey:
    """The key that SALESFORCE_PRIVATE_KEY holds: PEM, or the path of a PEM file that its owner alone may read.

    Raises ConfigError, never with a part of the key.
    """
    pem = text.replace("\\n", "\n").encode() if "-----BEGIN" in text else _owners_file(Path(text).expanduser())
    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError:
        raise ConfigError(f"{_KEY} has a passphrase; make one without (openssl rsa -in KEY -out NEW)") from None
    except ValueError:
        raise ConfigError(
            f"{_KEY} is no private key in PEM form; give the key that belongs to the app's certificate, "
            "or the path of its file"
        ) from None
    if not isinstance(key, RSAPrivateKey):
        raise ConfigError(f"{_KEY} is not an RSA key; Salesforce takes no other (openssl genrsa -out server.key 2048)")
    return key


def _owners_file(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"the file that {_KEY} names cannot be read ({error.strerror}): correct the path") from None
    if stat.S_IMODE(mode) & 0o077:
        raise ConfigError(f"the file that {_KEY} names can be read by others; take that away first: chmod 600 {path}")
    return content
