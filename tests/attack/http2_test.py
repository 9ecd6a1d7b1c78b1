"""What made other HTTP/2 servers fall, against `cardea serve`: each attacker is sent away, memory and time stay
bounded, and others are answered meanwhile. RFC 9113 10.5; security corpus 2.J."""
import os

from attack_case import AttackCase
from http2_client import (CANCEL, CONTINUATION, DATA, END_HEADERS, END_STREAM, ENHANCE_YOUR_CALM, HEADERS,
                          Http2Connection, PING, PRIORITY, RESET, SETTINGS, WINDOW, frame, hpack, hpack_text)

# What the server keeps of a connection while it is attacked, and what of all together.
ATTACKERS, GROWTH_KIB_MAX = 30, 40 << 10


class Http2Attacks(AttackCase):
    def connect(self, settings=()):
        connection = Http2Connection(self.issuer, settings)
        self.addCleanup(connection.close)
        return connection

    def busy_seconds(self):
        """Processor time that the server has taken."""
        with open(f"/proc/{self.issuer.process.pid}/stat", encoding="ascii") as stat:
            words = stat.read().rsplit(")", 1)[1].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def assert_sent_away(self, attack, codes=(ENHANCE_YOUR_CALM,), seconds_max=4):
        """Each of many attackers is ended by GOAWAY; memory does not grow, and neither does the time they take."""
        browser = self.issuer.browser()
        attack(self.connect())
        before, begin = self.issuer.resident_kib(), self.busy_seconds()
        for _ in range(ATTACKERS):
            connection = self.connect()
            attack(connection)
            self.assertEqual(browser.get("/jwks").status, 200)
            self.assertIn(connection.end_code(), codes)
            connection.close()
        self.assertLess(self.busy_seconds() - begin, seconds_max)
        self.assertLess(self.issuer.resident_kib() - before, GROWTH_KIB_MAX)
        self.assertGreaterEqual(len(self.issuer.events("http.connection_ended")), ATTACKERS)

    # J13: requests taken back as soon as they are made reach the server's own code in part only
    def test_j13_rapid_reset(self):
        def attack(connection):
            pairs = [connection.request() + frame(RESET, 0, connection.stream, CANCEL.to_bytes(4, "big"))
                     for _ in range(600)]
            connection.send(b"".join(pairs))
        begin = self.issuer.log_size()
        self.assert_sent_away(attack)
        finished = [event for event in self.issuer.events("request.finished", begin) if event["endpoint"] == "jwks"]
        self.assertLess(len(finished), (ATTACKERS + 1) * 250)

    # J13: a head without end is cut off, whatever it is made of
    def test_j13_continuation(self):
        for piece in (b"", hpack([("a", "b")]), hpack([("a", "b" * 16000)])):
            def attack(connection, piece=piece):
                connection.send(frame(HEADERS, END_STREAM, connection.next_stream(), connection.head()))
                connection.send(frame(CONTINUATION, 0, connection.stream, piece) * 15)
            self.assert_sent_away(attack)

    # J13: compressed heads are not written out beyond their limit
    def test_j13_header_bombs(self):
        def bomb(connection):
            entry = b"\x40" + hpack_text("a") + hpack_text("b" * 3900)
            connection.send(frame(HEADERS, END_HEADERS | END_STREAM, connection.next_stream(),
                                  connection.head() + entry))
            connection.send(frame(HEADERS, END_HEADERS | END_STREAM, connection.next_stream(),
                                  connection.head() + b"\xbe" * 16000))
        self.assert_sent_away(bomb)

    # J13: a header list beyond the limit is answered 431, again and again, and the connection goes on
    def test_j13_large_header_lists(self):
        connection, before, begin = self.connect(), self.issuer.resident_kib(), self.issuer.log_size()
        large = [(f"x-{number}", "a" * 130) for number in range(115)]
        for _ in range(300):
            self.assertTrue(connection.send(connection.request(more=large)))
            self.assertTrue(self.is_answered(connection))
        self.assertTrue(connection.send(connection.request()))
        self.assertTrue(self.is_answered(connection))
        self.assertLess(self.issuer.resident_kib() - before, GROWTH_KIB_MAX)
        refused = self.issuer.events("http.request_refused", begin)
        self.assertEqual(sum(event["status"] == 431 for event in refused), 300)

    def is_answered(self, connection):
        while True:
            got = connection.read_frame()
            if got is None:
                return False
            if got[2] == connection.stream and got[1] & END_STREAM:
                return True

    # J13: frames that carry nothing are counted
    def test_j13_empty_frames(self):
        for piece in (frame(SETTINGS, 0, 0), frame(PING, 0, 0, b"12345678"), frame(PRIORITY, 0, 99, bytes(5)),
                      frame(WINDOW, 0, 0, b"\0\0\0\1"), frame(0xfa, 0, 0, b"x")):
            self.assert_sent_away(lambda connection, piece=piece: connection.send(piece * 3000))

        def empty_data(connection):
            connection.send(frame(HEADERS, END_HEADERS, connection.next_stream(), connection.head("/token", "POST")))
            connection.send(frame(DATA, 0, connection.stream) * 3000)
        self.assert_sent_away(empty_data)

    # J13: answers for which no window is opened are kept within bounds, and nobody waits for them
    def test_j13_stalled_windows(self):
        browser = self.issuer.browser()
        before = self.issuer.resident_kib()
        held = [self.connect(settings=[(4, 0)]) for _ in range(ATTACKERS)]
        for connection in held:
            for _ in range(100):
                connection.send(connection.request("/.well-known/openid-configuration"))
        self.assertEqual(browser.get("/jwks").status, 200)
        self.assertLess(self.issuer.resident_kib() - before, GROWTH_KIB_MAX)
        begin = self.busy_seconds()
        for _ in range(50):
            self.assertEqual(browser.get("/jwks").status, 200)
        self.assertLess(self.busy_seconds() - begin, 2)

    # J13: so are bodies that do not end
    def test_j13_unfinished_bodies(self):
        browser = self.issuer.browser()
        before = self.issuer.resident_kib()
        held = [self.connect() for _ in range(ATTACKERS)]
        for connection in held:
            for _ in range(40):
                connection.send(frame(HEADERS, END_HEADERS, connection.next_stream(),
                                      connection.head("/token", "POST")))
                for _ in range(3):
                    connection.send(frame(DATA, 0, connection.stream, b"a" * 16000))
        self.assertEqual(browser.get("/jwks").status, 200)
        self.assertLess(self.issuer.resident_kib() - before, GROWTH_KIB_MAX)
