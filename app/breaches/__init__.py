"""Breaches of personal data, as pages."""

from app.breaches import affected, by_hand, notifying, oncall, views

BLUEPRINTS = tuple(each.blueprint for each in (views, affected, by_hand, notifying, oncall))
"""Pages of breaches."""
