"""The gate on the issuer's port. Clients and browser reach the issuer only through it, in one of three ways:

direct   bytes pass untouched: TLS is the client's with the issuer itself
seen     TLS ends here with the same certificate, each request is written down and passed on
forged   as seen, and the signature of every ID token on its way to the client is spoilt
"""
import base64
import http.client
import re
import threading

from .relay import TIMEOUT_SECONDS, Relay, forward, splice

# In the token response, and as the hidden field or parameter of a response from the authorization endpoint.
ID_TOKENS = [re.compile(rb'("id_token"\s*:\s*")([\w-]+\.[\w-]+\.[\w-]+)'),
             re.compile(rb'(name="id_token"\s+value=")([\w-]+\.[\w-]+\.[\w-]+)'),
             re.compile(rb'([?#&]id_token=)([\w-]+\.[\w-]+\.[\w-]+)')]


def spoil(token):
    """The token with one bit of its signature turned; header and claims stay as they were."""
    head, _, signature = token.rpartition(b".")
    raw = bytearray(base64.urlsafe_b64decode(signature + b"=" * (-len(signature) % 4)))
    raw[len(raw) // 2] ^= 1
    return head + b"." + base64.urlsafe_b64encode(bytes(raw)).rstrip(b"=")


class Gate(Relay):
    """mode: "direct", "seen" or "forged". seen: (method, target, headers, body, status) of the mode's requests."""

    def __init__(self, tls, trust):
        self.mode, self.trust, self.issuer_port = "direct", trust, None
        self.seen, self.forged_count = [], 0
        self.lock = threading.Lock()
        super().__init__(tls)

    def change(self, mode):
        with self.lock:
            self.mode, self.seen, self.forged_count = mode, [], 0

    def finish_request(self, request, client_address):
        if self.mode == "direct":
            splice(request, self.issuer_port)
        else:
            super().finish_request(request, client_address)

    def answer(self, method, target, headers, body):
        connection = http.client.HTTPSConnection("127.0.0.1", self.issuer_port, timeout=TIMEOUT_SECONDS,
                                                 context=self.trust)
        # The order of arrival is the client's; the answer's status is filled in when it is there.
        entry = [method, target, headers, body, None]
        with self.lock:
            self.seen.append(entry)
        try:
            reply = forward(connection, method, target, headers + [("Connection", "close")], body)
        finally:
            connection.close()
        entry[4] = reply.status
        if self.mode == "forged":
            self.forge(reply)
        return reply

    def forge(self, reply):
        def replaced(match):
            self.forged_count += 1
            return match.group(1) + spoil(match.group(2))

        for pattern in ID_TOKENS:
            reply.body = pattern.sub(replaced, reply.body)
        reply.headers = [
            (name, ID_TOKENS[2].sub(replaced, value.encode()).decode() if name.lower() == "location" else value)
            for name, value in reply.headers]
