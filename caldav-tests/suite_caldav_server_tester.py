"""caldav-server-tester: which features of CalDAV it finds, and how it finds them."""

import json
import subprocess
import sys
from pathlib import Path

from harness.scenario import FOLDER, done
from harness.suite import PEOPLE, account, hold, write_json

NAME = "caldav-server-tester"

first, *others = PEOPLE
sections = {
    person: {f"caldav_{key}": value for key, value in account(person).items()} for person in others
}
write_json(FOLDER / ".config" / "caldav" / "calendar.json", sections)
me = account(first)
command = [Path(sys.executable).parent / "caldav-server-tester", "--format", "json", "--caldav-url", me["url"]]
command += ["--caldav-username", me["username"], "--caldav-password", me["password"]]
for person in others:
    command += ["--config-section", person]
ended = subprocess.run(command, cwd=FOLDER, stdin=subprocess.DEVNULL, capture_output=True, text=True)
try:
    features = json.loads(ended.stdout)["features"]
except (ValueError, KeyError):
    sys.exit(f"it ended with {ended.returncode}:\n{ended.stdout}\n{ended.stderr}")
found = {feature: verdict.get("support", "unknown") for feature, verdict in features.items()}
hold(NAME, found, "full")
for feature, verdict in sorted(features.items()):
    if verdict.get("support") != "full":
        print(f"# {feature}: {verdict}")
done()
