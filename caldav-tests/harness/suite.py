"""What a conformance suite's program is made of: the tests of another project, and what is known of them.

`docs/compatibility.md` has one table with every test and feature that does not read as its suite would
have it, each with the reason. A run holds the two against each other in both directions: what fails
without a row is a fault, and so is a row whose test does well.
"""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from .scenario import ADDRESS, FOLDER, login

SOURCES = Path(os.environ.get("CALDAV_TESTS_SOURCES", "."))
LIST = Path(__file__).resolve().parents[2] / "docs" / "compatibility.md"
SECTION = "\n## What conformance suites find\n"
PEOPLE = ("alice", "bob", "maria")


def known(suite):
    """The rows of a suite: test or feature to how it reads."""
    rows = {}
    for line in LIST.read_text().partition(SECTION)[2].splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 4 and cells[0] == suite:
            rows[cells[1].strip("`")] = cells[2]
    return rows


def hold(suite, found, good):
    """Says of everything that was found whether it reads as it should, and of every row whether it stands."""
    rows = known(suite)
    for name, reads in sorted(found.items()):
        wanted = rows.pop(name, good)
        if reads == wanted:
            print(f"ok {name} reads {reads}", flush=True)
        else:
            print(f"not ok {name} reads {reads}, not {wanted}", flush=True)
    for name in sorted(rows):
        print(f"not ok {name} has a row and was not looked at", flush=True)


def pytest(files, options=(), environment=None):
    """Runs tests with pytest in the scenario's folder: each test's name with `passed`, `failed` or `skipped`."""
    report = FOLDER / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider", f"--junit-xml={report}"]
    # In this version of pytest-asyncio a test's loop is its own, unless a project says otherwise.
    command += ["-o", "asyncio_default_fixture_loop_scope=function", *options, *files]
    ended = subprocess.run(
        command,
        cwd=FOLDER,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
    )
    if not report.exists():
        sys.exit(f"pytest ended with {ended.returncode}:\n{ended.stdout}\n{ended.stderr}")
    found = {}
    for case in ElementTree.parse(report).iter("testcase"):
        kinds = {child.tag for child in case}
        reads = "skipped" if "skipped" in kinds else "failed" if kinds & {"failure", "error"} else "passed"
        name = f"{case.get('classname').rsplit('.', 1)[-1]}::{case.get('name')}"
        # A test that fails in its body and again when it is cleaned up is one that fails.
        found[name] = "failed" if found.get(name) == "failed" else reads
    if any(reads == "failed" for reads in found.values()):
        print(ended.stdout[-20000:])
    return found


def account(person):
    """Address, login and password as python-caldav's settings call them."""
    who, password = login(person)
    return {"url": ADDRESS + "/", "username": who, "password": password}


def write_json(path, value):
    """A settings file; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2))
