"""Breaches of personal data, as pages."""

from app.breaches import affected, notifying, views, withdrawing

BLUEPRINTS = tuple(each.blueprint for each in (views, affected, notifying, withdrawing))
"""Pages of breaches."""
