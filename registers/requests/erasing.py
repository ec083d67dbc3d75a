"""What erases the data of requesters when their time is over, without anybody asking."""

from zoneinfo import ZoneInfo

from registers.kernel.act import Actor, Database
from registers.requests import operations, queries

MOST = 25
"""So many are erased in one go; the next one follows a minute later."""


def sweep(database: Database, actor: Actor, zone: str) -> None:
    """Erases what describes the person from requests that were closed more than a year ago."""
    today = database.now().astimezone(ZoneInfo(zone)).date()
    with database.reading() as session:
        due = [head.id for head in queries.to_erase(session, today, MOST)]
    for key in due:
        with database.acting(actor) as act:
            operations.erase(act, key)
