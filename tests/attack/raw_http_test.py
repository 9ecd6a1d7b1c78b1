"""Raw bytes on a socket: smuggling, splitting, folds, halves and drips, at the TLS listener and behind the proxy.
Security corpus I06, I07, J07, FX37."""
import concurrent.futures
import socket
import struct

import flows
from attack_case import AttackCase, proxied_issuer, tls_issuer
from flows import authorize_path, new_verifier, request_of

CHUNKED = "Transfer-Encoding: chunked\r\n"


class RawCase(AttackCase):
    def issuers(self):
        return [tls_issuer(), proxied_issuer()]

    def talk(self, issuer, data, timeout=30):
        """Everything that the server says to the bytes until it closes, or nothing more comes for a second."""
        with issuer.connect() as connection:
            connection.settimeout(timeout)
            try:
                connection.sendall(data)
            except OSError:
                pass  # refused before all of it was read
            return self.drain(connection)

    @staticmethod
    def drain(connection, quiet=1.0):
        said = b""
        while True:
            connection.settimeout(quiet if b"\r\n\r\n" in said else 30)
            try:
                piece = connection.recv(65536)
            except (TimeoutError, OSError):
                return said
            if not piece:
                return said
            said += piece

    @staticmethod
    def statuses(said):
        """The statuses of the answers in a stream, which is cut by their lengths."""
        found = []
        while said:
            head, _, rest = said.partition(b"\r\n\r\n")
            lines = head.split(b"\r\n")
            found.append(int(lines[0].split()[1]))
            fields = dict(line.lower().split(b": ", 1) for line in lines[1:])
            length = int(fields.get(b"content-length", b"0")) if found[-1] not in (204, 304) else 0
            said = rest[length:]
        return found

    def head(self, issuer, lines="", method="GET", target="/jwks"):
        return f"{method} {target} HTTP/1.1\r\nHost: {issuer.host}\r\n{lines}\r\n".encode("latin-1")

    def post(self, issuer, lines, body=b""):
        return self.head(issuer, "Content-Type: application/x-www-form-urlencoded\r\n" + lines, "POST",
                         "/token") + body


class Smuggling(RawCase):
    """One framing, stated once: what two parsers could read in two ways is refused, and nothing behind it is read."""

    def framings(self):
        yield from [(f"Content-Length: {value}\r\n", b"abc") for value in (
            "+3", "-3", "0x3", "3a", "", " 3 3", "3, 3", "3,4", "3;3", "\v3", "99999999999999999999", "1e1", "３")]
        yield from [("Content-Length: 3\r\nContent-Length: 3\r\n", b"abc"), (CHUNKED + "Content-Length: 3\r\n", b"abc"),
                    ("Content-Length: 5\r\nContent-Length: 3\r\n", b"abc"), ("Content-Length: 3\r\n" + CHUNKED, b"abc"),
                    (CHUNKED + CHUNKED, b"0\r\n\r\n"), ("Content-Length : 3\r\n", b"abc"),
                    (" Content-Length: 3\r\n", b"abc"), ("X: y\r\n Content-Length: 3\r\n", b"abc")]
        yield from [(f"Transfer-Encoding: {value}\r\n", b"0\r\n\r\n") for value in (
            "chunked, chunked", "chunked, identity", "identity", "gzip, chunked", "xchunked", "\vchunked", "chunked\v",
            "chunked;q=1", "\"chunked\"", "chunked,", ",chunked", "", "x", "chunked\tx", "\x00chunked")]
        yield from [("Transfer-Encoding : chunked\r\n", b"0\r\n\r\n"), ("Transfer-Encoding\t: chunked\r\n",
                                                                        b"0\r\n\r\n"),
                    ("Transfer-Encoding:\r\n chunked\r\n", b"0\r\n\r\n"), ("X: y\nTransfer-Encoding: chunked\r\n", b""),
                    ("X: y\rTransfer-Encoding: chunked\r\n", b""), ("Transfer-Encoding: chunked\n", b"0\r\n\r\n")]
        yield from [(CHUNKED, body) for body in (
            b"3\nabc\r\n0\r\n\r\n", b"3\rabc\r\n0\r\n\r\n", b"+3\r\nabc\r\n0\r\n\r\n", b"0x3\r\nabc\r\n0\r\n\r\n",
            b"3 \r\nabc\r\n0\r\n\r\n", b" 3\r\nabc\r\n0\r\n\r\n", b"\r\nabc\r\n0\r\n\r\n", b"g\r\n", b"-1\r\n",
            b"100000003\r\nabc\r\n0\r\n\r\n", b"3\r\nabcd\r\n0\r\n\r\n", b"3\r\nabc0\r\n\r\n", b"3\r\nabc\n0\r\n\r\n",
            b"0\r\nHost: evil.test\r\n\r\n", b"0\r\nX: y\r\n\r\n", b"0\n\n", b"0\r\n\n", b"3;\x00\r\nabc\r\n0\r\n\r\n",
            b"3;a=\"\n\"\r\nabc\r\n0\r\n\r\n", b"3;" + b"a" * 5000 + b"\r\nabc\r\n0\r\n\r\n",
            b"ffffffffffffffff\r\n", b"fffffffffffffffff3\r\nabc\r\n0\r\n\r\n")]

    # I06; I07; 7.5: each doubtful framing gets one refusal, and the request hidden behind it no answer
    def test_i06_smuggled_requests(self):
        for issuer in self.issuers():
            hidden = self.head(issuer, target="/account")
            begin = issuer.log_size()
            for lines, body in self.framings():
                lines = lines.replace("３", "\xef\xbc\x93")
                said = self.talk(issuer, self.post(issuer, lines, body + hidden))
                statuses = self.statuses(said)
                with self.subTest(lines=lines, body=body):
                    self.assertEqual(len(statuses), 1, said)
                    self.assertIn(statuses[0], (400, 411, 413, 501))
                    self.assertIn(b"Connection: close", said)
            self.assertEqual([event["endpoint"] for event in issuer.events("request.finished", begin)], [])

    # I06: request lines of other versions, methods and forms
    def test_i06_request_lines(self):
        for issuer in self.issuers():
            host = f"Host: {issuer.host}\r\n\r\n"
            for line, expected in (
                    ("GET /jwks HTTP/1.0\r\n", 505), ("GET /jwks\r\n", 400), ("GET  /jwks HTTP/1.1\r\n", 400),
                    ("GET /jwks HTTP/1.1 x\r\n", 400), ("GET\t/jwks HTTP/1.1\r\n", 400), ("GET /jw ks HTTP/1.1\r\n",
                                                                                          400),
                    ("GET /jwks http/1.1\r\n", 400), ("GET /jwks HTTP/2.0\r\n", 505), ("PRI * HTTP/2.0\r\n", 505),
                    ("TRACE /jwks HTTP/1.1\r\n", 501), ("CONNECT evil.test:443 HTTP/1.1\r\n", 501),
                    ("OPTIONS * HTTP/1.1\r\n", 400), ("GET jwks HTTP/1.1\r\n", 400), ("GET /jwks#x HTTP/1.1\r\n", 400),
                    ("GE(T /jwks HTTP/1.1\r\n", 400), (" GET /jwks HTTP/1.1\r\n", 400),
                ("\r\n\r\nGET /jwks HTTP/1.1\r\n", 400),
                    ("GET /jwks\0 HTTP/1.1\r\n", 400), ("GET /jw\xe4ks HTTP/1.1\r\n", 400),
                ("G" * 40 + " / HTTP/1.1\r\n", 400),
                    ("GET /jwks HTTP/1.1\n", 400), ("GET /jwks HTTP/1.1\r", 400), ("GET /jwks HTTP/1.1\r\r\n", 400)):
                said = self.talk(issuer, (line + host).encode("latin-1"))
                self.assertEqual(self.statuses(said), [expected], (line, said))


class Splitting(RawCase):
    # I06; I07: CR, LF, NUL and folds in any header that we read end in 400
    def test_i06_i07_control_characters_in_headers(self):
        names = ("Host", "Cookie", "Authorization", "Origin", "X-Forwarded-For", "User-Agent", "Accept-Language",
                 "Content-Type", "X-Anything", "Referer", "Forwarded", "Expect", "Connection")
        for issuer in self.issuers():
            for name in names:
                for value in ("a\rb", "a\nb", "a\0b", "a\r\n b", "a\r\n\tb", "a\x0bb", "a\x1fb", "a\x7fb", "\na",
                              "\ra"):
                    request = f"GET /jwks HTTP/1.1\r\n{name}: {value}\r\n"
                    request += "" if name == "Host" else f"Host: {issuer.host}\r\n"
                    said = self.talk(issuer, (request + "\r\n").encode("latin-1"))
                    self.assertEqual(self.statuses(said), [400], (name, value, said))
            for field in ("A B: c", "A: b\r\nC", ": x", "A\0: x", "A\x0b: x", "(A): x", "A : x", "\xe4: x", "A\x7f: b"):
                said = self.talk(issuer, self.head(issuer, field + "\r\n"))
                self.assertEqual(self.statuses(said), [400], (field, said))

    # I06; X28: encoded line breaks in parameters add no header to an answer
    def test_i06_encoded_line_breaks(self):
        issuer = self.issuer
        browser = issuer.browser()
        flows.obtain_code(browser, issuer.cA, issuer.u1)
        for value in ("a\r\nX-Evil: 1", "a\nX-Evil: 1", "a\rX-Evil: 1", "\r\n\r\n<html>", "a\u560a\u560dX-Evil: 1",
                      "a\0b", "a\u2028X-Evil: 1", "a%0d%0aX-Evil: 1", "a\x0b\x0cX-Evil: 1"):
            for name in ("state", "nonce", "login_hint", "scope", "client_id", "redirect_uri", "ui_locales"):
                for mode in ("query", "fragment", "form_post"):
                    request = request_of(issuer.cA, new_verifier(issuer), prompt="none", response_mode=mode)
                    self.assert_clean(browser.get(authorize_path(request | {name: value})))
            self.assert_clean(browser.get("/logout?state=" + flows.urllib.parse.quote(value)))
            self.assert_clean(browser.post("/token", {"grant_type": value, "client_id": value}))

    def assert_clean(self, answer):
        for name, value in answer.fields:
            self.assertNotEqual(name.lower(), "x-evil")
            self.assertNotRegex(value, r"[\r\n\0]")
        self.assertLessEqual({name.lower() for name, _ in answer.fields}, {
            "date", "content-length", "content-type", "cache-control", "location", "set-cookie", "x-request-id",
            "pragma",
            "referrer-policy", "content-security-policy", "x-content-type-options", "strict-transport-security",
            "connection", "vary", "www-authenticate", "x-frame-options", "content-language", "retry-after",
            "cross-origin-opener-policy", "cross-origin-resource-policy", "permissions-policy", "allow",
            "access-control-allow-origin", "access-control-expose-headers", "cross-origin-embedder-policy"})


class Connections(RawCase):
    """FX37: what clients do to connections; in the end every descriptor is given back."""

    def assert_given_back(self, issuer, before):
        """Waits, by asking, until as few descriptors are open as before; the linger of a connection is two seconds."""
        for _ in range(20000):
            if issuer.open_files() <= before + 2:
                return
            issuer.manage("/livez")
        self.fail(f"{issuer.open_files()} descriptors open, {before} before")

    def healthy(self, issuer):
        self.assertEqual(self.statuses(self.talk(issuer, self.head(issuer, "Connection: close\r\n"))), [200])

    # FX37; 7.5: a request in pieces of one byte is the same request
    def test_fx37_one_byte_segments(self):
        for issuer in self.issuers():
            body = b"grant_type=client_credentials&scope=notes.read"
            auth = "".join(f"{name}: {value}\r\n" for name, value in flows.basic(issuer.cA))
            whole = self.post(issuer, f"{auth}Content-Length: {len(body)}\r\nConnection: close\r\n", body)
            chunks = b"".join(b"1\r\n" + bytes([byte]) + b"\r\n" for byte in body) + b"0\r\n\r\n"
            chunked = self.post(issuer, f"{auth}{CHUNKED}Connection: close\r\n", chunks)
            for request in (whole, chunked):
                with issuer.connect() as connection:
                    if issuer.tls is None:
                        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    for at in range(len(request)):
                        connection.sendall(request[at:at + 1])
                    said = self.drain(connection)
                self.assertEqual(self.statuses(said), [200], said)
                issuer.register.add("access_token", said.partition(b'"access_token":"')[2].split(b'"')[0].decode())

    # FX37: a hundred requests in one write have a hundred answers in their order
    def test_fx37_pipelining(self):
        for issuer in self.issuers():
            targets = ["/jwks", "/nowhere", "/.well-known/openid-configuration", "/token"]
            expected = [200, 404, 200, 405]
            data = b"".join(self.head(issuer, target=target) for target in targets * 25)
            said = self.talk(issuer, data + self.head(issuer, "Connection: close\r\n"))
            self.assertEqual(self.statuses(said), expected * 25 + [200])
            # A malformed one ends the row; what stands behind it is not read.
            broken = self.head(issuer) + b"BROKEN\r\n\r\n" + self.head(issuer)
            self.assertEqual(self.statuses(self.talk(issuer, broken)), [200, 400])

    # FX37: early close, half-open, reset, in each stage of a request, a few hundred times
    def test_fx37_early_ends(self):
        for issuer in self.issuers():
            self.healthy(issuer)
            before = issuer.open_files()
            pieces = (b"", b"G", b"GET /jwks HTTP/1.1\r\n", self.head(issuer)[:-2], self.head(issuer),
                      self.post(issuer, "Content-Length: 50\r\n", b"grant"), self.post(issuer, CHUNKED, b"5\r\nab"))
            for piece in pieces * 15:
                for end in (self.close, self.reset, self.half_close):
                    end(issuer, piece)
            self.healthy(issuer)
            self.assert_given_back(issuer, before)

    @staticmethod
    def close(issuer, piece):
        with issuer.connect() as connection:
            connection.sendall(piece)

    @staticmethod
    def reset(issuer, piece):
        connection = issuer.connect()
        connection.sendall(piece)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    def half_close(self, issuer, piece):
        connection = issuer.connect()
        connection.sendall(piece)
        if issuer.tls is None:
            connection.shutdown(socket.SHUT_WR)
            said = self.drain(connection, 0.3)
            complete = piece.endswith(b"\r\n\r\n")
            self.assertEqual(self.statuses(said), [200] if complete else self.statuses(said))
        connection.close()

    # FX37: TLS that begins badly, stops in the middle or is none
    def test_fx37_bad_handshakes(self):
        issuer = tls_issuer()
        before = issuer.open_files()
        hello = bytes.fromhex("1603010200010001fc0303")
        for data in (b"", b"\x16", hello, hello + b"\0" * 500, b"\x16\x03\x01\xff\xff" + b"A" * 3000,
                     b"\x80\x2e\x01\0\x02",
                     b"\x15\x03\x01\0\x02\x02\x28", b"SSH-2.0-x\r\n", b"\0" * 2000, b"\xff" * 2000, b"HELO x\r\n"):
            for _ in range(5):
                with socket.create_connection(("127.0.0.1", issuer.port), timeout=30) as plain:
                    plain.sendall(data)
        self.healthy(issuer)
        self.assert_given_back(issuer, before)

    # FX37; J10: hundreds of connections at once are served or told to wait, and all are given back
    def test_fx37_many_connections(self):
        for issuer in self.issuers():
            before = issuer.open_files()
            held = []
            with concurrent.futures.ThreadPoolExecutor(16) as pool:
                held = list(pool.map(lambda _: issuer.connect(), range(300)))
            self.healthy(issuer)
            for connection in held[::2]:
                connection.sendall(self.head(issuer))
            for connection in held[::2]:
                self.assertTrue(connection.recv(16).startswith(b"HTTP/1.1 200"))
            for connection in held:
                connection.close()
            self.healthy(issuer)
            self.assert_given_back(issuer, before)

    # J07: crafted cookies, queries of separators only, huge numbers of chunks
    def test_j07_crafted_cookies_and_chunks(self):
        issuer = self.issuer
        for cookie in (";", "=", "=;=", "; ; ;", "a", "a=", "=a", "a=b;a=b;a=b", "a==", ";" * 4000, "a=" + "b" * 8000,
                       "\"", "a=\"b", "a=b,c=d", "$Version=1; a=b", "a=%00", "\xff=\xff", "a=b" + "; x=y" * 900,
                       "__Host-cardea-session-x=" + "." * 4000, "é=1"):
            head = self.head(issuer, target="/account")[:-2]
            said = self.talk(issuer, head + f"Cookie: {cookie}\r\nConnection: close\r\n\r\n".encode())
            self.assertIn(self.statuses(said)[0], (303, 400), cookie)
        browser = issuer.browser()
        for query in ("&", "&&&&", "=", "==&=", "?", "%", "%%", "%0", "a=%zz", "&=&", "a&b&c", ";", "+", "%00",
                      "a" * 9000):
            for path in ("/authorize", "/logout", "/account", "/jwks", "/token", "/userinfo", "/link/x"):
                self.assertLess(browser.get(f"{path}?{query}").status, 500)
        one_by_one = b"".join(b"1;x=y\r\na\r\n" for _ in range(30000)) + b"0\r\n\r\n"
        for body in (one_by_one, b"0000000000000001\r\na\r\n" * 2000, b"1\r\na\r\n" * 70000 + b"0\r\n\r\n"):
            statuses = self.statuses(self.talk(issuer, self.post(issuer, CHUNKED + "Connection: close\r\n", body)))
            self.assertIn(statuses[0], (400, 401, 413), len(body))
