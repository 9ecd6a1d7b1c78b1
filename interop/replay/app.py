"""Sends the requests that a client sends which cannot run here, parameter by parameter in its order, as written down
in shapes/, and holds the answers to what that client demands of them. A replay proves nothing about the client's own
checks: the table says "replay" under "signature verified"."""
import base64
import hashlib
import http.client
import json
import os
import secrets
import ssl
import time
import tomllib
import urllib.parse

from frame.web import serve

ISSUER, APP_URL = os.environ["ISSUER"], os.environ["APP_URL"]
with open(os.environ["SHAPE"], "rb") as source:
    SHAPE = tomllib.load(source)
TRUST = ssl.create_default_context(cafile=os.environ["CA_FILE"])
CLIENT = os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"]
values = {"client_id": CLIENT[0], "client_secret": CLIENT[1], "redirect_uri": APP_URL + SHAPE["callback"],
          "app": APP_URL, "basic": base64.b64encode(":".join(CLIENT).encode()).decode()}
person = {}


def base64url(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def half_hash(text):
    """at_hash and c_hash of an RS256 token. OIDC Core 3.1.3.6, 3.3.2.11."""
    return base64url(hashlib.sha256(text.encode()).digest()[:16])


def ticks_nonce():
    """.NET's ticks, a dot, and two GUIDs in padded base64."""
    guids = "".join("-".join(secrets.token_hex(size) for size in (4, 2, 2, 2, 6)) for _ in range(2))
    return f"{int(time.time() * 10**7) + 621355968 * 10**9}.{base64.b64encode(guids.encode()).decode()}"


MAKERS = {"hex": lambda: secrets.token_hex(16), "ticks": ticks_nonce,
          "padded": lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
          "base64url": lambda: base64url(secrets.token_bytes(SHAPE.get("random_bytes", 32))),
          # The data protection of ASP.NET: a magic header, then some hundred encrypted bytes.
          "protected": lambda: "CfDJ8" + base64url(secrets.token_bytes(420))}


def filled(pairs, space="%20", safe=""):
    """The parameters with their values, encoded as the client does."""
    text = "&".join(f"{name}={urllib.parse.quote(value.format(**values), safe=safe)}" for name, value in pairs)
    return text.replace("%20", space)


def request(method, path, headers, body=None, status=200):
    """One request with these headers and no others; gives the JSON object. Another status is an error."""
    parts = urllib.parse.urlsplit(ISSUER)
    connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=60, context=TRUST)
    connection.putrequest(method, path, skip_accept_encoding=True)
    for name, value in headers:
        connection.putheader(name, value.format(**values))
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body.encode() if body is not None else None)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    kind = answer.getheader("Content-Type", "")
    if answer.status != status or not kind.startswith("application/json"):
        raise RuntimeError(f"{method} {path}: {answer.status} {kind} {text}")
    return json.loads(text)


def login(_):
    verifier = base64url(secrets.token_bytes(32))
    values.update(state=MAKERS[SHAPE["state"]](), nonce=MAKERS[SHAPE.get("nonce", "hex")](), verifier=verifier,
                  challenge=base64url(hashlib.sha256(verifier.encode()).digest()))
    if SHAPE.get("discovery"):
        document = request("GET", "/.well-known/openid-configuration", SHAPE["discovery"])
        if document["issuer"] != ISSUER:
            raise RuntimeError("another issuer")
    if SHAPE.get("par"):
        values["request_uri"] = post("par", "/par", 201)["request_uri"]
    return f"{ISSUER}/authorize?{filled(SHAPE['authorize'], SHAPE.get('space', '%20'), SHAPE.get('safe', ''))}"


def claims_of(id_token):
    claims = json.loads(base64.urlsafe_b64decode(id_token.split(".")[1] + "=="))
    if (claims["iss"], claims["aud"], claims["nonce"]) != (ISSUER, values["client_id"], values["nonce"]):
        raise RuntimeError(f"another token: {claims}")
    return claims


def post(name, path, status=200):
    """A form as the client sends it there."""
    shape = SHAPE[name]
    return request("POST", path, shape["headers"], filled(shape["body"], shape.get("space", "%20")), status)


def call_token(name):
    """The token endpoint as the client calls it; keeps what it gives."""
    tokens = post(name, "/token")
    if tokens["token_type"].lower() != "bearer" or not isinstance(tokens["expires_in"], int):
        raise RuntimeError("no bearer token")
    values.update({key: value for key, value in tokens.items() if isinstance(value, str)})
    return tokens


def callback(parameters):
    if parameters.get("error") or parameters["state"] != values["state"] or parameters["iss"] != ISSUER:
        raise RuntimeError(f"refused: {parameters}")
    if sorted(SHAPE["answers"]) != sorted(set(parameters) & {"code", "id_token", "access_token"}):
        raise RuntimeError(f"another answer: {sorted(parameters)}")
    values.update(parameters)
    claims = {}
    if "id_token" in parameters:
        claims = claims_of(parameters["id_token"])
        if "code" in parameters and claims["c_hash"] != half_hash(parameters["code"]):
            raise RuntimeError("c_hash")
    if "code" in parameters:
        tokens = call_token("token")
        if SHAPE.get("nonce"):
            later = claims_of(tokens["id_token"])
            if later["at_hash"] != half_hash(tokens["access_token"]) or claims.get("sub", later["sub"]) != later["sub"]:
                raise RuntimeError("at_hash or sub")
            claims.update(later)
    if SHAPE.get("jwks"):
        request("GET", "/jwks", SHAPE["jwks"])
    if SHAPE.get("userinfo"):
        told = request("GET", "/userinfo", SHAPE["userinfo"])
        if claims.get("sub", told["sub"]) != told["sub"]:
            raise RuntimeError("userinfo names somebody else")
        claims.update(told)
    person.update(claims)
    return "/"


def refresh(_):
    before = values["access_token"]
    return {"refreshed": call_token("refresh")["access_token"] != before}


def logout(_):
    person.clear()
    values["state"] = MAKERS[SHAPE["state"]]()
    return f"{ISSUER}/logout?{filled(SHAPE['logout'])}"


serve({"/login": login, SHAPE["callback"]: callback, "/": lambda _: dict(person) or None, "/refresh": refresh,
       "/logout": logout, SHAPE.get("signed_out", "/signed-out"): lambda _: "/"})
