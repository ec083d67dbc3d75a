"""What is looked for every minute: contracts and controllers that ended without their cases.

They come from imports, restored registers, and from before retention was kept here. It goes by
what the registers say: a look that was missed is made up for by the next.
"""

from weakref import WeakKeyDictionary

import sqlalchemy as sa

from registers.kernel import audit
from registers.kernel.act import Actor, Database
from registers.retention.opening import catch_up, unopened

AT_ONCE = 200
"""How many are opened in one act: a page that acts meanwhile waits for it."""

_seen: WeakKeyDictionary[Database, int] = WeakKeyDictionary()
"""Up to which entry of the journal this process has looked: nothing ends without an entry."""


def look(database: Database, actor: Actor) -> int:
    """Opens the cases of what ended unnoticed; gives how many ends there were."""
    done = 0
    while True:
        with database.reading() as session:
            last = session.scalar(sa.select(sa.func.max(audit.Entry.number))) or 0
            if _seen.get(database) == last:
                return done
            contracts, controllers = unopened(session, AT_ONCE)
        if not contracts and not controllers:
            _seen[database] = last
            return done
        with database.acting(actor) as act:
            done += catch_up(act, contracts, controllers)
