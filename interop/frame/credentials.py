"""How a client of the run proves itself: by a secret, or by a key of its own (RFC 7523 2.2). Made for the run."""
import base64
import secrets
import subprocess

COORDINATE = 32  # octets of a P-256 coordinate, and of the private number


def base64url(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class ClientKey:
    """An EC key on P-256 as JWK (RFC 7517 4): private is the client's, public stands in its registration."""

    def __init__(self):
        der = subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-outform", "DER"],
                             stdin=subprocess.DEVNULL, capture_output=True, check=True).stdout
        # ECPrivateKey of RFC 5915 3: SEQUENCE, version and OCTET STRING header, the number; the point ends it.
        number, point = der[7:7 + COORDINATE], der[-2 * COORDINATE:]
        self.public = {"kty": "EC", "crv": "P-256", "x": base64url(point[:COORDINATE]),
                       "y": base64url(point[COORDINATE:]), "kid": "interop", "alg": "ES256", "use": "sig"}
        self.private = dict(self.public, d=base64url(number))


class Credentials:
    """Both kinds; the row's registration says which of them counts."""

    def __init__(self):
        # Letters and digits only, as the issuer's own secrets are (decision Q2).
        self.secret, self.key = secrets.token_hex(24), ClientKey()
