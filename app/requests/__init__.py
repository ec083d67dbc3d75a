"""Requests of data subjects, as pages."""

from app.requests import views

BLUEPRINTS = (views.blueprint,)
"""Pages of requests."""
