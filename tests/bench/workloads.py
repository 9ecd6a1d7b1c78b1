"""What is measured: for each name, the plan that the driver is given. A Person signs in once, as a browser would."""
import base64
import html
import http.client
import json
import os
import re
import socket
import ssl
import urllib.parse

from drive import CONNECTIONS
from server import CALLBACK, CHALLENGE, DEVICE, PASSWORD, SECRET, VERIFIER


def basic(client):
    return "Basic " + base64.b64encode(f"{client}:{SECRET}".encode()).decode()


def authorize_target(client, scope):
    return "/authorize?" + urllib.parse.urlencode({
        "response_type": "code", "client_id": client, "redirect_uri": CALLBACK, "scope": scope, "state": "bench-state",
        "nonce": "bench-nonce", "code_challenge": CHALLENGE, "code_challenge_method": "S256"})


EXCHANGE = urllib.parse.urlencode({"grant_type": "authorization_code", "redirect_uri": CALLBACK,
                                   "code_verifier": VERIFIER}) + "&code="


class Person:
    """A signed-in browser and what clients got through it."""

    def __init__(self, server):
        self.server, self.cookies = server, {}
        self.sign_in()

    def request(self, method, target, body=None, headers=None):
        connection = self.connect()
        fields = {"Host": self.server.host, **(headers or {})}
        if self.cookies:
            fields["Cookie"] = self.cookie()
        if body is not None:
            fields.setdefault("Content-Type", "application/x-www-form-urlencoded")
            fields.setdefault("Origin", f"https://{self.server.host}")
        connection.request(method, target, body=body, headers=fields)
        reply = connection.getresponse()
        text = reply.read().decode()
        for field in reply.headers.get_all("Set-Cookie") or []:
            name, value = field.split(";")[0].split("=", 1)
            self.cookies[name] = value
        connection.close()
        return reply, text

    def connect(self):
        if not self.server.tls:
            return http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        context = ssl.create_default_context(cafile=os.path.join(self.server.folder, "cert.pem"))
        connection = http.client.HTTPSConnection(self.server.host, self.server.port, timeout=30, context=context)
        connection._create_connection = lambda _, *rest: socket.create_connection(  # the name resolves nowhere
            ("127.0.0.1", self.server.port), *rest)
        return connection

    def cookie(self):
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def follow(self, target):
        """The page, or the client's address, that a request ends at."""
        reply, text = self.request("GET", target)
        while reply.status in (302, 303):
            target = reply.headers["Location"]
            if target.startswith(CALLBACK):
                return target, text
            target = target.removeprefix(f"https://{self.server.host}")
            reply, text = self.request("GET", target)
        return target, text

    def sign_in(self):
        page, text = self.follow(authorize_target("es", "openid"))
        csrf = html.unescape(re.search(r'name="csrf" value="([^"]+)"', text).group(1))
        form = {"login": "alice", "password": PASSWORD, "csrf": csrf, "action": "sign-in"}
        reply, text = self.request("POST", page, urllib.parse.urlencode(form))
        if not reply.headers.get("Location", "").startswith(CALLBACK):
            raise SystemExit(f"bench: the sign-in failed: {reply.status}\n{text[:500]}")

    def tokens(self, client, scope):
        address, _ = self.follow(authorize_target(client, scope))
        code = urllib.parse.parse_qs(urllib.parse.urlsplit(address).query)["code"][0]
        reply, text = self.request("POST", "/token", EXCHANGE + code, {"Authorization": basic(client)})
        if reply.status != 200:
            raise SystemExit(f"bench: no tokens: {text}")
        return json.loads(text)


def client_credentials(client):
    return lambda person, options: {"workload": "post", "target": "/token", "authorization": basic(client),
                                    "bodies": ["grant_type=client_credentials"], "expect": "access_token"}


def refresh(client, scope):
    return lambda person, options: {
        "workload": "refresh", "authorization": basic(client),
        "tokens": [person.tokens(client, scope)["refresh_token"] for _ in range(CONNECTIONS)]}


def flow(client, scope, workload):
    return lambda person, options: {
        "workload": workload, "authorization": basic(client), "target": authorize_target(client, scope),
        "cookie": person.cookie(), "exchange": EXCHANGE,
        **({"codes": int(12000 * options.seconds)} if workload == "exchange" else {})}


def introspection(client):
    def plan(person, options):
        tokens = [person.tokens(client, f"openid {client}.read")["access_token"] for _ in range(CONNECTIONS)]
        return {"workload": "post", "target": "/introspect", "authorization": basic(client),
                "bodies": [f"token={token}" for token in tokens], "expect": '"active":true'}
    return plan


def userinfo(client):
    return lambda person, options: {
        "workload": "get", "target": "/userinfo", "expect": "sub",
        "authorization": "Bearer " + person.tokens(client, "openid profile email")["access_token"]}


def dpop(client):
    """Each request with a proof of its own; the tokens are bound to the key of the connection."""
    return lambda person, options: {"workload": "proven", "target": "/token", "authorization": basic(client),
                                    "body": "grant_type=client_credentials", "expect": '"token_type":"DPoP"'}


def par(client):
    form = urllib.parse.urlsplit(authorize_target(client, f"openid {client}.read")).query
    return lambda person, options: {"workload": "post", "target": "/par", "authorization": basic(client),
                                    "bodies": [form], "status": 201, "expect": "request_uri"}


def mutual_tls(person, options):
    """By a certificate, which the token is bound to; the handshake is no part of an operation."""
    return {"workload": "post", "target": "/token", "bodies": ["grant_type=client_credentials&client_id=certified"],
            "expect": "access_token", **person.server.certified_place()}


CSRF = {"as": "csrf", "after": 'name="csrf" value="', "until": '"'}
PEOPLE = 8  # at once: hashes wait for a core, codes that are typed from one address for each other


def login(person, options):
    """A person without a session: authorize, the page, the posted password, back at the client."""
    form = urllib.parse.urlencode({"login": "alice", "password": PASSWORD, "action": "sign-in"})
    return {"workload": "steps", "connections": PEOPLE, "steps": [
        {"target": authorize_target("es", "openid"), "status": 303, "take": [
            {"as": "page", "after": f"Location: https://{person.server.host}", "until": "\r"},
            {"as": "cookie", "after": "Set-Cookie: ", "until": ";"}]},
        {"target": "{page}", "cookie": "{cookie}", "take": [CSRF]},
        {"target": "{page}", "body": form + "&csrf={csrf}", "cookie": "{cookie}", "status": 303,
         "take": [{"as": "code", "after": "code=", "until": "&"}]}]}


def device(person, options):
    """The whole of RFC 8628: a device asks, a signed-in person types its code and allows, the device polls once."""
    _, page = person.request("GET", "/device")
    typed = "user_code={user_code}&csrf=" + html.unescape(re.search(r'name="csrf" value="([^"]+)"', page).group(1))
    place = {"as": "page", "after": f"Location: https://{person.server.host}", "until": "\r"}
    poll = urllib.parse.urlencode({"grant_type": DEVICE})
    return {"workload": "steps", "connections": PEOPLE, "authorization": basic("es"), "steps": [
        {"target": "/device_authorization", "body": "scope=openid+es.read", "take": [
            {"as": "device_code", "after": '"device_code":"', "until": '"'},
            {"as": "user_code", "after": '"user_code":"', "until": '"'}]},
        {"target": "/device", "body": typed + "&action=continue", "cookie": person.cookie(), "status": 303,
         "take": [place]},
        {"target": "{page}", "cookie": person.cookie(), "take": [CSRF]},
        {"target": "{page}", "body": "action=allow&csrf={csrf}", "cookie": person.cookie(), "status": 303,
         "take": [place]},
        {"target": "/token", "body": poll + "&device_code={device_code}",
         "take": [{"as": "token", "after": '"access_token":"', "until": '"'}]}]}


WORKLOADS = {
    "discovery": lambda person, options: {"workload": "get", "target": "/.well-known/openid-configuration",
                                          "expect": "issuer"},
    "jwks": lambda person, options: {"workload": "get", "target": "/jwks", "expect": "keys"},
    "client_credentials_es256": client_credentials("es"),
    "client_credentials_rs256": client_credentials("rs"),
    "client_credentials_opaque": client_credentials("opaque"),
    "refresh": refresh("es", "es.read offline_access"),
    "refresh_id_token": refresh("es", "openid es.read offline_access"),
    "exchange_es256": flow("es", "openid es.read", "exchange"),
    "flow_es256": flow("es", "openid es.read", "flow"),
    "flow_rs256_opaque": flow("opaque", "openid opaque.read", "flow"),
    "introspection": introspection("opaque"),
    "introspection_jwt": introspection("es"),
    "userinfo": userinfo("opaque"),
    "userinfo_jwt": userinfo("es"),
    "dpop_es256": dpop("es"),
    "par": par("es"),
    "device": device,
    "login": login,
}
# Over TLS 1.3 in process, as rows of their own.
TLS_WORKLOADS = {
    **{name + "_tls": WORKLOADS[name] for name in ("discovery", "client_credentials_es256", "introspection")},
    "mutual_tls_es256": mutual_tls,
}
