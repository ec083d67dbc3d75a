"""The tree of errors, mapped once to what a browser is told."""

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from app.house import db
from registers.annexes.gaps import Incomplete
from registers.kernel.errors import Conflict, Damaged, Forbidden, GreffeError, Invalid, NotFound
from registers.kernel.words import Text, text

STATUS: dict[type[GreffeError], int] = {
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    Invalid: 422,
    Incomplete: 422,
    Damaged: 500,
}

SENTENCES = {
    404: text("There is nothing here under this address."),
    405: text("This page cannot be used in this way."),
    413: text("This file is too large."),
}


def attach(app: Flask) -> None:
    """Shows errors as pages, in the reader's language."""

    @app.errorhandler(GreffeError)
    def _ours(error: GreffeError) -> ResponseReturnValue:
        return _page(STATUS[type(error)], error.reason)

    @app.errorhandler(CSRFError)
    def _forged(_error: CSRFError) -> ResponseReturnValue:
        sentence = _(
            "This form comes from another session and was not saved. Go back, reload the page, "
            "and send it again."
        )
        return _page(400, sentence)

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> ResponseReturnValue:
        code = error.code or 500
        return _page(code, SENTENCES.get(code) or _("The request could not be understood."))

    @app.errorhandler(Exception)
    def _unexpected(error: Exception) -> ResponseReturnValue:
        if app.testing:
            raise error
        app.logger.error("%s %s", request.method, request.path, exc_info=error)
        db.session.rollback()
        return _page(500, _("Something went wrong here. Nothing was saved; the error was noted."))


def _page(status: int, sentence: Text | str) -> ResponseReturnValue:
    portal = request.path.startswith(("/n/", "/notice/"))
    template = "portal/error.html" if portal else "error.html"
    return render_template(template, status=status, sentence=sentence), status
