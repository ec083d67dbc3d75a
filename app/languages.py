"""French and English: which one a page speaks, and how it writes dates."""

import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from flask import Blueprint, Flask, g, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_babel import Babel, get_locale
from flask_babel import gettext as _
from flask_login import current_user
from jinja2 import pass_context
from jinja2.runtime import Context
from wtforms import SelectChoice

from app.gate import public
from app.house import house
from registers.kernel import calendars, law, showing
from registers.kernel.errors import NotFound
from registers.kernel.identifiers import country_name
from registers.kernel.words import LANGUAGES, Text, Words

blueprint = Blueprint("languages", __name__)


def chosen() -> str:
    """The language of the present request.

    The one chosen here, else that of the notice that is read, the account's, the browser's.
    """
    picked = session.get("language")
    if picked in LANGUAGES:
        return picked
    if "notice_language" in g:
        return g.notice_language
    if current_user and current_user.is_authenticated:
        return current_user.account.language
    wished = request.accept_languages.best_match(LANGUAGES)
    return wished or house().settings.language


def words() -> Words:
    """The words of the present request."""
    return Words(str(get_locale()))


def say(said: object) -> str:
    """A text of the registers in the language of the page; other words as they are."""
    if said is None:
        return ""
    return words().say(said) if isinstance(said, Text) else str(said)


def day(value: date | None) -> str:
    """A date with its weekday."""
    return words().day(value) if value else ""


def short(value: date | None) -> str:
    """A date for tables."""
    return f"{value:%d/%m/%Y}" if value else ""


def moment(value: datetime | None, zone: str = "") -> str:
    """An instant on the clocks of a zone, which is named when it is not the organisation's."""
    if value is None:
        return ""
    own = house().settings.zone
    there = value.astimezone(ZoneInfo(zone or own))
    language = str(get_locale())
    pattern = (
        "d MMM yyyy 'à' H'\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}'mm"
        if language == "fr"
        else "d MMM yyyy, HH:mm"
    )
    written = format_datetime(there, pattern, locale=language)
    return f"{written} ({zone})" if zone and zone != own else written


@blueprint.get("/language/<code>")
@public("whoever reads must understand, before signing in too")
def choose(code: str) -> ResponseReturnValue:
    """Reads the pages in another language from now on, in this browser."""
    if code not in LANGUAGES:
        raise NotFound
    session["language"] = code
    return redirect(local_path(request.args.get("next")))


def local_path(wished: str | None) -> str:
    """A path of this site to go on to; the front page for anything else."""
    safe = wished and wished.startswith("/") and not wished.startswith(("//", "/\\"))
    return wished if wished and safe and "\n" not in wished else "/"


def attach(app: Flask) -> None:
    """Makes languages known to pages and templates."""
    app.config["BABEL_DEFAULT_LOCALE"] = "fr"
    Babel(app, locale_selector=chosen)
    app.register_blueprint(blueprint)
    filters: dict[str, Any] = {
        "say": say,
        "day": day,
        "short": short,
        "moment": moment,
        "hour": lambda at: words().hour(at),
        "number": lambda count: words().number(count),
        "shown": lambda value: showing.shown(value, words()),
        "cite": lambda source: law.cite(source, words().language),
        "actor": actor,
        "pretty": lambda value: json.dumps(value, ensure_ascii=False, indent=1),
    }
    app.jinja_env.filters.update(filters)
    app.jinja_env.globals.update(
        ngettext=_counting(cast("Callable[..., str]", app.jinja_env.globals["ngettext"])),
        language=lambda: words().language,
        languages=LANGUAGES,
        territory=territory,
        country=lambda code: country_name(code, words().language),
        is_part=showing.is_part,
        parts=showing.parts,
    )


def _counting(ngettext: Callable[..., str]) -> Callable[..., str]:
    """Sets the thousands of what is counted apart."""

    @pass_context
    def counting(context: Context, one: str, several: str, count: int, **said: Any) -> str:
        shown = {"num": words().number(count), **said}
        return ngettext(context, one, several, count, **shown)

    return counting


def actor(reference: str) -> str:
    """Who acted, where it was nobody with an account."""
    known = {
        "console": _("the command line"),
        "visitor": _("a visitor"),
        "worker": _("the background work"),
    }
    if reference.startswith("contact:"):
        return _("a controller’s contact, on the portal")
    return known.get(reference) or _("a former account")


def territories() -> list[SelectChoice]:
    """The territories that have a calendar, to choose from: regions under their country."""
    language = str(get_locale())
    return [
        SelectChoice(
            code,
            calendars.own_name(code, language),
            optgroup=calendars.country_name(code, language),
        )
        for code in calendars.codes()
    ]


def territory(code: str) -> str:
    """The name of a calendar's territory."""
    return calendars.name_of(code, str(get_locale()))
