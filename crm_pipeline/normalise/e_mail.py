"""E-mail addresses: one key for sending, one for comparing, and what kind of mailbox it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from crm_pipeline.normalise import tables
from crm_pipeline.normalise.domain import has_known_suffix, registrable
from crm_pipeline.normalise.text import is_junk, width, written

_ANGLE = re.compile(r"<([^<>]*@[^<>]*)>")
_PLAIN = re.compile(r"[a-z0-9._+-]+@[a-z0-9.-]+[a-z]")
_ADDRESS = re.compile(r"([^\s@<>()\[\],;:\"\\【】「」]{1,64})@([^\s@<>()\[\],;:\"'\\/、・【】「」]{1,253})")
_COMMA_FOR_DOT = re.compile(r"(?<=[a-z0-9]),(?=(?:[a-z]{2,3}\.)?[a-z]{2,3}$)")
_AROUND_AT = re.compile(r"\s*@\s*")
_SPACE_FOR_NOTHING = re.compile(r"(?<=[a-z0-9])\s*\.\s*(?=[a-z]{2,3}$)")
_QUOTED = re.compile(r"\"([^\s\"@]+)\"@")
_LABEL = re.compile(
    r"^(?:e?-?(?:メール|めーる)(?:アドレス)?|アドレス|(?:e-?)?mail(?:\s?address)?|mailto)(?:\s*[:=は]\s*|\s+|(?=[^\x00-\x7f]))"
)
_EDGES = "'\" ;,.<>#、。・"

#: A word of a role begins or ends a mailbox (info-tokyo) only if it is no short form of a name.
_SHORTEST_WORD = 4
_WORD = re.compile(r"[-._]")


@dataclass(frozen=True, slots=True)
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
    text = width(written(raw)).lower()
    if not text:
        return EMail()
    flags: set[str] = set()
    if not _PLAIN.fullmatch(text):
        text, flags = _tidy(text)
        if "@" not in text:
            return EMail(flags=frozenset({"junk" if not text or is_junk(text) else "invalid"}))
    found = _ADDRESS.search(text) if "@@" not in text else None
    if not found or not _stands_alone(text[: found.start()]):
        return EMail(flags=frozenset({"invalid"}))
    local, host = found.group(1), found.group(2).rstrip(".")
    domain = registrable(host)
    if not domain:
        return EMail(flags=frozenset({"invalid"}))
    mailbox = local.split("+", 1)[0] or local
    home = host
    if host in ("gmail.com", "googlemail.com"):
        mailbox, home = mailbox.replace(".", "") or mailbox, "gmail.com"
    return EMail(f"{local}@{host}", f"{mailbox}@{home}", domain, local, _kind(mailbox, host, domain).union(flags))


def _tidy(text: str) -> tuple[str, set[str]]:
    """What is typed around an address taken away; flags: multiple, repaired."""
    flags = set()
    text = _QUOTED.sub(r"\1@", _LABEL.sub("", _AROUND_AT.sub("@", text.replace("。", ".")))).strip(_EDGES)
    if text.count("@") > 1 and "@@" not in text:
        flags.add("multiple")
    if angle := _ANGLE.search(f"{text}>" if "<" in text else text):
        text = _LABEL.sub("", angle.group(1).strip())
    if text.count("@") == 1:
        text = _SPACE_FOR_NOTHING.sub(".", text)
        if _COMMA_FOR_DOT.search(text):
            text = _COMMA_FOR_DOT.sub(".", text)
            flags.add("repaired")
    return text, flags


def _stands_alone(before: str) -> bool:
    """Whether what stands before an address is no part of it: "ya mada@aaa.jp" may be yamada's, and may be mada's."""
    return not before or not before.isascii() or not before[-1].isspace() or before.rstrip()[-1:] in ":,;)]>\"'"


def _kind(mailbox: str, host: str, domain: str) -> frozenset[str]:
    plain = mailbox.rstrip("0123456789").rstrip("-_.") or mailbox
    found = _kind_of_domain(host, domain)
    roles = tables.words("role_mailboxes.txt")
    words = _WORD.split(plain)
    if plain in roles or any(len(word) >= _SHORTEST_WORD and word in roles for word in (words[0], words[-1])):
        found |= {"role"}
    repeated = len(mailbox) > 2 and len(set(mailbox)) == 1
    if repeated or plain in tables.words("junk_mailboxes.txt") or (len(mailbox) == 1 and domain[:2] == f"{mailbox}."):
        found |= {"junk"}
    return found


@lru_cache(maxsize=1 << 14)
def _kind_of_domain(host: str, domain: str) -> frozenset[str]:
    labels = host.split(".")
    parents = {".".join(labels[i:]) for i in range(len(labels))}
    return frozenset(
        flag
        for flag, holds in (
            ("free", parents & tables.words("free_domains.txt")),
            ("disposable", parents & tables.words("disposable_domains.txt")),
            ("junk", domain in tables.words("junk_domains.txt")),
            ("unknown_suffix", not has_known_suffix(domain)),
        )
        if holds
    )
