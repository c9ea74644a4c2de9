"""A small SAML identity provider for tests: reads requests, signs assertions with a key of its own."""

from __future__ import annotations

import base64
import secrets
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape, quoteattr

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from lxml import etree
from onelogin.saml2.utils import OneLogin_Saml2_Utils

ISSUER, SSO = "https://sso.kampus.test/saml", "https://sso.kampus.test/saml/login"
NAMES = 'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'


def key_and_certificate() -> tuple[str, str]:
    """A signing key and its certificate, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sso.kampus.test")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = (
        builder.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=9))
    )
    certificate = builder.sign(key, hashes.SHA256())
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    return private.decode(), certificate.public_bytes(pem).decode()


@dataclass
class IdentityProvider:
    """Answers requests; ``wrong`` puts other values into the next answers."""

    key: str
    certificate: str
    attributes: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, Any] = field(default_factory=dict)
    signs: bool = True

    def read(self, address: str) -> dict[str, str]:
        """The request that a browser brings: its number, where the answer goes, who asks."""
        assert address.startswith(f"{SSO}?"), address
        packed = parse_qs(urlsplit(address).query)["SAMLRequest"][0]
        request = etree.fromstring(zlib.decompress(base64.b64decode(packed), -15))
        issuer = request.findtext("{urn:oasis:names:tc:SAML:2.0:assertion}Issuer")
        return {"id": request.get("ID"), "acs": request.get("AssertionConsumerServiceURL"), "audience": issuer}

    def answer(self, request: dict[str, str]) -> str:
        """The form field that the browser is told to bring back."""
        now = datetime.now(UTC)
        told = {
            **request,
            "issuer": ISSUER,
            "until": _moment(now + timedelta(minutes=5)),
            "since": _moment(now - timedelta(minutes=1)),
            "confirmed": request["id"],
            **self.wrong,
        }
        assertion = self._assertion(told)
        response = (
            f'<samlp:Response {NAMES} ID="_{secrets.token_hex(16)}" Version="2.0" IssueInstant="{_moment(now)}" '
            f"Destination={quoteattr(told['acs'])} InResponseTo={quoteattr(told['id'])}>"
            f"<saml:Issuer>{told['issuer']}</saml:Issuer><samlp:Status>"
            '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>'
            f"{assertion}</samlp:Response>"
        )
        return base64.b64encode(response.encode()).decode()

    def _assertion(self, told: dict[str, str]) -> str:
        confirmed = f"InResponseTo={quoteattr(told['confirmed'])}" if told["confirmed"] else ""
        attributes = "".join(
            f'<saml:Attribute Name="{name}"><saml:AttributeValue>{escape(value)}</saml:AttributeValue></saml:Attribute>'
            for name, value in self.attributes.items()
        )
        text = (
            f'<saml:Assertion {NAMES} ID="_{secrets.token_hex(16)}" Version="2.0" IssueInstant="{told["since"]}">'
            f"<saml:Issuer>{told['issuer']}</saml:Issuer><saml:Subject><saml:NameID>someone</saml:NameID>"
            '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData '
            f'NotOnOrAfter="{told["until"]}" Recipient={quoteattr(told["acs"])} {confirmed}/>'
            "</saml:SubjectConfirmation></saml:Subject>"
            f'<saml:Conditions NotBefore="{told["since"]}" NotOnOrAfter="{told["until"]}">'
            f"<saml:AudienceRestriction><saml:Audience>{told['audience']}</saml:Audience></saml:AudienceRestriction>"
            f'</saml:Conditions><saml:AuthnStatement AuthnInstant="{told["since"]}"><saml:AuthnContext>'
            "<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef>"
            "</saml:AuthnContext></saml:AuthnStatement>"
            f"<saml:AttributeStatement>{attributes}</saml:AttributeStatement></saml:Assertion>"
        )
        if not self.signs:
            return text
        signed: bytes = OneLogin_Saml2_Utils.add_sign(text, self.key, self.certificate)
        return signed.decode()


def _moment(value: datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")
