"""Empty databases for one world each, of both kinds that the program knows.

Both classes have the same methods; a world neither asks nor knows which one it has.
"""

import os
import shutil
import subprocess
import uuid
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from .broken import Broken


class Sqlite:
    """A file in the world's folder."""

    name = "sqlite"

    def create(self, folder):
        """The address of a new database, and the name by which it is removed."""
        return f"sqlite://{folder}/roomdav.sqlite", None

    def remove(self, names):
        """The file goes with its folder."""


class Postgres:
    """A database of its own on the server that `TEST_POSTGRES_URL` names."""

    name = "postgres"

    def __init__(self):
        self._url = os.environ["TEST_POSTGRES_URL"]
        self._psql = psql()

    def create(self, folder):
        """See `Sqlite.create`."""
        name = "caldav_" + uuid.uuid4().hex
        self._say(f'CREATE DATABASE "{name}"')
        return urlunsplit(urlsplit(self._url)._replace(path="/" + name)), name

    def remove(self, names):
        """Drops the databases, whoever is still connected to them."""
        for name in names:
            self._say(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _say(self, statement):
        said = subprocess.run(
            [self._psql, "--no-psqlrc", "--quiet", "-v", "ON_ERROR_STOP=1", "-d", self._url, "-c", statement],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if said.returncode:
            raise Broken(f"{statement}: {said.stderr.strip()}")


def psql():
    """Where PostgreSQL's own client is."""
    return shutil.which("psql") or _newest("/usr/lib/postgresql/*/bin/psql")


def _newest(pattern):
    found = sorted(Path("/").glob(pattern.lstrip("/")), key=lambda path: int(path.parts[-3]))
    if not found:
        raise Broken("no psql beside the PostgreSQL server")
    return str(found[-1])


DATABASES = {database.name: database for database in (Sqlite, Postgres)}
