"""The program behind a reverse proxy: servers on ports of their own, and nginx or Caddy before them, with the
configurations of `packaging/`.

Proxies are Debian's, unpacked and not installed, and run in the foreground in a temporary folder.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from . import tools
from .scenario import CLOCK, FOLDER, PROGRAM

PACKAGING = Path(__file__).resolve().parent.parent.parent / "packaging"
HOST = "127.0.0.1"
# The name in the configurations, and what stands there for a server.
NAME = "calendar.example.org"
SERVER = "127.0.0.1:8008"
CERTIFICATE = "/etc/ssl/roomdav/fullchain.pem"
KEY = "/etc/ssl/roomdav/privkey.pem"
PATIENCE = 60


def free_port():
    """A port that nobody has; whoever it is for takes it a moment later."""
    with socket.create_server((HOST, 0)) as probe:
        return probe.getsockname()[1]


def certificate():
    """A certificate for the name, which signs itself, and its key."""
    chain, key = FOLDER / "fullchain.pem", FOLDER / "privkey.pem"
    if not chain.exists():
        tools.command("openssl", "openssl")
        new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        new += ["-days", "2", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
        subprocess.run([*new, "-keyout", key, "-out", chain], check=True, capture_output=True)
    return chain, key


class Server:
    """One `serve` behind the proxy."""

    def __init__(self, public_url, database):
        self.port = free_port()
        self._log = FOLDER / f"server-{self.port}.log"
        self._environment = {
            **os.environ,
            "ROOMDAV_SERVER_LISTEN": f"{HOST}:{self.port}",
            "ROOMDAV_SERVER_PUBLIC_URL": public_url,
            "ROOMDAV_SERVER_BEHIND_PROXY": HOST,
            "ROOMDAV_DATABASE_URL": database,
        }
        self._running = None

    @property
    def address(self):
        """Where the proxy reaches it."""
        return f"{HOST}:{self.port}"

    def command(self, *arguments, stdin=""):
        """A command beside it."""
        subprocess.run([*PROGRAM, *arguments], env=self._environment, input=stdin, text=True, check=True, timeout=60)

    def start(self):
        """Starts it, and waits until it accepts connections."""
        with self._log.open("a") as log:
            serve = [*PROGRAM, "serve", "--test-clock", str(CLOCK)]
            self._running = subprocess.Popen(
                serve, env=self._environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self._running.stdout.readline(), f"it did not start: {self._log.read_text()[-2000:]}"

    def stop(self):
        """Ends it as an operator would; the exit code."""
        running, self._running = self._running, None
        if running is None:
            return 0
        running.send_signal(signal.SIGTERM)
        return running.wait(30)

    def lines(self):
        """The lines of its log."""
        return [json.loads(line) for line in self._log.read_text().splitlines() if line.startswith("{")]


class Proxy:
    """nginx or Caddy before some servers. A context manager."""

    def __init__(self, kind, port, servers):
        self._kind, self._port, self._servers = kind, port, [server.address for server in servers]
        self._folder = FOLDER / kind
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()

    def __enter__(self):
        command = self._nginx() if self._kind == "nginx" else self._caddy()
        home = {"HOME": str(self._folder), "XDG_DATA_HOME": str(self._folder), "XDG_CONFIG_HOME": str(self._folder)}
        with (self._folder / "log").open("w") as log:
            self._running = subprocess.Popen(
                command, env={**os.environ, **home}, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        until = time.monotonic() + PATIENCE
        while True:
            assert self._running.poll() is None, f"it ended: {self.log()}"
            with contextlib.suppress(OSError), socket.create_connection((HOST, self._port), 1):
                return self
            assert time.monotonic() < until, f"it does not listen: {self.log()}"
            time.sleep(0.05)

    def __exit__(self, *_):
        self._running.terminate()
        try:
            self._running.wait(20)
        except subprocess.TimeoutExpired:
            self._running.kill()
            self._running.wait()

    def log(self):
        """What it said."""
        return (self._folder / "log").read_text()[-4000:]

    def _nginx(self):
        program = tools.unpacked("nginx", "usr/sbin/nginx")
        chain, key = certificate()
        site = replaced(
            (PACKAGING / "nginx.conf").read_text(),
            {
                f"    server {SERVER} max_fails=0;\n": "".join(f"    server {it} max_fails=0;\n" for it in self._servers),
                "listen 80;": f"listen {HOST}:{free_port()};",
                "listen 443 ssl;": f"listen {HOST}:{self._port} ssl;",
                CERTIFICATE: str(chain),
                KEY: str(key),
            },
        )
        (self._folder / "site.conf").write_text(site)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        folders = "".join(f"    {kind}_temp_path {self._folder}/{kind};\n" for kind in kinds)
        user = "user root;\n" if os.geteuid() == 0 else ""
        (self._folder / "nginx.conf").write_text(
            f"daemon off;\n{user}pid {self._folder}/pid;\nerror_log stderr;\nworker_processes 1;\n"
            f"events {{}}\nhttp {{\n    access_log off;\n{folders}    include {self._folder}/site.conf;\n}}\n"
        )
        return [program, "-c", self._folder / "nginx.conf", "-p", self._folder, "-e", "stderr"]

    def _caddy(self):
        program = tools.unpacked("caddy", "usr/bin/caddy")
        chain, key = certificate()
        site = replaced(
            (PACKAGING / "Caddyfile").read_text(),
            {
                f"{NAME} {{": f"{NAME}:{self._port} {{",
                f"# tls {CERTIFICATE} {KEY}": f"tls {chain} {key}",
                f"reverse_proxy {SERVER} {{": f"reverse_proxy {' '.join(self._servers)} {{",
            },
        )
        own = f"{{\n\tadmin off\n\tauto_https disable_redirects\n\tdefault_bind {HOST}\n}}\n"
        (self._folder / "Caddyfile").write_text(own + site)
        return [program, "run", "--config", self._folder / "Caddyfile", "--adapter", "caddyfile"]


def replaced(text, changes):
    """The configuration as it stands, with what a machine has of its own; each of these is there once."""
    comments, rest = re.match(r"((?:#[^\n]*\n)*)(.*)", text, re.DOTALL).groups()
    for old, new in changes.items():
        assert rest.count(old) == 1, f"{old!r} is there {rest.count(old)} times"
        rest = rest.replace(old, new)
    return comments + rest
