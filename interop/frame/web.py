"""The little web server of the Python clients that bring none: one function for each path. It gets the parameters and
gives a URL to redirect to, a dictionary to show as JSON, or None for "nobody is signed in"; what it throws is shown as
the client's error."""
import http.server
import json
import os
import urllib.parse


def describe(error):
    return {"error": f"{type(error).__name__}: {error}"}


def serve(routes):
    class Handler(http.server.BaseHTTPRequestHandler):
        """One request: its path chooses the function."""

        def do_GET(self):
            target = urllib.parse.urlsplit(self.path)
            route = routes.get(target.path)
            try:
                answer = route(dict(urllib.parse.parse_qsl(target.query))) if route else None
            except Exception as error:  # whatever the library throws is what the table shows
                self.show(500, describe(error))
                return
            if isinstance(answer, str):
                self.send_response(302)
                self.send_header("Location", answer)
                self.send_header("Content-Length", "0")
                self.end_headers()
            elif answer is not None:
                self.show(200, answer)
            else:
                self.show(401 if route else 404, {"error": "nobody is signed in"})

        def show(self, status, value):
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Nothing: the answers say it."""

    http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
