"""E-mail addresses: one key for sending, one for comparing, and what kind of mailbox it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from crm_pipeline.normalise import tables
from crm_pipeline.normalise.domain import has_known_suffix, registrable
from crm_pipeline.normalise.text import is_junk, width, written

_ANGLE = re.compile(r"<([^<>]*@[^<>]*)>")
_ADDRESS = re.compile(r"([^\s@<>()\[\],;:\"\\]{1,64})@([^\s@<>()\[\],;:\"'\\]{1,253})")
_COMMA_FOR_DOT = re.compile(r"(?<=[a-z]),(?=[a-z]{2,3}$)")


@dataclass(frozen=True)
class EMail:
    """An address as compared.

    `delivery`: lower-case, as it must be written to reach the mailbox. `identity`: without +tag, and without dots at
    Gmail: the same mailbox. `domain`: registrable. `flags`: role (info@), free (a provider), disposable, junk (stands
    for no address), repaired (a comma for a dot), multiple (only the first is here), unknown_suffix, invalid.
    """

    delivery: str | None = None
    identity: str | None = None
    domain: str | None = None
    local: str | None = None
    flags: frozenset[str] = frozenset()

    def as_json(self) -> dict[str, object]:
        return {
            "delivery": self.delivery,
            "identity": self.identity,
            "domain": self.domain,
            "local": self.local,
            "flags": sorted(self.flags),
        }


def normalise_e_mail(raw: str | None) -> EMail:
    """One address, with or without a display name; addresses that only carriers allow (`a..b@docomo.ne.jp`) are valid.

    Never raises; a text without an address is flagged junk or invalid.
    """
    text = width(written(raw)).lower().replace("。", ".")
    if not text:
        return EMail()
    if is_junk(text):
        return EMail(flags=frozenset({"junk"}))
    flags = set()
    text = re.sub(r"\s*@\s*", "@", re.sub(r"^mailto:", "", text)).strip("'\" ;,.<>")
    if text.count("@") > 1 and "@@" not in text:
        flags.add("multiple")
    if angle := _ANGLE.search(f"{text}>" if "<" in text else text):
        text = angle.group(1).strip()
    if _COMMA_FOR_DOT.search(text) and text.count("@") == 1:
        text = _COMMA_FOR_DOT.sub(".", text)
        flags.add("repaired")
    found = _ADDRESS.search(text) if "@@" not in text else None
    domain = registrable(host := found.group(2).strip(".'")) if found else None
    if not found or not domain:
        return EMail(flags=frozenset({"invalid"}))
    local = found.group(1)
    mailbox = local.split("+", 1)[0] or local
    home = host
    if host in ("gmail.com", "googlemail.com"):
        mailbox, home = mailbox.replace(".", "") or mailbox, "gmail.com"
    flags |= _kind(mailbox, host, domain)
    return EMail(f"{local}@{host}", f"{mailbox}@{home}", domain, local, frozenset(flags))


def _kind(mailbox: str, host: str, domain: str) -> set[str]:
    plain = mailbox.rstrip("0123456789").rstrip("-_.") or mailbox
    found = set()
    if plain in tables.words("role_mailboxes.txt"):
        found.add("role")
    if plain in tables.words("junk_mailboxes.txt") or domain in tables.words("junk_domains.txt"):
        found.add("junk")
    return found | _kind_of_domain(host, domain)


@lru_cache(maxsize=1 << 12)
def _kind_of_domain(host: str, domain: str) -> frozenset[str]:
    labels = host.split(".")
    parents = {".".join(labels[i:]) for i in range(len(labels))}
    return frozenset(
        flag
        for flag, holds in (
            ("free", parents & tables.words("free_domains.txt")),
            ("disposable", parents & tables.words("disposable_domains.txt")),
            ("unknown_suffix", not has_known_suffix(domain)),
        )
        if holds
    )
