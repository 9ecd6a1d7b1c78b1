"""Clients known by the certificate of their connection, and those who only say so. Security corpus 1.11."""
import base64
import functools
import hashlib
import http.client
import json
import os
import ssl
import subprocess
import urllib.parse

import flows
from attack_case import AttackCase, Attacked, JWT_API
from issuer_process import free_port

HEADER = "X-SSL-Client-Cert"
DNS_NAME = "client.app.test"


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True)


class Identity:
    """A certificate and its key in files of a folder; signed by an authority, or by itself."""

    def __init__(self, folder, name, authority=None, extensions=(f"subjectAltName=DNS:{DNS_NAME}",)):
        self.certificate, self.key = os.path.join(folder, name + ".pem"), os.path.join(folder, name + ".key")
        config = os.path.join(folder, "request.cnf")  # nothing of the machine's own
        with open(config, "w", encoding="ascii") as out:
            out.write("[req]\ndistinguished_name = names\n[names]\n")
        words = ["req", "-x509", "-config", config, "-newkey", "rsa:2048", "-nodes", "-days", "2",
                 "-subj", f"/O=Attack/CN={name}", "-keyout", self.key, "-out", self.certificate]
        if authority:
            words += ["-CA", authority.certificate, "-CAkey", authority.key]
        for extension in (f"basicConstraints=critical,CA:{'FALSE' if extensions else 'TRUE'}", *extensions):
            words += ["-addext", extension]
        openssl(*words)
        with open(self.certificate, encoding="ascii") as text:
            self.pem = text.read()
        self.der = ssl.PEM_cert_to_DER_cert(self.pem)

    @property
    def thumbprint(self):
        return base64.urlsafe_b64encode(hashlib.sha256(self.der).digest()).decode().rstrip("=")

    @property
    def rfc9440(self):
        return ":" + base64.b64encode(self.der).decode() + ":"

    def jwk(self):
        return flows.rsa_jwk(self.key) | {"x5c": [base64.b64encode(self.der).decode()]}


class CertificateIssuer(Attacked):
    """Knows cM by a name of its certificate and cS by the certificate itself."""

    identities = None

    def write_config(self):
        if self.identities is None:
            authority = Identity(self.folder, "authority", extensions=())
            stranger = Identity(self.folder, "stranger", extensions=())
            self.identities = {
                "authority": authority, "right": Identity(self.folder, "right", authority),
                "foreign": Identity(self.folder, "foreign", stranger),
                "renamed": Identity(self.folder, "renamed", authority, ("subjectAltName=DNS:other.app.test",)),
                "wildcard": Identity(self.folder, "wildcard", authority, ("subjectAltName=DNS:*.app.test",)),
                "uri": Identity(self.folder, "uri", authority, (f"subjectAltName=URI:{DNS_NAME}",)),
                "own": Identity(self.folder, "own"), "like-own": Identity(self.folder, "like-own")}
        self.mtls_port = free_port()
        self.key = None  # another port, other tables
        self.more_tables = self.mutual_tls() + self.certificate_clients()
        super().write_config()

    def mutual_tls(self):
        ca_file = self.identities["authority"].certificate
        if self.tls is None:
            return f'[mtls]\nca_file = "{ca_file}"\ncertificate_header = "{HEADER}"\n'
        return (f'[mtls]\nca_file = "{ca_file}"\nlisten = ["127.0.0.1:{self.mtls_port}"]\n'
                'origin = "https://mtls.certificates.test"\n')

    def certificate_clients(self):
        common = ('grant_types = ["client_credentials"]\nresponse_types = []\nscope = "files.read"\n'
                  'tls_client_certificate_bound_access_tokens = true\n')
        keys = ", ".join(f"{name} = {json.dumps(value)}" for name, value in self.identities["own"].jwk().items())
        return (f'[[clients]]\nclient_id = "cM"\ntoken_endpoint_auth_method = "tls_client_auth"\n{common}'
                f'tls_client_auth_san_dns = "{DNS_NAME}"\n'
                f'[[clients]]\nclient_id = "cS"\ntoken_endpoint_auth_method = "self_signed_tls_client_auth"\n{common}'
                f'jwks = {{ keys = [{{ {keys} }}] }}\n')

    def ask(self, client_id, identity=None, fields=(), port=None):
        """(status, answer) of a token request over a connection with this certificate."""
        if self.tls is None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        else:
            context = ssl.create_default_context(cafile=self.certificate[0])
            context.check_hostname = False  # by address
            if identity:
                context.load_cert_chain(self.identities[identity].certificate, self.identities[identity].key)
            connection = http.client.HTTPSConnection("127.0.0.1", port or self.mtls_port, context=context, timeout=60)
        form = {"grant_type": "client_credentials", "resource": JWT_API}
        if client_id:
            form["client_id"] = client_id
        body = urllib.parse.urlencode(form)
        connection.putrequest("POST", "/token")
        connection.putheader("Content-Type", "application/x-www-form-urlencoded")
        connection.putheader("Content-Length", str(len(body)))
        for name, value in fields:
            connection.putheader(name, value)
        connection.endheaders(body.encode())
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        is_json = answer.headers.get_content_type() == "application/json"
        return answer.status, json.loads(text) if is_json else text


@functools.cache
def direct_issuer():
    return CertificateIssuer("certificates", tls=True)


@functools.cache
def proxied_certificates():
    return CertificateIssuer("behind", tls=False, scalars='trusted_proxies = ["127.0.0.1"]')


def bound_to(access_token):
    payload = access_token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "==="))["cnf"]


class OverTls(AttackCase):
    @property
    def issuer(self):
        return direct_issuer()

    def assert_unknown(self, answer, *what):
        self.assertEqual((answer[0], answer[1].get("error")), (401, "invalid_client"), what)

    # 8705-01; 8705-03: the name that was registered, from the authority that is trusted
    def test_pki(self):
        issuer = self.issuer
        status, answer = issuer.ask("cM", "right")
        self.assertEqual(status, 200, answer)
        self.assertEqual(bound_to(answer["access_token"]), {"x5t#S256": issuer.identities["right"].thumbprint})
        for identity in (None, "foreign", "renamed", "wildcard", "uri", "own", "authority"):
            self.assert_unknown(issuer.ask("cM", identity), identity)

    # 8705-02: the certificate that was registered, not one like it
    def test_self_signed(self):
        issuer = self.issuer
        self.assertEqual(issuer.ask("cS", "own")[0], 200)
        for identity in (None, "like-own", "right", "foreign"):
            self.assert_unknown(issuer.ask("cS", identity), identity)

    # 8705-08: nobody is found by a certificate
    def test_client_id(self):
        issuer = self.issuer
        for client_id in (None, "cA", "rs", "nobody", "cS"):
            self.assert_unknown(issuer.ask(client_id, "right"), client_id)

    # 8705-06; 9700-13: what a client says of its certificate counts for nothing, at either address
    def test_headers(self):
        issuer = self.issuer
        right = issuer.identities["right"]
        for name in (HEADER, "Client-Cert", "X-Client-Cert", "X_SSL_Client_Cert", "X-Forwarded-Client-Cert",
                     "SSL_CLIENT_CERT", "X-SSL-Client-S-DN"):
            for value in (right.rfc9440, urllib.parse.quote(right.pem, safe="")):
                for port in (issuer.port, issuer.mtls_port):
                    self.assert_unknown(issuer.ask("cM", None, [(name, value)], port), name)
                self.assert_unknown(issuer.ask("cM", "own", [(name, value)]), name)

    # 8705-07: metadata names the aliases, and the usual address takes no certificate
    def test_aliases(self):
        issuer = self.issuer
        metadata = issuer.browser().get("/.well-known/openid-configuration").json
        aliases = metadata["mtls_endpoint_aliases"]
        self.assertNotIn("authorization_endpoint", aliases)
        for name, url in aliases.items():
            self.assertEqual(metadata[name].removeprefix(issuer.issuer), url.removeprefix(
                "https://mtls.certificates.test"))
        self.assert_unknown(issuer.ask("cM", "right", port=issuer.port))


class ByHeader(AttackCase):
    @property
    def issuer(self):
        return proxied_certificates()

    # 8705-06: from the proxy, once, and as it writes it
    def test_header_of_the_proxy(self):
        issuer = self.issuer
        right, own = issuer.identities["right"], issuer.identities["own"]
        escaped = urllib.parse.quote(right.pem, safe="")
        for value in (right.rfc9440, escaped):
            status, answer = issuer.ask("cM", fields=[(HEADER, value)])
            self.assertEqual(status, 200, answer)
            self.assertEqual(bound_to(answer["access_token"]), {"x5t#S256": right.thumbprint})
        self.assertEqual(issuer.ask("cM", fields=[(HEADER, own.rfc9440)])[0], 401)
        self.assertEqual(issuer.ask("cM")[0], 401)
        for fields in ([(HEADER, right.rfc9440), (HEADER, right.rfc9440)],
                       [(HEADER, own.rfc9440), (HEADER.lower(), right.rfc9440)],
                       [(HEADER, right.rfc9440 + ", " + right.rfc9440)], [(HEADER, right.pem.replace("\n", " "))],
                       [(HEADER, escaped.replace("%0A", "%0D%0A"))], [(HEADER, escaped + "%0A" + escaped)],
                       [(HEADER, escaped.replace("%0A", "%0A%0A", 1))], [(HEADER, escaped.replace("%0A", "%00%0A", 1))],
                       [(HEADER, "%0A" + escaped)], [(HEADER, "(null)")], [(HEADER, ":" + "A" * 12000 + ":")]):
            self.assertEqual(issuer.ask("cM", fields=fields)[0], 400, fields[0][1][:60])
