"""A person's folder of event files, kept by vdirsyncer; what `khal` reads and writes too.

Runs inside a scenario: the programs are found by PATH.
"""

import subprocess

from .scenario import ADDRESS, login

SETTINGS = """[general]
status_path = "{folder}/status"

[pair rooms]
a = "local"
b = "remote"
collections = ["from b"]
conflict_resolution = "b wins"

[storage local]
type = "filesystem"
path = "{folder}/calendars"
fileext = ".ics"

[storage remote]
type = "caldav"
url = "{address}/"
username = "{login}"
password = "{password}"
"""


class Files:
    """The folder of one person; only what `synchronise` moves goes in or out."""

    def __init__(self, who, folder):
        self._home = folder / f"files-of-{who}"
        self.calendars = self._home / "calendars"
        self.calendars.mkdir(parents=True)
        user, password = login(who)
        self._settings = self._home / "vdirsyncer"
        self._settings.write_text(
            SETTINGS.format(folder=self._home, address=ADDRESS, login=user, password=password)
        )

    def discover(self):
        """Finds the calendars and agrees to each folder that is to be made."""
        code, said = self._vdirsyncer("discover", agree=True)
        assert code == 0, said

    def synchronise(self):
        """Both sides are the same afterwards."""
        code, said = self._vdirsyncer("sync")
        assert code == 0, said

    def fails(self):
        """Synchronises what cannot all be taken; what the program says of it."""
        code, said = self._vdirsyncer("sync")
        assert code != 0, f"expected an error: {said}"
        return said

    def collections(self):
        """The names of the calendars found."""
        return sorted(folder.name for folder in self.calendars.iterdir())

    def room(self, slug):
        """A room's folder."""
        return self.calendars / f"room-{slug}"

    def file(self, slug, uid):
        """The file of an event that was written here."""
        return self.room(slug) / f"{uid}.ics"

    def write(self, slug, uid, text):
        """As an editor does: the file with this text, new or changed."""
        self.file(slug, uid).write_text(text, newline="")

    def texts(self, calendar, prefix="room-"):
        """The texts of all events of a room, or of another calendar with an empty prefix."""
        return [file.read_text() for file in sorted((self.calendars / f"{prefix}{calendar}").glob("*.ics"))]

    def snapshot(self):
        """All files with their texts."""
        return {file.relative_to(self.calendars): file.read_text() for file in self.calendars.rglob("*.ics")}

    def _vdirsyncer(self, command, agree=False):
        ended = subprocess.run(
            ["vdirsyncer", "-c", self._settings, command],
            input="y\n" * 50 if agree else "",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
        return ended.returncode, ended.stdout


def shown(text):
    """The lines of an event without the order they stand in."""
    return sorted(text.split())
