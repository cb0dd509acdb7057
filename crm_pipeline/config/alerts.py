"""Who is told when something needs a person, and by which way. Secrets are environment variables, never here."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from crm_pipeline.config.strict import Strict

Address = Annotated[str, StringConstraints(pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+$")]
#: Where a message may go without encryption: this machine.
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class MailSettings(Strict):
    """Fields in the order in which they are checked: `to` needs those before it."""

    server: str
    port: Annotated[int, Field(ge=1, le=65535)]
    security: Literal["starttls", "tls", "none"]
    user: str
    sender: Address | Literal[""]
    to: tuple[Address, ...]

    @field_validator("security")
    @classmethod
    def _is_encrypted(cls, security: str, info: ValidationInfo) -> str:
        if security == "none" and info.data.get("server") not in LOOPBACK:
            raise ValueError("none is only allowed to a mail server on this machine (127.0.0.1); write starttls or tls")
        return security

    @field_validator("to")
    @classmethod
    def _can_be_sent(cls, to: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        for name in ("server", "sender"):
            if to and info.data.get(name) == "":
                raise ValueError(f"mail needs {name} beside it: the mail server, and the address that it comes from")
        return to


class AlertSettings(Strict):
    language: Literal["en", "ja"]
    late_hours: Annotated[float, Field(gt=0)]
    mail: MailSettings
