"""The tests of vdirsyncer's CalDAV storage, from its source package."""

import shutil

from harness.scenario import FOLDER, done
from harness.suite import SOURCES, account, hold, pytest, write_json

NAME = "vdirsyncer"

shutil.copytree(SOURCES / "vdirsyncer" / "tests", FOLDER / "tests")
write_json(FOLDER / "account.json", account("alice"))

# A server is a folder with a mixin in their tests; theirs start containers, ours is there.
mixin = FOLDER / "tests" / "storage" / "servers" / "roomdav" / "__init__.py"
mixin.parent.mkdir()
mixin.write_text(
    '''
import json
import pathlib

import pytest

ACCOUNT = json.loads(pathlib.Path("account.json").read_text())


class ServerMixin:
    @pytest.fixture
    def get_storage_args(self, slow_create_collection, aio_connector):
        async def inner(collection="test"):
            args = {**ACCOUNT, "connector": aio_connector}
            if collection is None:
                return args
            return await slow_create_collection(self.storage_class, args, collection)

        return inner
'''
)
found = pytest(["tests/storage/dav/test_caldav.py"], environment={"DAV_SERVER": "roomdav"})
hold(NAME, found, "passed")
done()
