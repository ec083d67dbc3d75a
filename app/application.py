"""The application: its table of contents."""

from collections.abc import Callable
from datetime import datetime

from flask import Flask
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from app import (
    activities,
    annexes,
    announcements,
    assistance,
    breaches,
    calculator,
    config,
    controllers,
    dpo,
    errors,
    gate,
    house,
    journal,
    languages,
    layout,
    people,
    portal,
    readiness,
    requests,
    retention,
    sessions,
    shipped,
    stores,
    subprocessors,
    today,
)
from app.config import Settings
from registers.kernel import clock

SUBJECTS = (
    *(today, activities, controllers, subprocessors, announcements, breaches, dpo, requests),
    *(retention, stores, annexes, assistance),
    *(journal, people, portal, calculator),
)
"""Each brings its blueprints; together they are all pages."""

LARGEST_UPLOAD = 32 * 1024 * 1024


def create_app(
    settings: Settings | None = None, *, now: Callable[[], datetime] = clock.now
) -> Flask:
    """The application, ready to serve a data folder that was prepared.

    Args:
        settings: read from the environment when left out.
        now: the clock.

    Raises:
        Refused: the settings cannot be used.
    """
    settings = settings or config.settings()
    app = Flask("app", template_folder=str(shipped.folder("templates")))
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_UPLOAD
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # a form lives as long as its session
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    house.attach(app, settings, now)
    app.secret_key = app.extensions["greffe"].home.session_key
    csrf = CSRFProtect(app)
    languages.attach(app)
    sessions.attach(app)
    layout.attach(app)
    errors.attach(app)
    app.register_blueprint(readiness.blueprint)
    for subject in SUBJECTS:
        for blueprint in subject.BLUEPRINTS:
            app.register_blueprint(blueprint)
    for blueprint in portal.BLUEPRINTS:
        csrf.exempt(blueprint)  # they look themselves: see `app.portal.visiting`
    gate.attach(app)
    return app
