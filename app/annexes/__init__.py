"""Sealed papers, as pages."""

from app.annexes import views

BLUEPRINTS = (views.blueprint,)
