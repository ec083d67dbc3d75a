"""Breaches of personal data, as pages."""

from app.breaches import affected, notifying, oncall, views

BLUEPRINTS = tuple(each.blueprint for each in (views, affected, notifying, oncall))
"""Pages of breaches."""
