"""The journal, as pages."""

from app.journal import views

BLUEPRINTS = (views.blueprint,)
