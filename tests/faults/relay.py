"""A TCP relay between a node and a database, which can be cut without touching the machine's network: bytes vanish and
nobody is told, as behind a switch that lost power."""
import socket
import threading


class Relay:
    """From an address to another, until close(). While it swallows, connections are made and say nothing."""

    def __init__(self, address, target, port):
        self.target = (target, port)
        self.flows = threading.Event()
        self.flows.set()
        self.closed = False
        self.listener = socket.create_server((address, port))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=[near], daemon=True).start()

    def serve(self, near):
        self.flows.wait()
        try:
            far = socket.create_connection(self.target, timeout=5)
        except OSError:
            near.close()
            return
        far.settimeout(None)
        for source, sink in ((near, far), (far, near)):
            threading.Thread(target=self.pass_on, args=[source, sink], daemon=True).start()

    def pass_on(self, source, sink):
        """What came while it swallows is late, not lost: TCP would send it again."""
        try:
            while received := source.recv(65536):
                self.flows.wait()
                if self.closed:
                    break
                sink.sendall(received)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def swallow(self):
        self.flows.clear()

    def flow(self):
        self.flows.set()

    def close(self):
        self.closed = True
        self.listener.close()
        self.flows.set()
