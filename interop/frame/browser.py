"""A plain browser: cookies, redirects, forms, no JavaScript. It signs the person in by the names of the pages' fields
(login, password, csrf; button action=sign-in, action=allow, action=continue) and submits the form of
response_mode=form_post."""
import html.parser
import http.client
import socket
import urllib.parse

from .relay import TIMEOUT_SECONDS

HOPS_MAX = 40


class Forms(html.parser.HTMLParser):
    """The forms of a page: action, method, fields with values, buttons as (name, value)."""

    def __init__(self):
        super().__init__()
        self.forms = []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "form":
            self.forms.append({"action": attributes.get("action", ""), "fields": {}, "buttons": [],
                               "method": attributes.get("method", "get").lower()})
        elif self.forms and tag == "input" and "name" in attributes:
            self.forms[-1]["fields"][attributes["name"]] = attributes.get("value") or ""
        elif self.forms and tag == "button":
            self.forms[-1]["buttons"].append((attributes.get("name"), attributes.get("value")))


def find_forms(text):
    parser = Forms()
    parser.feed(text)
    return parser.forms


def origin_of(url):
    parts = urllib.parse.urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def site_of(url):
    """The site of a URL, which is what SameSite compares: scheme and the last two labels of the host."""
    parts = urllib.parse.urlsplit(url)
    return parts.scheme, ".".join((parts.hostname or "").split(".")[-2:])


class Page:
    """What an address answered in the end."""

    def __init__(self, url, status, headers, text):
        self.url, self.status, self.headers, self.text = url, status, headers, text

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name), None)


class PlainBrowser:
    """One person's browser. hosts: name -> loopback port, for the names of the run's apps. passwords_typed counts how
    often the sign-in page asked."""

    def __init__(self, person, issuer, trust, hosts):
        self.person, self.issuer, self.trust, self.hosts = person, issuer, trust, hosts
        self.cookies, self.passwords_typed = {}, 0

    def close(self):
        """Nothing is held open."""

    def connect(self, parts):
        """To the host of a URL; the names of apps lead to their fronts."""
        if parts.scheme != "https":
            return http.client.HTTPConnection(parts.hostname, parts.port, timeout=TIMEOUT_SECONDS)
        connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=TIMEOUT_SECONDS,
                                                 context=self.trust)
        if parts.hostname in self.hosts:
            port = self.hosts[parts.hostname]
            connection._create_connection = lambda _, *rest: socket.create_connection(("127.0.0.1", port), *rest)
        return connection

    def cookies_for(self, method, parts, coming_from):
        """Cookies of the host; a form that another site posts carries those of SameSite=None only."""
        other_site = method == "POST" and coming_from and site_of(coming_from) != site_of(parts.geturl())
        return [f"{name}={cookie['value']}" for name, cookie in self.cookies.get(parts.hostname, {}).items()
                if (parts.path or "/").startswith(cookie["path"]) and (parts.scheme == "https" or not cookie["secure"])
                and (not other_site or cookie["same_site"] == "none" and cookie["secure"])]

    def fetch(self, method, url, form=None, coming_from=None):
        parts = urllib.parse.urlsplit(url)
        connection = self.connect(parts)
        headers = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Connection": "close"}
        sent = self.cookies_for(method, parts, coming_from)
        if sent:
            headers["Cookie"] = "; ".join(sent)
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Origin"] = origin_of(coming_from or url)
        try:
            connection.request(method, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, headers)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        finally:
            connection.close()
        for value in answer.msg.get_all("Set-Cookie") or []:
            self.keep(parts.hostname, value)
        return Page(url, answer.status, answer.getheaders(), text)

    def keep(self, host, line):
        """Keeps one cookie, or drops it where the line says that it is over."""
        pair, *rest = line.split(";")
        name, _, value = pair.strip().partition("=")
        attributes = {key.strip().lower(): inner.strip() for key, _, inner in (item.partition("=") for item in rest)}
        over = attributes.get("max-age", "1").startswith(("0", "-")) or "1970" in attributes.get("expires", "")
        jar = self.cookies.setdefault(host, {})
        if over:
            jar.pop(name, None)
        else:
            jar[name] = {"value": value, "path": attributes.get("path") or "/", "secure": "secure" in attributes,
                         "same_site": attributes.get("samesite", "lax").lower()}

    def visit(self, url):
        """Follows redirects and fills in the issuer's pages until somebody else's page, or a page without a way on."""
        method, form, coming_from = "GET", None, None
        for _ in range(HOPS_MAX):
            page = self.fetch(method, url, form, coming_from)
            location = page.header("location")
            if page.status in (301, 302, 303, 307, 308) and location:
                if page.status not in (307, 308):
                    method, form = "GET", None
                url = urllib.parse.urljoin(url, location)
                continue
            step = self.fill_in(page)
            if step is None:
                return page
            coming_from = page.url
            method, url, form = step
        raise RuntimeError(f"no end of redirects at {url}")

    def fill_in(self, page):
        """The issuer's page answered as a person would: (method, url, form); None where there is nothing to answer."""
        if origin_of(page.url) != self.issuer:
            return None
        for form in find_forms(page.text):
            fields, url = dict(form["fields"]), urllib.parse.urljoin(page.url, form["action"])
            if origin_of(url) != self.issuer and form["method"] == "post":  # response_mode=form_post
                return "POST", url, fields
            if "password" in fields:
                self.passwords_typed += 1
                if self.passwords_typed > 3:
                    return None
                fields.update(login=self.person.login, password=self.person.password, action="sign-in")
                return "POST", url, fields
            for button in ("allow", "sign-out", "continue"):
                if ("action", button) in form["buttons"]:
                    return "POST", url, dict(fields, action=button)
        return None
