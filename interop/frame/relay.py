"""HTTPS on a loopback port of the run, relayed to a server behind it. Base of the gate (before the issuer) and of the
front (before each client's app, which therefore needs no TLS of its own)."""
import errno
import http.client
import http.server
import socket
import socketserver
import threading

HOP_BY_HOP = {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
              "content-length"}
TIMEOUT_SECONDS = 60
PORTS_TRIED_MAX = 20


class Reply:
    """A whole answer: status, reason, headers as pairs, body."""

    def __init__(self, status, reason, headers, body):
        self.status, self.reason, self.headers, self.body = status, reason, headers, body

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name), "")


def forward(connection, method, target, headers, body):
    """Sends one request over `connection` with its headers as they came; gives the Reply."""
    connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
    for name, value in headers:
        if name.lower() not in HOP_BY_HOP:
            connection.putheader(name, value)
    if body or method in ("POST", "PUT", "PATCH"):
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body or None)
    answer = connection.getresponse()
    return Reply(answer.status, answer.reason, answer.getheaders(), answer.read())


def splice(near, port):
    """Bytes between a connection and a loopback port, untouched, until both ends are done."""
    far = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_SECONDS)
    near.settimeout(TIMEOUT_SECONDS)
    back = threading.Thread(target=pump, args=(far, near), daemon=True)
    back.start()
    pump(near, far)
    back.join()
    far.close()


def pump(source, target):
    """Bytes from one socket to the other until the first ends."""
    try:
        while chunk := source.recv(65536):
            target.sendall(chunk)
    except OSError:
        pass
    for end, how in ((target, socket.SHUT_WR), (source, socket.SHUT_RD)):
        try:
            end.shutdown(how)
        except OSError:
            pass


class Handler(http.server.BaseHTTPRequestHandler):
    """Reads one request after the other and hands each to the relay."""
    protocol_version = "HTTP/1.1"
    timeout = TIMEOUT_SECONDS

    def setup(self):
        self.request.settimeout(TIMEOUT_SECONDS)
        self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def relay(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if "chunked" in (self.headers.get("Transfer-Encoding") or "").lower():
            body = self.read_chunks()
        try:
            reply = self.server.answer(self.command, self.path, list(self.headers.items()), body)
        except (OSError, http.client.HTTPException) as error:
            reply = Reply(502, "Bad Gateway", [("Content-Type", "text/plain")], f"relay: {error}".encode())
        self.send_response_only(reply.status, reply.reason)
        for name, value in reply.headers:
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        if reply.status not in (204, 304):
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD" and reply.status not in (204, 304):
            self.wfile.write(reply.body)

    do_GET = do_POST = do_HEAD = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = relay

    def read_chunks(self):
        body = b""
        while True:
            size = int(self.rfile.readline().split(b";")[0], 16)
            body += self.rfile.read(size)
            self.rfile.readline()
            if size == 0:
                return body

    def log_message(self, *_):
        """Nothing: the verdicts say what happened."""


class Relay(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Listens on a port that is free on 127.0.0.1 and on ::1. `answer` gives the reply to each request."""
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, tls):
        self.tls, self.second = tls, None
        super().__init__(("127.0.0.1", 0), Handler, bind_and_activate=False)
        self.listen_on_both()
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()
        if self.second is not None:
            threading.Thread(target=self.accept_ipv6, daemon=True).start()

    def listen_on_both(self):
        """One port of both families, since "localhost" may mean either; a machine without IPv6 has one. Where another
        program has the port on ::1, browsers would come to that: then another port is tried."""
        for _ in range(PORTS_TRIED_MAX):
            self.server_bind()
            try:
                self.second = socket.create_server(("::1", self.server_address[1]), family=socket.AF_INET6, backlog=64)
            except OSError as refusal:
                if refusal.errno == errno.EADDRINUSE:
                    self.socket.close()
                    self.socket = socket.socket(self.address_family, self.socket_type)
                    self.server_address = ("127.0.0.1", 0)
                    continue
            self.server_activate()
            return
        raise RuntimeError("no port is free on both loopback families")

    def accept_ipv6(self):
        while True:
            try:
                request, address = self.second.accept()
            except OSError:
                return
            self.process_request(request, address)

    def answer(self, method, target, headers, body):
        raise NotImplementedError

    def handle_error(self, request, client_address):
        """A client that hangs up, or refuses our certificate, is its own verdict."""

    def close(self):
        self.shutdown()
        self.server_close()
        if self.second is not None:
            self.second.close()


class Front(Relay):
    """HTTPS before an app that speaks plain HTTP on `inner_port`, as a reverse proxy in production would. An app that
    speaks TLS itself gets the bytes as they are."""

    def __init__(self, tls, app_speaks_tls):
        self.inner_port, self.app_speaks_tls = None, app_speaks_tls
        super().__init__(tls)

    @property
    def loopback(self):
        """The app's origin for programs, which do not resolve the name that people use."""
        return f"https://localhost:{self.port}"

    def finish_request(self, request, client_address):
        if self.app_speaks_tls:
            splice(request, self.inner_port)
        else:
            super().finish_request(request, client_address)

    def answer(self, method, target, headers, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.inner_port, timeout=TIMEOUT_SECONDS)
        host = next((value for name, value in headers if name.lower() == "host"), "")
        headers = [pair for pair in headers if not pair[0].lower().startswith("x-forwarded-")]
        headers += [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", host), ("X-Forwarded-For", "127.0.0.1"),
                    ("Connection", "close")]
        try:
            return forward(connection, method, target, headers, body)
        finally:
            connection.close()
