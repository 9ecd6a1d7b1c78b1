"""DPoP proofs (RFC 9449 4.2) by keys of openssl."""
import base64
import json
import os
import subprocess
import time


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def raw_signature(der):
    """r and s of 32 bytes each, out of a SEQUENCE of two INTEGERs (RFC 7518 3.4)."""
    first = der[4:4 + der[3]]
    second = der[6 + len(first):]
    return b"".join(number.lstrip(b"\0").rjust(32, b"\0") for number in (first, second))


class ProofKey:
    """A P-256 key in a file of the folder."""

    def __init__(self, folder, name):
        self.path = os.path.join(folder, name + ".pem")
        subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.path],
                       check=True)
        point = subprocess.run(["openssl", "ec", "-in", self.path, "-pubout", "-outform", "DER"], check=True,
                               capture_output=True).stdout[-64:]
        self.jwk = {"kty": "EC", "crv": "P-256", "x": encoded(point[:32]), "y": encoded(point[32:])}

    def proof(self, method, url):
        """One of its own jti."""
        head = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk}
        claims = {"jti": os.urandom(16).hex(), "htm": method, "htu": url, "iat": int(time.time())}
        signed = ".".join(encoded(json.dumps(part).encode()) for part in (head, claims))
        made = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.path], input=signed.encode(), check=True,
                              capture_output=True).stdout
        return f"{signed}.{encoded(raw_signature(made))}"
