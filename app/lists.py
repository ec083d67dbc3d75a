"""What all lists share: which page is asked for, and the addresses of its neighbours."""

from collections.abc import Callable
from typing import Any

from flask import request, url_for

from registers.kernel.pages import Cut


def cut() -> Cut:
    """Which page of a list the address asks for."""
    return Cut(request.args.get("after", ""), request.args.get("before", ""))


def addresses() -> Callable[..., str]:
    """The address of the present list with something else in it; cursors are not kept."""
    kept: dict[str, Any] = {
        name: value for name, value in request.args.items() if name not in Cut._fields
    }
    given = dict(request.view_args or {})

    def address(**more: str) -> str:
        return url_for(str(request.endpoint), **{**given, **kept, **more})

    return address
