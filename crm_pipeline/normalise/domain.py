"""Registrable domains: what somebody had to register, taken from a website or an e-mail address."""

from __future__ import annotations

import re
from functools import lru_cache

from publicsuffixlist import PublicSuffixList

from crm_pipeline.normalise import tables
from crm_pipeline.normalise.text import width, written

_HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?(?://)?(?:[^/@\s]*@)?([^/:?#\s]+)", re.IGNORECASE)
_LABEL = r"[^\W_](?:[^\W_]|-){0,61}(?<!-)"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}")


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(only_icann=True)


@lru_cache(maxsize=1 << 16)
def registrable(host: str) -> str | None:
    """The registrable domain of a lower-case host; None for a bare suffix (co.jp), a number or nonsense."""
    if len(host) > 253 or not _DOMAIN.fullmatch(host) or host.rsplit(".", 1)[1].isdigit():
        return None
    found = _suffixes().privatesuffix(host)
    return str(found) if found else None


@lru_cache(maxsize=1 << 12)
def has_known_suffix(domain: str) -> bool:
    """Whether the domain ends in a suffix that exists (gmail.con does not)."""
    return _known().publicsuffix(domain) is not None


@lru_cache(maxsize=1)
def _known() -> PublicSuffixList:
    return PublicSuffixList(only_icann=True, accept_unknown=False)


def domain_of(website_or_e_mail: str | None) -> str | None:
    """https://www.aaa.co.jp/about, www.aaa.co.jp and taro@aaa.co.jp all give aaa.co.jp. Never raises."""
    text = width(written(website_or_e_mail)).lower().strip("<> .")
    found = _HOST.match(text)
    return registrable(found.group(1).strip(".")) if found else None


def company_domain(website: str | None) -> str | None:
    """The domain of a company's website; None where it is a mail provider's, which says nothing about the company."""
    domain = domain_of(website)
    return None if domain in tables.words("free_domains.txt") else domain
