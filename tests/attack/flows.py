"""The clients of the attacked issuers, and the flows that an honest client and an honest person take."""
import base64
import hashlib
import hmac
import json
import os
import secrets
import struct
import subprocess
import tempfile
import time
import urllib.parse
from dataclasses import dataclass

from web_browser import Browser

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
EXCHANGE_GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
CIBA_GRANT = "urn:openid:params:grant-type:ciba"
SIGN_IN, ALLOW, DENY = ("action", "sign-in"), ("action", "allow"), ("action", "deny")


@dataclass(frozen=True)
class Client:
    """A registered client as its own software knows it."""
    client_id: str
    redirect_uri: str
    secret: str = ""
    key_file: str = ""


def encode(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def claims_of(jwt):
    return json.loads(decode(jwt.split(".")[1]))


def new_verifier(issuer):
    verifier = secrets.token_urlsafe(32)
    issuer.register.add("verifier", verifier)
    return verifier


def challenge_of(verifier):
    return encode(hashlib.sha256(verifier.encode()).digest())


def request_of(client, verifier, **over):
    """The parameters of an authorization request; over: changes, None leaves one out."""
    parameters = {"response_type": "code", "client_id": client.client_id, "redirect_uri": client.redirect_uri,
                  "scope": "openid offline_access", "state": "st-" + secrets.token_hex(4),
                  "nonce": "no-" + secrets.token_hex(4), "code_challenge": challenge_of(verifier),
                  "code_challenge_method": "S256"} | over
    return {name: value for name, value in parameters.items() if value is not None}


def authorize_path(parameters):
    return "/authorize?" + urllib.parse.urlencode(parameters)


def fill_sign_in(browser, page, login, password):
    return browser.submit(page, SIGN_IN, login=login, password=password)


def run_pages(browser, answer, login, password):
    """Goes through the pages as a willing person does, up to the answer that leaves the issuer or ends in a page."""
    for _ in range(8):
        answer = browser.follow(answer)
        buttons = [button for form in answer.page.forms for button in form.buttons]
        if answer.status != 200 or answer.location:
            return answer
        if SIGN_IN in buttons:
            answer = fill_sign_in(browser, answer, login, password)
        elif ALLOW in buttons:
            answer = browser.submit(answer, ALLOW)
        else:
            return answer
    raise AssertionError("the pages do not end")


def obtain_code(browser, client, person, **over):
    """(code, verifier) of a whole sign-in."""
    verifier = new_verifier(browser.issuer)
    answer = run_pages(browser, browser.get(authorize_path(request_of(client, verifier, **over))), *person)
    code = answer.parameters.get("code")
    assert code, f"{answer.status} {answer.location} {answer.page.text}"
    return code, verifier


def basic(client, secret=None):
    """The Authorization field of a client with a secret."""
    text = f"{urllib.parse.quote_plus(client.client_id)}:{urllib.parse.quote_plus(secret or client.secret)}"
    return [("Authorization", "Basic " + base64.b64encode(text.encode()).decode())]


def call(browser, path, client, fields):
    """A POST with the client's authentication: secret, assertion, or its client_id alone."""
    if client.secret:
        return browser.post(path, fields, basic(client))
    if client.key_file:
        jwt = assertion(browser.issuer, client)
        return browser.post(path, fields | {"client_assertion_type": ASSERTION_TYPE, "client_assertion": jwt})
    return browser.post(path, fields | {"client_id": client.client_id})


def exchange(browser, client, code, verifier, **over):
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": client.redirect_uri,
              "code_verifier": verifier} | over
    return call(browser, "/token", client, {name: value for name, value in fields.items() if value is not None})


def refresh(browser, client, token, **over):
    return call(browser, "/token", client, {"grant_type": "refresh_token", "refresh_token": token} | over)


def obtain_tokens(browser, client, person, **over):
    """The token response of a whole flow."""
    answer = exchange(browser, client, *obtain_code(browser, client, person, **over))
    assert answer.status == 200, answer.body
    return answer.json


def introspect(browser, client, token):
    return call(browser, "/introspect", client, {"token": token})


def userinfo(browser, token):
    return browser.get("/userinfo", [("Authorization", "Bearer " + token)])


def make_key(folder, name, *algorithm):
    """Path of a new private key, and its public JWK without `alg`."""
    path = os.path.join(folder, name)
    subprocess.run(["openssl", "genpkey", *algorithm, "-out", path], check=True, capture_output=True)
    os.chmod(path, 0o600)
    return path


def rsa_jwk(path):
    text = subprocess.run(["openssl", "rsa", "-in", path, "-noout", "-modulus"], check=True, capture_output=True,
                          text=True).stdout
    return {"kty": "RSA", "kid": "r1", "n": encode(bytes.fromhex(text.strip().split("=")[1])), "e": "AQAB"}


def sign_rs256(path, signed):
    """The signature over a text by the openssl program."""
    with tempfile.NamedTemporaryFile() as content:
        content.write(signed)
        content.flush()
        return subprocess.run(["openssl", "dgst", "-sha256", "-sign", path, content.name], check=True,
                              capture_output=True).stdout


def jwt_of(header, claims, sign):
    """header.claims.signature; claims: an object, or the JSON text itself."""
    text = claims if isinstance(claims, str) else json.dumps(claims)
    signed = encode(json.dumps(header).encode()) + "." + encode(text.encode())
    return signed + "." + encode(sign(signed.encode()))


def assertion_claims(issuer, client, **over):
    now = int(time.time())
    claims = {"iss": client.client_id, "sub": client.client_id, "aud": issuer.issuer, "iat": now, "exp": now + 60,
              "jti": secrets.token_hex(16)} | over
    return {name: value for name, value in claims.items() if value is not None}


def assertion(issuer, client, header=None, **over):
    """A client assertion signed with the client's own key."""
    jwt = jwt_of({"alg": "RS256", "kid": "r1"} | (header or {}), assertion_claims(issuer, client, **over),
                 lambda signed: sign_rs256(client.key_file, signed))
    issuer.register.add("assertion", jwt)
    return jwt


def new_browser(issuer):
    return Browser(issuer)


def one_time_code(secret):
    """The code of an authenticator app at this moment, by its secret in base32. RFC 6238 4.2."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), "sha1")
    number = struct.unpack(">I", digest[digest[-1] & 15:][:4])[0] & 0x7fffffff
    return f"{number % 1000000:06}"
