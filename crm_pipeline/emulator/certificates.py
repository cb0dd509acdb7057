"""A certificate authority of the emulators' own, for clients that speak https only or to the platforms' names only.

Belongs here: making the files. Not here: serving (server.py), the way of a client to us (proxy.py). The authority can
sign for the platforms' names and the loopback address alone (name constraints), lasts thirty days, and nobody keeps its
key.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from crm_pipeline.emulator.names import HUBSPOT_HOSTS, SALESFORCE_DOMAIN

_LIFETIME = timedelta(days=30)


@dataclass(frozen=True)
class Certificates:
    """PEM files: `authority` is what clients must trust, `server` key and certificate of both CRMs."""

    authority: Path
    server: Path


def make_certificates(folder: Path) -> Certificates:
    """New certificates in `folder`; older ones there are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    authority_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = _authority(authority_key)
    server = _server(server_key, authority, authority_key)
    files = Certificates(folder / "authority.pem", folder / "server.pem")
    files.authority.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    private = server_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    files.server.unlink(missing_ok=True)
    with open(os.open(files.server, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(private + server.public_bytes(serialization.Encoding.PEM))
    return files


def _authority(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    permitted = [*(x509.DNSName(name) for name in _domains()), x509.IPAddress(IPv4Network("127.0.0.0/8"))]
    return (
        _builder("crm-pipeline emulators: authority", key.public_key())
        .issuer_name(_name("crm-pipeline emulators: authority"))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .sign(key, hashes.SHA256())
    )


def _server(
    key: ec.EllipticCurvePrivateKey, authority: x509.Certificate, authority_key: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    wildcards = [f"*.{SALESFORCE_DOMAIN}", f"*.my.{SALESFORCE_DOMAIN}", f"*.sandbox.my.{SALESFORCE_DOMAIN}"]
    names = [x509.DNSName(name) for name in [*_domains(), *wildcards]]
    return (
        _builder("crm-pipeline emulators", key.public_key())
        .issuer_name(authority.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()),
            critical=False,
        )
        .add_extension(x509.SubjectAlternativeName([*names, x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def _domains() -> list[str]:
    return ["localhost", *HUBSPOT_HOSTS, SALESFORCE_DOMAIN]


def _builder(name: str, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _LIFETIME)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
