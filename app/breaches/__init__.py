"""Breaches of personal data, as pages."""

from app.breaches import affected, notifying, views

BLUEPRINTS = tuple(each.blueprint for each in (views, affected, notifying))
"""Pages of breaches."""
