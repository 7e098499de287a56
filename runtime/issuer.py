"""Tokens for development and tests. In production a real identity provider issues them."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from runtime.private_file import create_private, write_private
from runtime.settings import Settings, SettingsError

TWELVE_HOURS = timedelta(hours=12)


class EmbeddedIssuer:
    """Signs tokens with a key of its own under the home folder, and publishes the public half."""

    def __init__(self, settings: Settings) -> None:
        """Raises SettingsError unless the mode is embedded: nobody vouches for own callers."""
        if settings.mode != "embedded":
            raise SettingsError("tokens are issued here only with HANDSLAG_MODE=embedded")
        folder = settings.home / "issuer"
        self._issuer = settings.token_issuer
        self._audience = settings.token_audience
        self._key = _kept_key(folder / "key.pem")
        self._kid = _fingerprint(self._key.public_key())
        self.jwks_path = folder / "jwks.json"
        write_private(self.jwks_path, self._published())

    def token(
        self,
        sub: str,
        name: str,
        unit: str,
        roles: Sequence[str],
        lifetime: timedelta = TWELVE_HOURS,
    ) -> str:
        """A signed token for one person at one unit."""
        now = datetime.now(UTC)
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "iat": now,
            "exp": now + lifetime,
            "sub": sub,
            "name": name,
            "unit": unit,
            "roles": list(roles),
        }
        return jwt.encode(claims, self._key, algorithm="ES256", headers={"kid": self._kid})

    def _published(self) -> str:
        public = ECAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return json.dumps({"keys": [{**public, "kid": self._kid, "use": "sig", "alg": "ES256"}]})


def _kept_key(path: Path) -> ec.EllipticCurvePrivateKey:
    if not path.exists():
        _create_key(path)
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise SettingsError(f"{path} holds no key of the expected kind")
    return key


def _create_key(path: Path) -> None:
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    try:
        create_private(path, pem.decode())
    except FileExistsError:
        return  # another process was first, and its key is as good


def _fingerprint(public: ec.EllipticCurvePublicKey) -> str:
    point = public.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    digest = hashes.Hash(hashes.SHA256())
    digest.update(point)
    return digest.finalize().hex()[:16]
