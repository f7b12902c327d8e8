"""One server with its database, its people and rooms, and the proxy before it; thrown away afterwards.

Each client gets a world of its own, so no order among clients matters. The server's clock stands at
`NOW`: dates in the tests never grow old.
"""

import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import uuid
from pathlib import Path

from . import transcript
from .broken import Broken
from .proxy import HOST, Proxy

# A Monday; the tests book in the weeks after it.
NOW = "2027-03-01T07:00:00Z"
START_SECONDS = 60
STOP_SECONDS = 20

PEOPLE = {
    "alice": {"name": "Alice Adams", "email": "alice@example.org"},
    "bob": {"name": "Bob Brown", "email": "bob@example.org"},
    "maria": {"name": "Maria Meyer", "email": "maria@example.org"},
}
ROOMS = {
    "aurora": {"name": "Aurora", "zone": "Europe/Vienna"},
    # Everyone sees the titles of everyone's events here.
    "borealis": {"name": "Borealis", "zone": "Europe/Vienna", "set": ["viewer=details"]},
    "hudson": {"name": "Hudson", "zone": "America/New_York"},
}


class World:
    """A context manager: a running server inside, nothing of it left outside."""

    def __init__(self, binary, database):
        self._binary, self._database = binary, database
        self._server = None
        self._dropped = []

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="caldav-tests."))
        self.proxy = Proxy()
        try:
            self._configure()
            self._furnish()
            self._serve()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def command(self, *arguments, stdin=None):
        """Runs a command of the program beside the server; what it printed."""
        ended = subprocess.run(
            [self._binary, "--config", self._config, *arguments],
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            cwd=self.folder,
            timeout=START_SECONDS,
        )
        if ended.returncode:
            said = f"{ended.stderr}{ended.stdout}".strip()
            raise Broken(f"roomdav {' '.join(arguments)} ended with {ended.returncode}: {said}")
        return ended.stdout

    def context(self, folder):
        """What a client program may know. It has to find everything else from the address; those that look at
        mails are told where a mail server is expected, and may move the clock; those that speak SQL are told
        where the database is."""
        return {
            "address": self.proxy.address,
            "people": {login: {**person, "password": self._passwords[login]} for login, person in PEOPLE.items()},
            "rooms": {slug: {"name": room["name"], "zone": room["zone"]} for slug, room in ROOMS.items()},
            "folder": str(folder),
            "mail_port": self._mail_port,
            "clock": str(self._clock),
            "database": self._url,
            "command": [str(self._binary), "--config", str(self._config)],
        }

    @property
    def port(self):
        """The server's own, past the proxy."""
        return self._port

    def password(self, login):
        """The password of one of the people."""
        return self._passwords[login]

    def transcript(self):
        """All requests and answers so far, as a list of texts."""
        connections = self.proxy.connections()
        try:
            return transcript.render(connections)
        except (ValueError, IndexError) as error:
            raw = [bytes(c.sent + b"\n---\n" + c.received).decode("utf-8", "replace") for c in connections]
            return [f"(not readable as HTTP: {error})\n", *raw]

    def log(self):
        """The last lines that the server wrote."""
        file = self.folder / "server.log"
        lines = file.read_text(errors="replace").splitlines() if file.exists() else []
        return "\n".join(lines[-60:])

    def stop(self):
        """Ends the server as an operator would, and finds fault with any other end than a clean one."""
        server, self._server = self._server, None
        if server is None:
            return
        early = server.poll()
        if early is not None:
            raise Broken(f"the server had ended by itself with {early}")
        server.send_signal(signal.SIGTERM)
        try:
            code = server.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
            raise Broken(f"the server did not stop within {STOP_SECONDS} s") from None
        if code:
            raise Broken(f"the server stopped with {code}")

    def close(self):
        """Ends and removes whatever is left."""
        if self._server is not None and self._server.poll() is None:
            self._server.kill()
            self._server.wait()
        self.proxy.close()
        self._database.remove(self._dropped)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _configure(self):
        self._clock = self.folder / "now"
        self._clock.write_text(NOW + "\n")
        self._config = self.folder / "config.toml"
        self._url, name = self._database.create(self.folder)
        self._dropped.append(name)
        # Nobody is there unless a scenario is: then messages wait.
        self._mail_port = _free_port()
        self._listen(_free_port())

    def _listen(self, port):
        self._port = port
        self._config.write_text(
            f'[server]\nlisten = "{HOST}:{port}"\npublic_url = "{self.proxy.address}"\n\n'
            f'[database]\nurl = "{self._url}"\n\n'
            f'[mail]\nserver = "{HOST}"\nport = {self._mail_port}\nsecurity = "none"\n'
            'from = "Rooms <rooms@example.org>"\n'
        )

    def _furnish(self):
        self._passwords = {login: uuid.uuid4().hex for login in PEOPLE}
        for login, person in PEOPLE.items():
            add = ["user", "add", login, "--email", person["email"], "--name", person["name"], "--password-stdin"]
            self.command(*add, stdin=self._passwords[login] + "\n")
        for slug, room in ROOMS.items():
            self.command("room", "add", slug, "--name", room["name"], "--zone", room["zone"])
            if "set" in room:
                self.command("room", "set", slug, *room["set"])
            self.command("room", "grant", slug, "maria", "manage")

    def _serve(self):
        # Somebody may take the port before the server does; then another one is tried.
        for _ in range(3):
            if self._started():
                self.proxy.forward_to(self._port)
                return
            self._listen(_free_port())
        raise Broken(f"the server did not start:\n{self.log()}")

    def _started(self):
        with (self.folder / "server.log").open("w") as log:
            self._server = subprocess.Popen(
                [self._binary, "--config", self._config, "serve", "--test-clock", self._clock],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=self.folder,
            )
        # It says where it is when it accepts connections; nothing else has to be waited for.
        timer = threading.Timer(START_SECONDS, self._server.kill)
        timer.start()
        line = self._server.stdout.readline()
        timer.cancel()
        if not line:
            self._server.wait()
            return False
        # Whatever else it prints may not fill the pipe.
        threading.Thread(target=self._server.stdout.read, daemon=True).start()
        return True


def _free_port():
    """A port that nobody has; the server takes it a moment later."""
    with socket.create_server((HOST, 0)) as probe:
        return probe.getsockname()[1]
