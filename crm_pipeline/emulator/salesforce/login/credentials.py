"""What the integration user and its connected app log in with.

Belongs here: the secrets of the demo and what has been withdrawn of them. Not here: the flows (oauth.py, soap.py).
"""

from __future__ import annotations

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_pem_x509_certificate


class Credentials:
    """Credentials of the one user that the emulator lets in; all may be set at any time, none is saved.

    `trusted_network` True lets the password do without the security token, as from a trusted IP range;
    `consumer_approved` False is an app that the user has not approved.
    """

    client_id: str
    client_secret: str
    password: str = "demo-password"  # noqa: S105  # of an emulator on the loopback address
    security_token: str = "demoSecurityToken"  # noqa: S105
    refresh_token: str = "5Aep861demoRefreshToken"  # noqa: S105
    trusted_network: bool = False
    consumer_approved: bool = True
    certificates: tuple[RSAPublicKey, ...] = ()

    def register_certificate(self, pem: str | bytes) -> None:
        """Let JWTs signed with the key of this X.509 certificate in; a bare public key will do as well.

        Raises ValueError for anything but an RSA certificate or key in PEM form.
        """
        content = pem.encode() if isinstance(pem, str) else pem
        if b"BEGIN CERTIFICATE" in content:
            key = load_pem_x509_certificate(content).public_key()
        else:
            key = serialization.load_pem_public_key(content)  # type: ignore[assignment]
        if not isinstance(key, RSAPublicKey):
            raise ValueError("The certificate of a connected app has an RSA key; this one has another.")
        self.certificates = (*self.certificates, key)

    def takes_password(self, given: str) -> bool:
        """Whether this is the password, followed by the security token where it is needed."""
        return given == self.password + self.security_token or (self.trusted_network and given == self.password)
