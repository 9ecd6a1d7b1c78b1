"""An HTTP/2 client that sends whatever a test wants, frame by frame; heads are written plainly (RFC 7541 6.2.2). Of
answers it reads the frames alone."""
import ssl

DATA, HEADERS, PRIORITY, RESET, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS = 1, 1, 4
CANCEL, ENHANCE_YOUR_CALM = 8, 11
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def hpack_text(text):
    text, size = text.encode("latin-1"), len(text)
    if size < 127:
        return bytes([size]) + text
    out, size = bytes([127]), size - 127
    while size >= 128:
        out, size = out + bytes([size % 128 + 128]), size // 128
    return out + bytes([size]) + text


def hpack(fields):
    return b"".join(b"\0" + hpack_text(name) + hpack_text(value) for name, value in fields)


class Http2Connection:
    """Says the preface and SETTINGS, then what it is told to. settings: pairs of number and value."""

    def __init__(self, issuer, settings=(), source=None):
        self.host = issuer.host
        context = ssl.create_default_context(cafile=issuer.certificate[0])
        context.set_alpn_protocols(["h2"])
        mutual, issuer.tls = issuer.tls, context
        try:
            self.socket = issuer.connect(source)
        finally:
            issuer.tls = mutual
        self.unread = b""
        self.stream = -1
        entries = b"".join(number.to_bytes(2, "big") + value.to_bytes(4, "big") for number, value in settings)
        self.send(PREFACE + frame(SETTINGS, 0, 0, entries))

    def close(self):
        self.socket.close()

    def send(self, data):
        """False when the server has gone."""
        try:
            self.socket.sendall(data)
            return True
        except OSError:
            return False

    def head(self, target="/jwks", method="GET", more=()):
        return hpack([(":method", method), (":scheme", "https"), (":authority", self.host), (":path", target), *more])

    def next_stream(self):
        self.stream += 2
        return self.stream

    def request(self, target="/jwks", more=()):
        """The frame of a request that is whole."""
        return frame(HEADERS, END_HEADERS | END_STREAM, self.next_stream(), self.head(target, more=more))

    def read_frame(self):
        """(kind, flags, stream, payload), or None when the connection has ended."""
        try:
            while len(self.unread) < 9 or len(self.unread) < 9 + int.from_bytes(self.unread[:3], "big"):
                piece = self.socket.recv(65536)
                if not piece:
                    return None
                self.unread += piece
        except OSError:
            return None
        size = int.from_bytes(self.unread[:3], "big")
        kind, flags, stream = self.unread[3], self.unread[4], int.from_bytes(self.unread[5:9], "big")
        payload, self.unread = self.unread[9:9 + size], self.unread[9 + size:]
        return kind, flags, stream, payload

    def end_code(self):
        """The code of the last GOAWAY before the connection ended."""
        code = None
        while True:
            got = self.read_frame()
            if got is None:
                return code
            if got[0] == GOAWAY:
                code = int.from_bytes(got[3][4:8], "big")
