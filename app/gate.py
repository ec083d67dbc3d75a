"""Who may open which page. Every route declares it; start-up refuses one that does not."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.house import house
from registers.kernel.act import Act, Actor
from registers.kernel.errors import Forbidden, NotFound
from registers.people.roles import VISITOR, Permission
from registers.people.sessions import Account

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Access:
    """What a route asks for: a permission, or nothing, and then why."""

    permission: Permission | None
    why: str = ""


def needs(permission: Permission) -> Callable[[View], View]:
    """Declares that a route is for accounts with this permission."""
    return _declare(Access(permission))


def public(why: str) -> Callable[[View], View]:
    """Declares that a route is open to everybody, and why it may be."""
    return _declare(Access(None, why))


def _declare(access: Access) -> Callable[[View], View]:
    def declare(view: View) -> View:
        view.access = access  # type: ignore[attr-defined]
        return view

    return declare


def table(app: Flask) -> dict[str, Access]:
    """The permission table: what each endpoint asks for.

    Raises:
        RuntimeError: a route declares nothing.
    """
    found = {}
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        access = getattr(view, "access", None)
        if rule.endpoint == "static":
            access = Access(None, "style sheets, scripts and icons hold nothing of anybody")
        if access is None:
            raise RuntimeError(f"the route {rule} ({rule.endpoint}) declares no permission")
        found[rule.endpoint] = access
    return found


def may(permission: Permission) -> bool:
    """Whether whoever looks at the page has a permission; templates ask it too."""
    return current_user.is_authenticated and permission in current_user.account.permissions


def account() -> Account:
    """Who is signed in.

    Raises:
        Forbidden: nobody is.
    """
    if not current_user.is_authenticated:
        raise Forbidden
    return current_user.account


def actor() -> Actor:
    """Whoever makes the present request, as the journal knows them."""
    return current_user.account.actor if current_user.is_authenticated else VISITOR


@contextmanager
def acting() -> Iterator[Act]:
    """An act of whoever makes the present request."""
    with house().acting(actor()) as act:
        yield act


def attach(app: Flask) -> None:
    """Sets the gate before every request. To be called after all routes were added."""
    accesses = table(app)

    @app.before_request
    def _check() -> ResponseReturnValue | None:
        if request.endpoint is None:
            return None
        access = accesses[request.endpoint]
        if access.permission is None:
            return None
        if not current_user.is_authenticated:
            return _sign_in_first()
        if not may(access.permission):
            raise Forbidden
        return None

    @app.after_request
    def _harden(response: Any) -> Any:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if house().settings.address.startswith("https://"):
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response

    app.jinja_env.globals.update(may=may, Permission=Permission)


def _sign_in_first() -> ResponseReturnValue:
    if request.method in {"GET", "HEAD"}:
        if "HX-Request" in request.headers:
            raise NotFound
        return redirect(url_for("people.sign_in", next=request.full_path.rstrip("?")))
    # what was typed must not be lost: the page behind is still in the browser
    return render_template("people/expired.html"), 401


HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
