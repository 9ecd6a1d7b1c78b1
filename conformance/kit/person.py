"""The person of CIBA plans, who is somewhere else: the suite says what they shall answer, and it is answered on the
account page, as any other person would. The suite posts to {PERSON}?action=allow or deny."""
import http.server
import ssl
import threading
import urllib.parse

from frame.browser import PlainBrowser, find_forms


def answer_questions(issuer, action):
    """Signs in and gives every open question this answer; the number of them."""
    browser = PlainBrowser(issuer, issuer.origin, ssl.create_default_context(cafile=issuer.certificate), {})
    account = issuer.origin + "/account"
    sign_in = next(form for form in find_forms(browser.fetch("GET", account + "/sign-in").text)
                   if "password" in form["fields"])
    fields = dict(sign_in["fields"], login=issuer.login, password=issuer.password, action="sign-in")
    browser.fetch("POST", urllib.parse.urljoin(account, sign_in["action"]), fields, account)
    questions = [form for form in find_forms(browser.fetch("GET", account).text)
                 if "request" in form["fields"] and ("action", action) in form["buttons"]]
    for form in questions:
        fields = dict(form["fields"], action=action)
        browser.fetch("POST", urllib.parse.urljoin(account, form["action"]), fields, account)
    return len(questions)


class Call(http.server.BaseHTTPRequestHandler):
    """One call of the suite."""

    def do_POST(self):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        answered = answer_questions(self.server.issuer, query.get("action", [""])[0])
        self.send_response(200 if answered else 404)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b'{"answered": %d}' % answered)

    def log_message(self, *_):
        """Nothing: the suite keeps a log of its calls."""


class Person(http.server.ThreadingHTTPServer):
    """Waits at the issuer's {PERSON}, on loopback, until stop()."""
    daemon_threads = True

    def __init__(self, issuer):
        self.issuer = issuer
        super().__init__(("127.0.0.1", issuer.person_port), Call)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def stop(self):
        self.shutdown()
        self.server_close()
