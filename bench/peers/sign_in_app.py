"""Where people sign in at a provider whose own way `cardea bench` cannot go: an issuer whose metadata are those of the
provider but for the authorization endpoint. Tokens and claims are asked of the provider itself."""
import http.server
import json
import threading
import urllib.parse
import urllib.request


class SignInApp:
    """send_on: takes the provider's authorization endpoint and the query; gives the headers of the redirect."""

    def __init__(self, port, provider, send_on):
        self.issuer, self.port, self.provider, self.send_on = f"http://127.0.0.1:{port}", port, provider, send_on
        self.server = self.thread = None

    def start(self):
        with urllib.request.urlopen(self.provider + "/.well-known/openid-configuration", timeout=30) as reply:
            theirs = json.loads(reply.read())
        ours = json.dumps(dict(theirs, issuer=self.issuer, authorization_endpoint=self.issuer + "/auth")).encode()
        send_on = self.send_on

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                parts = urllib.parse.urlsplit(self.path)
                signs_in = parts.path == "/auth"
                headers = send_on(theirs["authorization_endpoint"], parts.query) if signs_in else {}
                self.send_response(302 if signs_in else 200)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "0" if signs_in else str(len(ours)))
                self.end_headers()
                if not signs_in:
                    self.wfile.write(ours)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def stop(self):
        if self.server is not None:
            self.server.shutdown()
            self.thread.join()
            self.server.server_close()
