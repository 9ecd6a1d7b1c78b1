"""A person's browser, an app's HTTP client, and what both read: cookies, forms, redirects, tokens. Every answer passes
through Browser.send(), which notes secrets, server errors and the text of refusals for the side conditions."""
import html.parser
import http.client
import itertools
import json
import re
import socket
import urllib.parse
from dataclasses import dataclass, field

SECRET_ANSWERS = ("access_token", "refresh_token", "id_token", "code", "client_secret", "device_code",
                  "user_code", "auth_req_id", "registration_access_token")
FORM = "application/x-www-form-urlencoded"
addresses = itertools.count(2)


def app_secrets(body):
    """The secret of an authenticator app, where a page shows one; as people type it, and as apps do."""
    shown = re.findall(r'id="secret"[^>]*>([A-Z2-7 ]{16,})<', body)
    return shown + [text.replace(" ", "") for text in shown]


def recovery_codes(body):
    return re.findall(r"<li><code[^>]*>([0-9a-z]{4}(?:-[0-9a-z]{4}){2})</code>", body)


def own_address():
    """A loopback address that nobody else in this run comes from."""
    number = next(addresses)
    return f"127.{1 + number // 62500}.{number // 250 % 250}.{number % 250 + 1}"


@dataclass
class Form:
    """A form of a page: where it goes, its fields, its buttons."""
    action: str
    fields: dict = field(default_factory=dict)
    buttons: list = field(default_factory=list)


class Page(html.parser.HTMLParser):
    """What a browser makes of a page: forms, text, and the skeleton of elements and attribute names."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.forms, self.skeleton, self.words, self.addresses = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.skeleton.append((tag, tuple(sorted(values))))
        self.addresses += [value for name, value in attrs if name in ("href", "src", "action", "formaction", "data")]
        if tag == "form":
            self.forms.append(Form(values.get("action", "")))
        elif tag == "input" and self.forms and "name" in values:
            self.forms[-1].fields[values["name"]] = values.get("value") or ""
        elif tag == "button" and self.forms and "name" in values:
            self.forms[-1].buttons.append((values["name"], values.get("value") or ""))

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join("".join(self.words).split())


class Answer:
    """Status, header fields in order, body."""

    def __init__(self, response):
        self.status = response.status
        self.fields = response.getheaders()
        self.bytes = response.read()
        self.body = self.bytes.decode("utf-8", "replace")

    def header(self, name):
        """The field's value; several are an error."""
        values = self.all(name)
        assert len(values) <= 1, f"{name}: {values}"
        return values[0] if values else None

    def all(self, name):
        return [value for field_name, value in self.fields if field_name.lower() == name.lower()]

    @property
    def location(self):
        return self.header("Location")

    @property
    def path(self):
        """Path and query of the redirect."""
        parts = urllib.parse.urlsplit(self.location)
        return parts.path + ("?" + parts.query if parts.query else "")

    @property
    def page(self):
        return Page(self.body)

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        """The OAuth error code of a JSON body."""
        return self.json.get("error")

    @property
    def parameters(self):
        """The authorization response: out of the redirect's query or fragment, or out of a form_post page."""
        if self.location is None:
            forms = self.page.forms
            return forms[0].fields if forms else {}
        parts = urllib.parse.urlsplit(self.location)
        return dict(urllib.parse.parse_qsl(parts.query or parts.fragment, keep_blank_values=True))


class Browser:
    """A cookie jar and a connection, from an address of its own."""

    def __init__(self, issuer, source=None):
        self.issuer, self.source = issuer, source or own_address()
        self.cookies, self.socket = {}, None

    def close(self):
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def send(self, method, target, headers=(), body=None):
        """One request. headers: pairs; Host, Cookie and X-Forwarded-For are added where they are not given."""
        lines = self.head(method, target, list(headers), body)
        request = "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b"")
        for attempt in (1, 2):
            try:
                answer = self.exchange(request, method)
                break
            except (ConnectionError, http.client.HTTPException):
                self.close()
                if attempt == 2:
                    raise
        self.note(method, target, answer)
        return answer

    def head(self, method, target, headers, body):
        given = {name.lower() for name, _ in headers}
        lines = [f"{method} {target} HTTP/1.1"]
        if "host" not in given:
            lines.append(f"Host: {self.issuer.host}")
        if self.cookies and "cookie" not in given:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if self.issuer.tls is None and "x-forwarded-for" not in given:
            lines.append(f"X-Forwarded-For: {self.source}")
        if body is not None and "content-length" not in given:
            lines.append(f"Content-Length: {len(body)}")
        return lines + [f"{name}: {value}" for name, value in headers]

    def exchange(self, request, method):
        if self.socket is None:
            # A proxy connects from its own address and names the browser's.
            self.socket = self.issuer.connect(self.source if self.issuer.tls else None)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(request)
        response = http.client.HTTPResponse(self.socket, method=method)
        response.begin()
        answer = Answer(response)
        if response.will_close:
            self.close()
        return answer

    def note(self, method, target, answer):
        """Cookies into the jar, secrets into the register, faults onto the lists of the run."""
        register = self.issuer.register
        for value in answer.all("Set-Cookie"):
            name, content = value.split(";")[0].split("=", 1)
            for part in content.split("."):
                register.add("cookie", part)
            if content:
                self.cookies[name] = content
            else:
                self.cookies.pop(name, None)
        if (answer.header("Content-Type") or "").startswith("application/json"):
            self.note_json(answer, register)
        else:
            for form in answer.page.forms:
                register.add("csrf", form.fields.get("csrf"))
            for secret in app_secrets(answer.body):
                register.add("app secret", secret)
            for code in recovery_codes(answer.body):
                register.add("recovery code", code)
        for name in ("code", "id_token", "access_token"):
            if answer.location or "<form" in answer.body:
                register.add(name, answer.parameters.get(name))
        if answer.status >= 500:
            self.issuer.server_errors.append((answer.status, method, target[:200]))
        if answer.status >= 400:
            self.issuer.refusal_texts.append(f"{answer.fields}\n{answer.body}")

    @staticmethod
    def note_json(answer, register):
        try:
            members = answer.json
        except ValueError:
            return
        for name in SECRET_ANSWERS:
            if isinstance(members, dict) and isinstance(members.get(name), str):
                register.add(name, members[name])

    def get(self, target, headers=()):
        return self.send("GET", target, headers)

    def post(self, target, fields, headers=()):
        """A form; fields: a dict, or pairs where a name repeats."""
        return self.send("POST", target, [("Content-Type", FORM), *headers],
                         urllib.parse.urlencode(fields).encode())

    def follow(self, answer):
        """Follows redirects within the issuer; the last answer."""
        for _ in range(10):
            if answer.location is None or not answer.location.startswith(self.issuer.issuer + "/"):
                return answer
            answer = self.get(answer.path)
        raise AssertionError("ten redirects in a row")

    def submit(self, page_answer, button, at=None, **fields):
        """Sends the form of a page that has the button (name, value), with the fields filled in; not followed."""
        for form in page_answer.page.forms:
            if button in form.buttons:
                return self.post(at or form.action, form.fields | dict([button]) | fields)
        raise AssertionError(f"no button {button} in: {page_answer.status} {page_answer.page.text}")
