"""Installs the programs under test, by package name, where they are not there yet.

Python's programs go into a virtual environment and npm's into a folder, both in a cache outside the
sources (`CALDAV_TESTS_CACHE`, otherwise `target/caldav-tests`), one per state of the lists of
versions: an unchanged list installs nothing. curl, node and what makes virtual environments are
Debian's packages. A tool that cannot be had is a failure, never a reason to leave a test out.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
# tsdav asks for it.
OLDEST_NODE = 18


class Missing(Exception):
    """A tool is not there and could not be installed."""


def cache():
    """The folder for what is installed and for transcripts."""
    target = os.environ.get("CARGO_TARGET_DIR") or HERE.parent / "target"
    folder = Path(os.environ.get("CALDAV_TESTS_CACHE") or Path(target) / "caldav-tests").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def python():
    """The interpreter of a virtual environment that holds all of `requirements.txt`."""
    wanted = HERE / "requirements.txt"
    folder = cache() / f"python-{_digest(sys.version.encode(), wanted.read_bytes())}"
    interpreter = folder / "bin" / "python"
    if _complete(folder):
        return interpreter
    shutil.rmtree(folder, ignore_errors=True)
    if _run([sys.executable, "-m", "venv", folder], may_fail=True) != 0:
        shutil.rmtree(folder, ignore_errors=True)
        # Debian's python3 makes virtual environments only with this package.
        debian("python3-venv")
        _run([sys.executable, "-m", "venv", folder])
    _run([interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", wanted])
    _finish(folder)
    return interpreter


def sources(packages):
    """A folder with the unpacked source package of each of these, at the version of `requirements.txt`."""
    wanted = HERE / "requirements.txt"
    pins = dict(line.strip().split("==") for line in wanted.read_text().splitlines() if "==" in line)
    exact = [f"{package}=={pins[package]}" for package in packages]
    folder = cache() / f"sources-{_digest(*(name.encode() for name in exact))}"
    if _complete(folder):
        return folder
    interpreter = python()
    shutil.rmtree(folder, ignore_errors=True)
    for package, pinned in zip(packages, exact, strict=True):
        archives = folder / "archives" / package
        archives.mkdir(parents=True)
        pip = [interpreter, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        _run([*pip, "--no-binary", package, "--dest", archives, pinned])
        (archive,) = archives.iterdir()
        shutil.unpack_archive(archive, folder / "unpacked", filter="data")
        (folder / "unpacked" / archive.name.removesuffix(".tar.gz")).rename(folder / package)
    _finish(folder)
    return folder


def node():
    """A folder whose `node_modules` holds what `package-lock.json` lists."""
    if _node_version() < OLDEST_NODE or not shutil.which("npm"):
        debian("nodejs", "npm")
    if _node_version() < OLDEST_NODE:
        raise Missing(f"node {OLDEST_NODE} or newer")
    files = [HERE / name for name in ("package.json", "package-lock.json", ".npmrc")]
    folder = cache() / f"node-{_digest(*(file.read_bytes() for file in files))}"
    if _complete(folder):
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for file in files:
        shutil.copy(file, folder)
    # Nothing that a package brings may run while it is installed.
    _run(["npm", "ci", "--ignore-scripts", "--silent"], cwd=folder)
    _finish(folder)
    return folder


def command(name, package):
    """The path of a program of Debian's, installed if it is not there."""
    if not shutil.which(name):
        debian(package)
    path = shutil.which(name)
    if not path:
        raise Missing(name)
    return path


def unpacked(package, program):
    """The path of a program in a package of Debian's that is unpacked, not installed: nothing of it is started."""
    folder = cache() / f"debian-{package}"
    if not _complete(folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        as_root = ["-o", "APT::Sandbox::User=root"] if os.geteuid() == 0 else []
        download = ["apt-get", "-qq", *as_root, "download", package]
        # It asks for no root, but for lists that are not too old.
        if _run(download, cwd=folder, may_fail=True):
            root = [] if os.geteuid() == 0 else ["sudo"]
            _run([*root, "apt-get", "-qq", "update"])
            _run(download, cwd=folder)
        (archive,) = folder.glob("*.deb")
        _run(["dpkg", "--extract", archive, folder])
        _finish(folder)
    return folder / program


def debian(*packages):
    """Installs packages of Debian's, as root or by way of sudo."""
    root = [] if os.geteuid() == 0 else ["sudo"]
    if root and not shutil.which("sudo"):
        raise Missing(f"{' and '.join(packages)} (neither root nor sudo is there to install it)")
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    _run([*root, *quiet, "update"])
    _run([*root, *quiet, "install", "-y", "--no-install-recommends", *packages])


def _node_version():
    if not shutil.which("node"):
        return 0
    said = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout
    major = said.strip().lstrip("v").partition(".")[0]
    return int(major) if major.isdigit() else 0


def _digest(*parts):
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big") + part)
    return whole.hexdigest()[:16]


def _complete(folder):
    return (folder / "complete").exists()


def _finish(folder):
    """An installation that was broken off is never taken for a whole one."""
    (folder / "complete").touch()


def _run(arguments, cwd=None, may_fail=False):
    """Runs a program whose words go to standard error. The exit code, if it may fail."""
    arguments = [str(argument) for argument in arguments]
    print("caldav-tests:", " ".join(arguments), file=sys.stderr, flush=True)
    ended = subprocess.run(arguments, cwd=cwd, stdin=subprocess.DEVNULL, stdout=sys.stderr)
    if ended.returncode and not may_fail:
        raise Missing(f"{' '.join(arguments)} (it ended with {ended.returncode})")
    return ended.returncode
