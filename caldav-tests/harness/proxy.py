"""A proxy on loopback that hands every byte on and keeps a copy of it.

It does not read HTTP: what a client gets is what the server sent, whatever it is. `transcript` makes
readable text of the copies. The server's `public_url` is the proxy's address, so redirects and
hrefs lead through it too.
"""

import socket
import threading
import time
from dataclasses import dataclass, field

HOST = "127.0.0.1"


@dataclass
class Connection:
    """Both directions of one connection, with the time at which each piece passed."""

    sent: bytearray = field(default_factory=bytearray)
    received: bytearray = field(default_factory=bytearray)
    # (offset in `sent` or `received`, time): to put messages of several connections in order.
    sent_at: list = field(default_factory=list)
    received_at: list = field(default_factory=list)


class Proxy:
    """Listens from its construction on; forwards once `forward_to` named the server's port."""

    def __init__(self):
        self._listener = socket.create_server((HOST, 0), backlog=64)
        self._upstream = None
        self._lock = threading.Lock()
        self._connections = []
        self.port = self._listener.getsockname()[1]

    @property
    def address(self):
        """What clients are told: the server's address, without any path."""
        return f"http://{HOST}:{self.port}"

    def forward_to(self, port):
        """Begins to accept connections, each of which gets its own to `port`."""
        self._upstream = port
        threading.Thread(target=self._accept, daemon=True).start()

    def connections(self):
        """A copy of what passed so far."""
        with self._lock:
            return [
                Connection(bytearray(c.sent), bytearray(c.received), list(c.sent_at), list(c.received_at))
                for c in self._connections
            ]

    def close(self):
        """Accepts nothing more. Connections in hand end when either side ends them."""
        # Without it a thread that waits in accept() would hold the socket open.
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client):
        try:
            server = socket.create_connection((HOST, self._upstream), timeout=10)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        record = Connection()
        with self._lock:
            self._connections.append(record)
        back = threading.Thread(
            target=self._pump, args=(server, client, record.received, record.received_at), daemon=True
        )
        back.start()
        self._pump(client, server, record.sent, record.sent_at)
        back.join()
        client.close()
        server.close()

    def _pump(self, source, target, copy, times):
        try:
            while piece := source.recv(65536):
                with self._lock:
                    times.append((len(copy), time.monotonic()))
                    copy.extend(piece)
                target.sendall(piece)
        except OSError:
            pass
        # The other direction may still have something to say.
        try:
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass
