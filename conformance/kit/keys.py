"""Keys and certificates of one run, made with openssl: the issuer's certificate; what clients sign and connect with."""
import base64
import hashlib
import os
import subprocess
from dataclasses import dataclass

# How openssl makes the key that an algorithm signs with.
GENERATED = {"ES256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
             "PS256": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]}
RSA_MEMBERS = ("n", "e", "d", "p", "q", "dp", "dq", "qi")  # RFC 8017 A.1.2, in order, as RFC 7518 6.3.2 names them
SECRET = ("d", *RSA_MEMBERS[3:])
INTEGER, OCTET_STRING, CONTEXT_1 = 0x02, 0x04, 0xA1


def openssl(*arguments, folder):
    done = subprocess.run(["openssl", *arguments], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
                          check=False)
    if done.returncode != 0:
        raise RuntimeError("openssl " + " ".join(arguments) + "\n" + done.stderr.decode())
    return done.stdout


def base64url(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def server_certificate(folder, host):
    """Paths of a certificate for `host` and its key. RSA: the suite asks FAPI servers for ECDHE-RSA ciphers."""
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "server.key", "-out", "server.pem",
            "-days", "2", "-subj", "/CN=" + host, "-addext", f"subjectAltName=DNS:{host}", folder=folder)
    return os.path.join(folder, "server.pem"), os.path.join(folder, "server.key")


def elements(der):
    """The elements one behind the other in `der` (X.690 8.1): (tag, content) each."""
    while der:
        tag, length, start = der[0], der[1], 2
        if length & 0x80:
            start = 2 + (length & 0x7F)
            length = int.from_bytes(der[2:start], "big")
        yield tag, der[start:start + length]
        der = der[start + length:]


def private_members(der):
    """What a JWK of this key in its traditional form holds (RFC 5915 3, RFC 8017 A.1.2), both halves."""
    (_, inside), = elements(der)
    parts = list(elements(inside))
    if parts[1][0] == OCTET_STRING:
        secret = parts[1][1]
        point = next(content for tag, content in parts if tag == CONTEXT_1)
        (_, bits), = elements(point)
        x_and_y = bits[2:]  # behind the count of unused bits and the 4 of an uncompressed point (SEC 1 2.3.3)
        half = len(x_and_y) // 2
        return {"kty": "EC", "crv": "P-256", "x": base64url(x_and_y[:half]), "y": base64url(x_and_y[half:]),
                "d": base64url(secret)}
    numbers = [content.lstrip(b"\0") for tag, content in parts[1:] if tag == INTEGER]
    return {"kty": "RSA", **{name: base64url(number) for name, number in zip(RSA_MEMBERS, numbers)}}


@dataclass
class ClientKey:
    """A key of a client as JWKs, and a certificate over it for mutual TLS."""
    public: dict
    private: dict
    key_pem: str
    certificate_pem: str


def client_key(folder, name, algorithm):
    """`name` is unique within the run."""
    key, certificate = name + ".key", name + ".pem"
    openssl("genpkey", *GENERATED[algorithm], "-out", key, folder=folder)
    openssl("req", "-x509", "-new", "-key", key, "-out", certificate, "-days", "2",
            "-subj", f"/CN={name}/O=Conformance run", folder=folder)
    private = private_members(openssl("pkey", "-in", key, "-traditional", "-outform", "DER", folder=folder))
    x5c = openssl("x509", "-in", certificate, "-outform", "DER", folder=folder)
    private |= {"use": "sig", "alg": algorithm, "kid": base64url(hashlib.sha256(x5c).digest()[:12])}
    public = {member: value for member, value in private.items() if member not in SECRET}
    public["x5c"] = [base64.b64encode(x5c).decode()]
    with open(os.path.join(folder, key), encoding="ascii") as file:
        key_pem = file.read()
    with open(os.path.join(folder, certificate), encoding="ascii") as file:
        return ClientKey(public, private, key_pem, file.read())
