"""What a client sent, reduced to its shape: one line of JSON for each request to a protocol endpoint, in order. Values
that are chance, or belong to one run, become "*"; those that the specifications name stay. interop/golden/ keeps the
shape of each row, so that a client which begins to send something else shows."""
import base64
import difflib
import json
import os
import urllib.parse

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "golden")
ENDPOINTS = ("/.well-known/", "/authorize", "/token", "/userinfo", "/jwks", "/revoke", "/introspect",
             "/logout", "/par", "/device_authorization", "/register")
KEPT = {"grant_type", "response_type", "response_mode", "scope", "code_challenge_method", "prompt", "display",
        "max_age", "client_assertion_type", "token_type_hint", "claims", "client_info"}
HEADERS = ("content-type", "origin", "dpop", "x-client-sku", "auth0-client", "access-control-request-headers")


def parameters(text):
    pairs = urllib.parse.parse_qsl(text, keep_blank_values=True)
    return {name: (" ".join(sorted(value.split())) if name == "scope" else value) if name in KEPT else "*"
            for name, value in pairs}


def authorization(value):
    """The scheme; for Basic whether its parts look form-encoded."""
    scheme, _, rest = value.partition(" ")
    if scheme.lower() != "basic":
        return scheme
    decoded = base64.b64decode(rest + "=" * (-len(rest) % 4)).decode("utf-8", "replace")
    return "Basic, form-encoded" if "%" in decoded else "Basic"


def shape(entry):
    """One request as a dictionary; None where it is not to a protocol endpoint."""
    method, target, headers, body, _ = entry
    path, _, query = target.partition("?")
    if not path.startswith(ENDPOINTS):
        return None
    named = {name.lower(): value for name, value in headers}
    known = {"request": f"{method} {path}"}
    if query:
        known["query"] = parameters(query)
    if body:
        json_body = "json" in named.get("content-type", "")
        known["body"] = {name: "*" for name in json.loads(body)} if json_body else parameters(body.decode())
    if "authorization" in named:
        known["authorization"] = authorization(named["authorization"])
    known.update({name: named[name] if name == "content-type" else "*" for name in HEADERS if name in named})
    return known


def shapes(seen):
    """The shapes of a pass; the pages in between, which are ours, are left out. A device asks until the person has
    answered (RFC 8628 3.4), so how often it did is chance."""
    told = []
    for known in filter(None, map(shape, seen)):
        if known != (told or [None])[-1] or "device_code" not in known.get("body", {}):
            told.append(known)
    return told


def path_of(row):
    return os.path.join(FOLDER, row.key.replace("/", "-") + ".json")


def text_of(found):
    return "[\n" + ",\n".join("  " + json.dumps(known, sort_keys=False) for known in found) + "\n]\n"


def compare(row, found):
    """Lines that differ, "" where nothing does or the row keeps none."""
    if not row.golden:
        return ""
    try:
        with open(path_of(row), encoding="utf-8") as kept:
            before = kept.read()
    except FileNotFoundError:
        return f"{os.path.basename(path_of(row))} is not there; --update-golden writes it"
    now = text_of(found)
    if before == now:
        return ""
    changed = difflib.unified_diff(before.splitlines(), now.splitlines(), lineterm="", n=0)
    told = [f"{line[0]} {line[1:].strip()}" for line in changed if not line.startswith(("---", "+++", "@@"))]
    return "it sends something else than before:\n" + "\n".join(told)


def write(row, found):
    with open(path_of(row), "w", encoding="utf-8") as out:
        out.write(text_of(found))
