"""The little web server of the Python clients that bring none: one function for each path. It gets the parameters of
query or form, and gives a URL to redirect to, a dictionary to show as JSON, or None for "nobody is signed in"; what it
throws is shown as the client's error."""
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
            self.answer(urllib.parse.urlsplit(self.path).query)

        def do_POST(self):
            self.answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def answer(self, parameters):
            route = routes.get(urllib.parse.urlsplit(self.path).path)
            try:
                answer = route(dict(urllib.parse.parse_qsl(parameters))) if route else None
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
