"""Runs `greffe` in a process that is forked from one which has imported it already.

Each line on standard input is a call: the arguments, the environment, the files that are its three
streams. The answer is its status. Importing takes longer than most commands do, and the tests of
the command line call hundreds.
"""

import gc
import json
import os
import subprocess
import sys
import tempfile
import traceback
from importlib import import_module
from pathlib import Path

from sqlalchemy import orm

from app.commands import main

ROOT = Path(__file__).parents[2]
MODULES = ("emergency", "evidence", "exchange", "opening", "papers", "people", "serving")
FLAGS = (os.O_RDONLY, os.O_WRONLY | os.O_CREAT, os.O_WRONLY | os.O_CREAT)


class Warm:
    """Calls commands, each in a process of its own."""

    def __init__(self):
        command = [sys.executable, "-W", "error", "-m", "tests.whole.warm"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )

    def run(self, arguments, environment, stdin=""):
        """The status of a command, what it printed, and what it printed of errors."""
        with tempfile.TemporaryDirectory() as folder:
            streams = [Path(folder, name) for name in ("in", "out", "errors")]
            streams[0].write_text(stdin, "utf-8")
            call = {
                "arguments": [str(each) for each in arguments],
                "environment": environment,
                "streams": [str(each) for each in streams],
            }
            self._process.stdin.write(json.dumps(call) + "\n")
            self._process.stdin.flush()
            status = int(self._process.stdout.readline())
            return status, *(each.read_text("utf-8") for each in streams[1:])

    def close(self):
        self._process.communicate(timeout=20)


def _called(call):
    """The status of a command, called in this process."""
    os.environ.clear()
    os.environ.update(call["environment"])
    for number, (path, flags) in enumerate(zip(call["streams"], FLAGS, strict=True)):
        os.dup2(os.open(path, flags, 0o600), number)
    try:
        return main(call["arguments"], prog_name="greffe")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 as the interpreter does
        traceback.print_exc()
        return 1


def _serve():
    for module in MODULES:
        import_module(f"app.commands.{module}")
    orm.configure_mappers()
    gc.freeze()
    for line in iter(sys.stdin.readline, ""):
        child = os.fork()
        if not child:
            status = _called(json.loads(line))
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)  # what was imported need not be taken down
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write(f"{status}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
