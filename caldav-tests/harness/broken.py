"""The one error of the harness."""


class Broken(Exception):
    """The server, a database or a command did not do what a test needs; not a client's fault."""
