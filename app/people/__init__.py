"""Signing in, one's own account, and the accounts of others."""

from app.people import views

BLUEPRINTS = (views.blueprint,)
