"""`greffe worker` with handlers of its own, for tests that need work of a known length."""

import sys
import time

from app.commands import main
from registers import work
from registers.kernel import outbox

QUICK, SLOW = outbox.kind("test.quick"), outbox.kind("test.slow")


def settling(seconds):
    """Does nothing for a while, then has done it."""

    def handle(tools, taken):
        time.sleep(seconds)
        database = tools.press.database
        with database.upkeep() as traces:
            outbox.settle(traces, [each.id for each in taken], tools.holder, database.now())

    return handle


if __name__ == "__main__":
    work.HANDLERS |= {QUICK: settling(0.1), SLOW: settling(1)}
    main(["worker", *sys.argv[1:]])
