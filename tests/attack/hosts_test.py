"""Host, forwarding headers, configured texts, TLS, the log and caches. Security corpus 2.I."""
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import urllib.parse

import flows
from attack_case import AttackCase, EVIL, proxied_issuer, tls_issuer
from flows import authorize_path, new_verifier, request_of
from issuer_process import CARDEA, make_certificate, run_program

METADATA = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server")


class Hosts(AttackCase):
    def issuers(self):
        return [tls_issuer(), proxied_issuer()]

    def games(self, issuer):
        return ([("Host", EVIL)], [("Host", f"{issuer.host}:1")], [("X-Forwarded-Host", EVIL)],
                [("X-Forwarded-Proto", "http"), ("X-Forwarded-Port", "80"), ("X-Forwarded-Server", EVIL)],
                [("Forwarded", f"for=1.2.3.4;host={EVIL};proto=http")], [("X-Original-Host", EVIL)],
                [("X-Rewrite-URL", f"//{EVIL}/")], [("Via", EVIL), ("X-HTTP-Host-Override", EVIL)])

    # I01: metadata, one-time links and pages are of the configured origin, behind a trusted proxy too
    def test_i01_links_keep_the_origin(self):
        for issuer in self.issuers():
            login, _ = issuer.new_user()
            link = issuer.cardea("users", "link", login)["link"]
            self.assertTrue(link.startswith(issuer.issuer + "/link/"))
            plain = issuer.browser().get(METADATA[0]).json
            for game in self.games(issuer):
                browser = issuer.browser()
                for path in METADATA:
                    self.assertEqual(browser.get(path, game).json, plain, game)
                for path in ("/account", urllib.parse.urlsplit(link).path, "/logout",
                             authorize_path(request_of(issuer.cA, new_verifier(issuer)))):
                    answer = browser.get(path, game)
                    self.assertNotIn(EVIL, f"{answer.fields}{answer.body}")
                    self.assertTrue(answer.location is None or answer.location.startswith(issuer.issuer + "/"))

    # I01: two hosts, a host that is none, and a target that names another are refused
    def test_i01_contradicting_hosts(self):
        for issuer in self.issuers():
            for target, hosts in (("/jwks", [issuer.host, EVIL]), ("/jwks", []), ("/jwks", [""]),
                                  (f"https://{EVIL}/jwks", [issuer.host]), ("/jwks", [f"{issuer.host}, {EVIL}"]),
                                  ("/jwks", [f"{issuer.host}@{EVIL}"]), ("/jwks", [f"{issuer.host}/{EVIL}"]),
                                  (f"https://{issuer.host}@{EVIL}/jwks", [issuer.host])):
                with issuer.connect() as connection:
                    lines = [f"GET {target} HTTP/1.1", *[f"Host: {host}" for host in hosts], "", ""]
                    connection.sendall("\r\n".join(lines).encode())
                    self.assertTrue(connection.recv(1000).startswith(b"HTTP/1.1 400 "), (target, hosts))

    # I02; 9700-13: what is no address is no address, whoever sends it
    def test_i02_forwarded_names(self):
        issuer = proxied_issuer()
        browser = issuer.browser()
        for value, seen in (("a.b.c", "127.0.0.1"), ("localhost", "127.0.0.1"), ("1.2.3.4", "1.2.3.4"),
                            ("evil.test, 5.6.7.8", "5.6.7.8"), ("5.6.7.8, evil.test", "127.0.0.1"),
                            ("1.2.3.4:80", "127.0.0.1"), ("2130706433", "127.0.0.1"), ("0x7f.1", "127.0.0.1"),
                            ("\"1.2.3.4\"", "127.0.0.1"), ("", "127.0.0.1"), ("1.2.3.4\tx", "127.0.0.1"),
                            ("::1%lo", "127.0.0.1"), (",", "127.0.0.1"), ("unknown", "127.0.0.1")):
            begin = issuer.log_size()
            browser.get("/account", [("X-Forwarded-For", value)])
            addresses = [event["address"] for event in issuer.events("request.finished", begin)]
            self.assertEqual(addresses, [seen], value)
        with open(CARDEA, "rb") as program:  # what cannot be called is not called: no resolver is linked
            self.assertIsNone(re.search(rb"\0(getaddrinfo|gethostbyname\w*|res_n?query)\0", program.read()))
        direct = tls_issuer()
        begin = direct.log_size()
        browser = direct.browser()
        browser.get("/account", [("X-Forwarded-For", "1.2.3.4"), ("Forwarded", "for=1.2.3.4"), ("X-Real-IP",
                                                                                                "1.2.3.4")])
        self.assertEqual(direct.events("request.finished", begin)[0]["address"], browser.source)


class Configured(AttackCase):
    # I09: a line break in what could reach a header is refused when it is read
    def test_i09_line_breaks_in_the_configuration(self):
        issuer = self.issuer
        with open(issuer.config, encoding="utf-8") as text:
            config = text.read()
        path = issuer.folder + "/line-break.toml"
        for broken in ("\\r\\nX-Evil: 1", "\\n", "\\r", "\\u0000"):
            changes = [config.replace(f'issuer = "{issuer.issuer}"', f'issuer = "{issuer.issuer}{broken}"'),
                       config + f'\n[[clients]]\nclient_id = "i{broken}"\ntoken_endpoint_auth_method = "none"\n'
                                'redirect_uris = ["https://i.test/cb"]\n',
                       config + '\n[[clients]]\nclient_id = "i"\ntoken_endpoint_auth_method = "none"\n'
                                f'redirect_uris = ["https://i.test/cb{broken}"]\n',
                       config + '\n[[clients]]\nclient_id = "i"\ntoken_endpoint_auth_method = "none"\n'
                                'redirect_uris = ["https://i.test/cb"]\n'
                                f'allowed_origins = ["https://i.test{broken}"]\n',
                       config + f'\n[[resources]]\nidentifier = "https://api.test/{broken}"\n']
            for at, changed in enumerate(changes):
                self.assertNotEqual(changed, config)
                with open(path, "w", encoding="utf-8") as out:
                    out.write(changed)
                done = run_program("config", "validate", "--config", path)
                self.assertEqual(done.returncode, 3, (at, broken, done.stdout + done.stderr[-300:]))


class Tls(AttackCase):
    def handshake(self, *words):
        """Whether openssl s_client gets through."""
        issuer = self.issuer
        done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{issuer.port}", "-servername",
                               issuer.host, "-CAfile", issuer.certificate[0], "-verify_return_error", *words],
                              input=b"", capture_output=True, check=False, timeout=60)
        return done.returncode == 0 and b"Cipher is (NONE)" not in done.stdout

    # I10: versions and ciphers as documented; no renegotiation into something else, no plain HTTP
    def test_i10_versions_and_ciphers(self):
        self.assertTrue(self.handshake("-tls1_3"))
        self.assertTrue(self.handshake("-tls1_2"))
        for version in ("-tls1", "-tls1_1"):
            self.assertFalse(self.handshake(version, "-cipher", "ALL:@SECLEVEL=0"), version)
        for cipher in ("AES128-SHA", "AES256-SHA", "AES128-GCM-SHA256", "NULL", "aNULL", "ECDHE-ECDSA-AES128-SHA",
                       "ECDHE-ECDSA-AES256-SHA384", "PSK", "3DES", "EXPORT", "ECDHE-ECDSA-NULL-SHA"):
            self.assertFalse(self.handshake("-tls1_2", "-cipher", cipher + ":@SECLEVEL=0"), cipher)
        self.assertTrue(self.handshake("-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"))
        with socket.create_connection(("127.0.0.1", self.issuer.port), timeout=30) as plain:
            plain.sendall(f"GET /jwks HTTP/1.1\r\nHost: {self.issuer.host}\r\n\r\n".encode())
            answer = plain.recv(2000)
        self.assertTrue(answer.startswith(b"HTTP/1.1 400 "), answer)
        self.assertNotIn(b"Location", answer)
        answer = self.issuer.browser().get("/jwks")
        self.assertRegex(answer.header("Strict-Transport-Security"), r"max-age=\d{8}")

    # I10: a certificate that is renewed is served, one that is broken is not
    def test_i10_certificates_are_renewed(self):
        issuer = self.issuer
        other = os.path.join(issuer.folder, "other")
        os.mkdir(other)
        renewed = make_certificate(other, issuer.host)
        kept = [self.read(path) for path in issuer.certificate]
        try:
            for paths in (renewed, issuer.certificate):
                content = [self.read(path) for path in paths] if paths is renewed else kept
                for path, text in zip(issuer.certificate, content):
                    with open(path, "wb") as out:
                        out.write(text)
                self.reload("tls.certificate_reloaded")
                self.assertEqual(self.served(), content[0])
            with open(issuer.certificate[0], "wb") as out:
                out.write(b"-----BEGIN CERTIFICATE-----\nAAAA\n")
            self.reload("tls.certificate_refused")
            self.assertEqual(self.served(), kept[0])
        finally:
            with open(issuer.certificate[0], "wb") as out:
                out.write(kept[0])
            self.reload("tls.certificate_reloaded")

    @staticmethod
    def read(path):
        with open(path, "rb") as file:
            return file.read()

    def reload(self, event):
        issuer = self.issuer
        begin = os.path.getsize(issuer.log_path)  # not settled by a request: the certificate may be another just now
        issuer.process.send_signal(signal.SIGHUP)
        for _ in range(10000):
            if f'"{event}"' in issuer.read_log(begin):
                return
            issuer.manage("/livez")
        self.fail("no " + event)

    def served(self):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection(("127.0.0.1", self.issuer.port), timeout=30) as plain:
            with context.wrap_socket(plain, server_hostname=self.issuer.host) as tls:
                return ssl.DER_cert_to_PEM_cert(tls.getpeercert(True)).encode()


class Log(AttackCase):
    # I11: whatever a field holds, a request is one short line of JSON without control characters
    def test_i11_log_lines(self):
        issuer = self.issuer
        nasty = ("a\nb", "a\r\nb", '","event":"forged","x":"', "\x1b[31mred\x1b[0m", "a\0b", "\u202eevil", "\x7f\x9b",
                 "\u2028", '{"event":"forged"}\n{"event":"forged"}', "\\n", "\ud7ff\uffff", "a" * 5000)
        begin, sent = issuer.log_size(), 0
        for value in nasty:
            browser = issuer.browser()
            base = request_of(issuer.cA, new_verifier(issuer))
            for name in ("client_id", "redirect_uri", "scope", "state", "response_type", "login_hint", "ui_locales"):
                browser.get(authorize_path(base | {name: value}))
                sent += 1
            for name in ("grant_type", "client_id", "scope", "code", "refresh_token", "token", "resource", value):
                browser.post("/token", {"grant_type": "client_credentials", name: value}, flows.basic(issuer.cA))
                browser.post("/introspect", {"token": value, name: value})
                sent += 2
            if value.isascii() and value.isprintable():
                browser.get("/account", [("User-Agent", value), ("X-Request-Id", value), ("Referer", value)])
                browser.get("/nowhere/" + urllib.parse.quote(value))
                sent += 2
            page = browser.get("/account/sign-in")
            flows.fill_sign_in(browser, page, value, "a wrong guess")
            sent += 2
        for path in ("/token", "/introspect", "/authorize", "/logout", "/userinfo"):
            for fields in ([("a" * 20000, "x")] * 2, [("client_id", "a" * 30000)], [("scope", "a " * 15000)],
                           [("grant_type", "a" * 30000)], [("redirect_uri", "a" * 30000)], [("request", "a" * 30000)]):
                browser.post(path, fields, flows.basic(issuer.cA))
                sent += 1
            browser.send("POST", path, [("Content-Type", "a" * 10000), ("User-Agent", "b" * 4000)], b"x")
            sent += 1
        text = issuer.log(begin)
        longest = max(text.splitlines(), key=len)
        self.assertLess(len(longest), 2000, longest[:300])
        self.assertIsNone(re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text))
        events = [json.loads(line) for line in text.splitlines()]
        self.assertEqual(len([event for event in events if event["event"] == "request.finished"]), sent)
        self.assertNotIn("forged", {event["event"] for event in events})


class Caches(AttackCase):
    # I12: what is about a person or an app is stored nowhere, and only what is public may be
    def test_i12_nothing_personal_is_cacheable(self):
        issuer, browser = self.issuer, self.issuer.browser()
        tokens = flows.obtain_tokens(browser, issuer.cA, issuer.u1)
        request = authorize_path(request_of(issuer.cA, new_verifier(issuer), prompt="consent"))
        redirect = browser.get(request)
        answers = [redirect, browser.follow(redirect), browser.get("/account"), browser.get("/account/sign-in"),
                   browser.get("/logout"), browser.get("/link/x"), browser.get(request.replace("consent", "none")),
                   flows.userinfo(browser, tokens["access_token"]), flows.userinfo(browser, "x"),
                   flows.introspect(browser, issuer.cA, tokens["access_token"]), browser.get("/authorize"),
                   flows.refresh(browser, issuer.cA, tokens["refresh_token"]), browser.get("/nowhere"),
                   flows.call(browser, "/revoke", issuer.cA, {"token": "x"}), browser.post("/token", {})]
        for answer in answers:
            self.assertIn("no-store", answer.header("Cache-Control"), answer.body[:200])
        for path in ("/jwks", METADATA[0]):
            self.assertNotIn("set-cookie", {name.lower() for name, _ in browser.get(path).fields})

    # I12: a suffix makes no other page of an address, and headers that no cache keys on change nothing
    def test_i12_suffixes_and_unkeyed_headers(self):
        issuer, browser = self.issuer, self.issuer.browser()
        flows.obtain_code(browser, issuer.cA, issuer.u1)
        for path in ("/account/x.css", "/account.css", "/account;.css", "/authorize;.css", "/authorize/x.js",
                     "/account%2f", "/account/%2e%2e/x.css", "/account/..;/x.css", "/userinfo/x.css", "/token;x",
                     "/account/sign-in/x.png", "/account%3f.css", "/account%00.css", "/account%0a.css", "/ACCOUNT",
                     "//account", "/./account"):
            answer = browser.get(path)
            self.assertEqual(answer.status, 404, path)
            self.assertNotIn("Person", answer.body)
        for path in (*METADATA, "/jwks"):
            plain = browser.get(path)
            for game in ([("X-Forwarded-Host", EVIL)], [("X-Forwarded-Scheme", "nothttps")], [("Accept", "text/html")],
                         [("X-HTTP-Method-Override", "DELETE")], [("Cookie", "x=1")], [("Authorization", "Basic x")],
                         [("Origin", f"https://{EVIL}")], [("Accept-Language", "ar")]):
                self.assertEqual(browser.get(path, game).body, plain.body, game)
