"""The dossiers of sub-processors, as pages."""

from app.subprocessors import published, views

BLUEPRINTS = (views.blueprint, published.blueprint)
