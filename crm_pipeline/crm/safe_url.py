"""Only this machine may be talked to without encryption, and a proxy that stands between is trusted as little.

Belongs here: which addresses are safe, and what the environment says about the way there. Not here: making calls.
"""

from __future__ import annotations

import os
from ipaddress import ip_address
from urllib.parse import urlsplit

from requests.utils import get_environ_proxies, select_proxy

from crm_pipeline.errors import ConfigError


def require_safe(url: str, name: str) -> None:
    """Raises ConfigError unless `url` is https, or http to loopback; `name` says which setting it is."""
    parts = urlsplit(url)
    if parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname))):
        return
    raise ConfigError(f"{name} must be an https:// address; plain http is only allowed to this machine (127.0.0.1)")


def surroundings(url: str) -> dict[str, str]:
    """What `requests` takes from the environment by itself, for a client that does not: the proxy for an address
    (HTTPS_PROXY, NO_PROXY), and the authorities by which certificates are verified, the proxy's too
    (REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE). Raises ConfigError for a bundle that is not there."""
    found = {}
    proxy = None if _is_loopback(urlsplit(url).hostname or "") else select_proxy(url, get_environ_proxies(url))
    if proxy:
        found["proxy"] = proxy if "://" in proxy else f"http://{proxy}"
    bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    if bundle:
        if not os.path.exists(bundle):
            raise ConfigError(f"REQUESTS_CA_BUNDLE names {bundle}, which is not there; name a file of certificates")
        found["ssl_ca_cert"] = bundle
    return found


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
