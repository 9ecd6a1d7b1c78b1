"""The API of plans without OpenID Connect: examples/demo/api behind HTTPS with the TLS that FAPI asks for."""
import http.client
import os
import ssl
import subprocess

from frame.issuer import ENVIRONMENT, free_port
from frame.relay import TIMEOUT_SECONDS, Relay, forward

CIPHERS = "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384"  # FAPI 2.0 Security Profile 5.2.2, for TLS 1.2
# The name under which the API itself listens and takes requests; people reach it by another one, through HTTPS.
INNER = "localhost"


class Api(Relay):
    """Listens at the issuer's {API}; the program behind it asks the issuer for keys when it needs them."""

    def __init__(self, build, issuer):
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(issuer.certificate, issuer.key)
        tls.set_ciphers(CIPHERS)
        self.wanted_port, self.inner_port = issuer.api_port, free_port()
        origin = issuer.values["API"]
        with open(os.path.join(issuer.folder, "api.log"), "ab") as out:
            self.process = subprocess.Popen([os.path.join(build, "demo_api")], stdout=out, stderr=out,
                                            stdin=subprocess.DEVNULL,
                                            env=dict(ENVIRONMENT, OIDC_ISSUER=issuer.origin, API_RESOURCE=origin,
                                                     API_ORIGIN=origin, PORT=str(self.inner_port),
                                                     SSL_CERT_FILE=issuer.certificate))
        super().__init__(tls)

    def listen_on_both(self):
        self.server_address = ("127.0.0.1", self.wanted_port)
        self.server_bind()
        self.server_activate()

    def answer(self, method, target, headers, body):
        connection = http.client.HTTPConnection(INNER, self.inner_port, timeout=TIMEOUT_SECONDS)
        headers = [(name, f"{INNER}:{self.inner_port}" if name.lower() == "host" else value) for name, value in headers]
        try:
            return forward(connection, method, target, headers + [("Connection", "close")], body)
        finally:
            connection.close()

    def stop(self):
        self.close()
        self.process.terminate()
        self.process.wait(timeout=30)
