"""The dossiers of sub-processors, as pages."""

from app.subprocessors import views

BLUEPRINTS = (views.blueprint,)
