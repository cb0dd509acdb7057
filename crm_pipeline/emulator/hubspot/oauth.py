"""Who calls: the token of a private app or service key, and the OAuth tokens of a public app.

Belongs here: issuing, refreshing, ending and recognising tokens. Not here: what a caller may do (scopes.py), HTTP.

Source: HubSpot's guide "Manage OAuth access tokens" (grants, 1,800 seconds, a refresh token that stays the same), the
texts of real 401 and 400 answers in public repositories. Choices where it is not documented: an authorization code can
be used once; an unknown token in the metadata endpoints is a 400.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.hubspot.errors import HubSpotError, expired_token, not_authenticated, refused_grant

LIFETIME = timedelta(seconds=1800)


@dataclass
class OAuth:
    """The public app's credentials and its tokens; `expires` holds access tokens with the time they end."""

    clock: Clock
    client_id: str = "demo-client-id"
    client_secret: str = "demo-client-secret"  # noqa: S105  # the emulator's own, protects nothing
    refresh_token: str = "demo-refresh-token"  # noqa: S105  # the emulator's own, protects nothing
    expires: dict[str, datetime] = field(default_factory=dict)
    codes: set[str] = field(default_factory=set)
    revoked: bool = False

    def authorize(self) -> str:
        """A new authorization code, as if a user had agreed to install the app; it also ends a revocation."""
        code = secrets.token_hex(16)
        self.codes.add(code)
        return code

    def revoke(self) -> None:
        """The user uninstalls the app: the refresh token and all access tokens end."""
        self.revoked = True
        self.expires.clear()

    def expire(self) -> None:
        """All access tokens end now."""
        self.expires = dict.fromkeys(self.expires, self.clock.now())

    def exchange(self, form: Mapping[str, str]) -> str:
        """A new access token for what the token endpoint was sent. Raises HubSpotError 400."""
        self.check_client(form)
        grant = form.get("grant_type")
        if grant == "refresh_token":
            if self.revoked or form.get("refresh_token") != self.refresh_token:
                raise refused_grant("BAD_REFRESH_TOKEN", "missing or invalid refresh token")
        elif grant == "authorization_code":
            if form.get("code") not in self.codes:
                raise refused_grant("BAD_AUTH_CODE", "missing or unknown auth code")
            if not form.get("redirect_uri"):
                raise refused_grant("BAD_REDIRECT_URI", "missing or invalid redirect uri")
            self.codes.discard(str(form["code"]))
            self.revoked = False
        else:
            raise refused_grant("BAD_GRANT_TYPE", "missing or unknown grant type", "unsupported_grant_type")
        token = f"CL{secrets.token_urlsafe(60)}"
        self.expires[token] = self.clock.now() + LIFETIME
        return token

    def check_client(self, form: Mapping[str, str]) -> None:
        """Whether the app's own credentials are right. Raises HubSpotError 400."""
        if form.get("client_id") != self.client_id:
            raise refused_grant("BAD_CLIENT_ID", "missing or unknown client id", "invalid_client")
        if form.get("client_secret") != self.client_secret:
            raise refused_grant("BAD_CLIENT_SECRET", "missing or invalid client secret", "invalid_client")

    def seconds_left(self, token: str) -> int:
        """How long an access token is valid; 0 for one that ended or is unknown."""
        end = self.expires.get(token)
        return 0 if end is None else max(0, int((end - self.clock.now()).total_seconds()))

    def authenticate(self, header: str | None, private_token: str) -> bool:
        """Whether a call comes from the public app (and not from the private one). Raises HubSpotError 401."""
        scheme, _, token = (header or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise not_authenticated()
        if token == private_token:
            return False
        end, now = self.expires.get(token), self.clock.now()
        if end is None:
            raise not_authenticated()
        if end <= now:
            raise expired_token(end, now)
        return True

    def dump(self) -> dict[str, Any]:
        """Credentials and tokens as JSON."""
        return {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "refresh_token": self.refresh_token,
            "expires": {token: end.isoformat() for token, end in self.expires.items()},
            "codes": sorted(self.codes),
            "revoked": self.revoked,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Become what was dumped."""
        self.client_id, self.client_secret = state["client_id"], state["client_secret"]
        self.refresh_token, self.revoked, self.codes = state["refresh_token"], state["revoked"], set(state["codes"])
        self.expires = {token: datetime.fromisoformat(end) for token, end in state["expires"].items()}


def unknown_token() -> HubSpotError:
    """400 for a token that the metadata endpoints do not know."""
    return HubSpotError(400, "missing or unknown token", "VALIDATION_ERROR")
