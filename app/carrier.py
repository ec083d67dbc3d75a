"""The carrier of wake-ups: Huey, over a file beside the database or over Redis.

It tells workers that there is something in the outbox, nothing else: no work, no data. Whatever
happens to it, the outbox is looked into every minute, so that nothing is lost but time.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec
from huey import Huey, RedisHuey, SqliteHuey
from huey.registry import Message
from huey.serializer import Serializer
from redis import ConnectionPool
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.config import Settings

NAME = "greffe"
REACHED, ANSWERED = 2, 5
"""Seconds for Redis to be reached, and to answer: a page must not wait for it any longer."""


def wake(settings: Settings) -> None:
    """Wakes one worker, unless a wake-up waits for one already: that one comes soon enough.

    Raises:
        Exception: the carrier cannot be reached; see `Database.wake`.
    """
    with opened(settings, lambda: None) as (huey, ring):
        if not huey.pending_count():
            ring()


@contextmanager
def opened(
    settings: Settings, work: Callable[[], None]
) -> Iterator[tuple[Huey, Callable[[], None]]]:
    """The carrier, what a wake-up makes a worker do, and how to send one."""
    huey = _huey(settings)

    def ring() -> None:
        work()

    try:
        yield huey, huey.task(name="wake")(ring)
    finally:
        huey.storage.close()
        if settings.redis_url:
            huey.storage.pool.disconnect()


class Json(Serializer):
    """Messages as JSON: pickle, the default, would run whatever code it is handed."""

    def _serialize(self, data: Message) -> bytes:
        return msgspec.json.encode(tuple(data))

    def _deserialize(self, data: bytes) -> Message:
        return Message(*msgspec.json.decode(data, type=list[object]))


def _huey(settings: Settings) -> Huey:
    if not settings.redis_url:
        file = settings.home / "carrier.db"
        return SqliteHuey(NAME, filename=str(file), serializer=Json(), results=False, fsync=False)
    pool = ConnectionPool.from_url(
        settings.redis_url,
        socket_connect_timeout=REACHED,
        socket_timeout=ANSWERED,
        retry=Retry(NoBackoff(), 0),
    )
    return RedisHuey(NAME, serializer=Json(), results=False, connection_pool=pool)
