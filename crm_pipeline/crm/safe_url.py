"""Only this machine may be talked to without encryption."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from crm_pipeline.errors import ConfigError


def require_safe(url: str, name: str) -> None:
    """Raises ConfigError unless `url` is https, or http to loopback; `name` says which setting it is."""
    parts = urlsplit(url)
    if parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname))):
        return
    raise ConfigError(f"{name} must be an https:// address; plain http is only allowed to this machine (127.0.0.1)")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
