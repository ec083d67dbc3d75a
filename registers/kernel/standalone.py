#!/usr/bin/env python3
"""Checks an exported journal without the product that wrote it: Python's standard library only.

    python standalone.py journal.jsonl [--checkpoint checkpoint.json ...] [--key public-key.pem]

Each line of the journal is one entry: a JSON object whose `hash` is the SHA-256 of the JSON
list [previous, number, act, at, actor, kind, about, within, facts, commitment], written without
spaces, in UTF-8, and whose `previous` is the hash of the entry before it (64 zeros for the
first). So an entry that was changed, removed, inserted or moved breaks the chain there.

What a chain alone cannot show is that its tail was cut off. A checkpoint can: it states the
size and the last hash that the journal had at some moment, signed with Ed25519, and it left the
machine then (in every sealed annex). With `--key` it must have been signed
with that very key.

Exit status 0: unbroken, and every checkpoint agrees. 1: it does not hold. 2: not readable.
"""

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

GENESIS = "0" * 64
"""What stands as `previous` in the first entry."""

LINKED = ("number", "act", "at", "actor", "kind", "about", "within", "facts", "commitment")
"""The fields of an entry that its hash covers, in this order, after `previous`."""

ENTRY = ("previous", *LINKED, "hash")
"""An entry: what its hash covers, and the hash."""

_list = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_object = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def _bytes(values: Sequence[Any]) -> bytes:
    return _list(values).encode()


class Fault(NamedTuple):
    """One place where the journal does not hold: the entry's number, and what is wrong there."""

    number: int
    what: str


class Verdict(NamedTuple):
    """How far a journal was read, its last hash, and what is wrong with it."""

    size: int
    head: str
    faults: list[Fault]


def link(previous: str, fields: Sequence[Any]) -> str:
    """The hash of an entry, from the hash of the one before and its own `LINKED` fields."""
    return hashlib.sha256(_bytes([previous, *fields])).hexdigest()


def follow(
    entries: Iterable[Sequence[Any]],
    heads: dict[int, str] | None = None,
    most: int = 20,
    encode: Callable[[Sequence[Any]], bytes] = _bytes,
) -> Verdict:
    """Follows a chain from its first entry.

    Args:
        entries: each in the order of `ENTRY`; what comes after is left alone.
        heads: sizes at which the hash is wanted; each is filled in when that size is passed.
        most: how many faults are told before it stops telling more.
        encode: writes a list as the bytes that are hashed; the registers have a quicker one.
    """
    faults: list[Fault] = []
    expected, head = 0, GENESIS
    sha256, end = hashlib.sha256, len(ENTRY) - 1
    for entry in entries:
        previous, number, stated = entry[0], entry[1], entry[end]
        expected += 1
        if number != expected:
            said = "missing or moved" if number > expected else "inserted or moved"
            faults.append(Fault(number, f"entry {expected} was expected here: {said}"))
            expected = number
        if previous != head:
            faults.append(Fault(number, "does not follow the entry before it"))
        head = sha256(encode(entry[:end])).hexdigest()
        if head != stated:
            faults.append(Fault(number, "its content is not what was recorded"))
            head = stated
        if heads is not None and number in heads:
            heads[number] = head
        if len(faults) >= most:
            break
    return Verdict(expected, head, faults)


def checkpoint_body(checkpoint: Mapping[str, Any]) -> bytes:
    """The bytes that a checkpoint's signature covers: all of it but the signature."""
    return _object({name: checkpoint[name] for name in ("size", "head", "at", "key")}).encode()


def against(
    checkpoint: Mapping[str, Any], size: int, hash_there: str | None, keys: Collection[str] = ()
) -> list[Fault]:
    """What a checkpoint says against a journal of this size, with this hash at its place.

    Args:
        checkpoint: the signed statement.
        size: how many entries the journal has.
        hash_there: the hash of the entry of the checkpoint's number.
        keys: the public keys, in hexadecimal, one of which must have signed; none for any.
    """
    stated = int(checkpoint["size"])
    faults = []
    if stated > size:
        faults.append(Fault(size, f"the tail is cut: a checkpoint saw {stated} entries"))
    elif hash_there != checkpoint["head"]:
        faults.append(Fault(stated, "is not the entry that a checkpoint saw"))
    key, signature = str(checkpoint["key"]), bytes.fromhex(checkpoint["signature"])
    if not ed25519_holds(bytes.fromhex(key), signature, checkpoint_body(checkpoint)):
        faults.append(Fault(stated, "the checkpoint's signature is not valid"))
    if keys and key not in keys:
        faults.append(Fault(stated, f"the checkpoint was signed with another key: {key}"))
    return faults


# Ed25519 verification after RFC 8032, section 5.1.7; slow and plain, for one signature.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


def _x(y: int, sign: int) -> int | None:
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def _point(data: bytes) -> Point | None:
    value = int.from_bytes(data, "little")
    y, sign = value & (1 << 255) - 1, value >> 255
    x = _x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def _add(a: Point, b: Point) -> Point:
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    i, j, k, m = f - e, h - g, h + g, f + e
    return i * j % P, k * m % P, j * k % P, i * m % P


def _times(scalar: int, point: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = _add(total, point)
        point = _add(point, point)
        scalar >>= 1
    return total


_Y = 4 * pow(5, -1, P) % P
_X = _x(_Y, 0) or 0
BASE: Point = (_X, _Y, 1, _X * _Y % P)


def ed25519_holds(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether a signature of 64 bytes over the message was made with this public key."""
    key, r = _point(public), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if key is None or r is None or len(signature) != 64 or s >= L:  # noqa: PLR2004 RFC 8032
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    left = _times(s, BASE)
    right = _add(r, _times(int.from_bytes(digest, "little") % L, key))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (
        left[1] * right[2] - right[1] * left[2]
    ) % P == 0


def public_key(pem: str) -> bytes:
    """The 32 bytes of an Ed25519 public key in PEM (SubjectPublicKeyInfo)."""
    body = "".join(line for line in pem.splitlines() if line and not line.startswith("-"))
    return base64.b64decode(body)[-32:]


def read(path: Path) -> Iterator[list[Any]]:
    """The entries of an exported journal, one at a time."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            entry = json.loads(line)
            yield [entry[name] for name in ENTRY]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: prints what it found, gives the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("journal", type=Path)
    parser.add_argument("--checkpoint", type=Path, action="append", default=[])
    parser.add_argument("--key", type=Path, help="the public key of the checkpoints, PEM")
    given = parser.parse_args(arguments)
    try:
        checkpoints = [json.loads(path.read_text("utf-8")) for path in given.checkpoint]
        keys = [public_key(given.key.read_text("utf-8")).hex()] if given.key else []
        heads = {int(checkpoint["size"]): "" for checkpoint in checkpoints}
        verdict = follow(read(given.journal), heads)
        heads[0] = GENESIS
        faults = list(verdict.faults)
        for checkpoint in checkpoints:
            hash_there = heads[int(checkpoint["size"])]
            faults += against(checkpoint, verdict.size, hash_there, keys)
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"not readable: {error!r}", file=sys.stderr)
        return 2
    for fault in faults:
        print(f"entry {fault.number}: {fault.what}")
    if not faults:
        print(f"unbroken: {verdict.size} entries, last hash {verdict.head}")
        print(f"checkpoints that agree: {len(checkpoints)}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
