"""Sealed papers, as pages."""

from app.annexes import ordering, views

BLUEPRINTS = (ordering.blueprint, views.blueprint)
