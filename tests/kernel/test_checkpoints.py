"""Checkpoints are signed in acts, by several people at once, and all of them hold."""

from concurrent.futures import ThreadPoolExecutor, wait

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registers.kernel import audit
from registers.people.roles import Permission

KEY = audit.CheckpointKey(Ed25519PrivateKey.generate())


def sign(acting):
    with acting() as act:
        act.require(Permission.CHECKPOINT)
        return audit.sign_checkpoint(act, KEY).as_json()


def verify(database, outside):
    with database.engine.connect() as connection:
        return audit.verify(connection, KEY.public, outside)


def test_a_checkpoint_tells_where_the_chain_stood_before_it(database, acting):
    signed = [sign(acting) for _ in range(3)]
    assert [each["size"] for each in signed] == [0, 1, 2]
    verdict, agree = verify(database, signed)
    assert (verdict.size, verdict.faults, agree) == (3, [], 6)
    with database.reading() as session:
        kept = audit.latest_checkpoints(session, 2)
        assert [each.as_json() for each in kept] == [signed[2], signed[1]]


def test_two_who_sign_at_the_same_moment_both_hold_a_checkpoint_that_holds(database, acting):
    with ThreadPoolExecutor(1) as threads:
        with acting() as act:
            act.require(Permission.CHECKPOINT)
            mine = audit.sign_checkpoint(act, KEY).as_json()
            act.session.flush()
            other = threads.submit(sign, acting)
            wait([other], timeout=0.3)
        theirs = other.result()
    verdict, agree = verify(database, [mine, theirs])
    assert (verdict.size, verdict.faults) == (2, [])
    with database.reading() as session:
        kept = session.scalar(sa.select(sa.func.count()).select_from(audit.Checkpoint))
    assert agree == kept + 2
