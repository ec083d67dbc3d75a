"""docs/clauses.md: what the contracts promise, where it is kept, which test holds it."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINE = re.compile(r"^\| (K\d\d) \| (CORE|ADJ) \| (.+) \| (.*) \| (.+) \|$", re.MULTILINE)
LINES = LINE.findall((ROOT / "docs" / "clauses.md").read_text())

CORE = {
    1,
    2,
    3,
    5,
    6,
    9,
    10,
    13,
    14,
    *range(16, 27),
    28,
    31,
    35,
    41,
    43,
    44,
    *range(46, 50),
    51,
    53,
}
ADJACENT = {4, 7, 8, 11, 15, 27, 32, 36, 38, 42, 45, 50, 52, 59, 61, 62, 63, 64, 66}
TO_COME = {2, 10, 28}
"""Promises at the core that are not kept yet; the page says so."""


def test_every_clause_has_its_line_once():
    named = [(int(code[1:]), kind) for code, kind, *_ in LINES]
    assert len(named) == len(set(named))
    assert {number for number, kind in named if kind == "CORE"} == CORE
    assert {number for number, kind in named if kind == "ADJ"} == ADJACENT


@cache
def names_in(path):
    tree = ast.parse((ROOT / path).read_text())
    return {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}


@pytest.mark.parametrize(("code", "kind", "what", "page", "test"), LINES)
def test_each_promise_names_a_test_or_says_why_it_is_not_kept(code, kind, what, page, test):
    assert what.endswith(".")
    if test.startswith("not kept: "):
        assert kind == "ADJ" or int(code[1:]) in TO_COME
        return
    assert page.startswith("`/")
    path, _, name = test.strip("`").partition("::")
    assert name in names_in(path)
