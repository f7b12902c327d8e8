"""The functional tests of python-caldav's own source package, synchronous and asynchronous, with three people."""

import shutil

from harness.scenario import FOLDER, done
from harness.suite import PEOPLE, SOURCES, account, hold, known, pytest, write_json

NAME = "python-caldav"

source = SOURCES / "caldav"
shutil.copytree(source / "tests", FOLDER / "tests")
shutil.copy(source / "pyproject.toml", FOLDER)

# What the server tester finds is what these tests are told, so that they ask for nothing else.
features = {
    feature: {"support": reads} for feature, reads in known("caldav-server-tester").items() if reads != "unknown"
}
# Where one of several ways of asking is not there, the others are.
for parent in [feature.rpartition(".")[0] for feature in features]:
    features.setdefault(parent, {"support": "full"})
server = {
    "type": "external",
    "enabled": True,
    **account("alice"),
    "features": features,
    "scheduling_users": [account(person) for person in PEOPLE],
}
write_json(FOLDER / "tests" / "caldav_test_servers.json", {"test-servers": {"roomdav": server}})

found = pytest(
    ["tests/test_caldav.py", "tests/test_async_integration.py"],
    # Their own tests call a function that they deprecate, and their settings make that an error.
    ["-k", "roomdav", "-W", "ignore:principals:DeprecationWarning"],
    {"PYTHON_CALDAV_TEST_DOCKER": "0", "PYTHON_CALDAV_TEST_EMBEDDED": "0"},
)
hold(NAME, found, "passed")
done()
