"""Breaches of personal data, as pages."""

from app.breaches import affected, notifying, papers, views, withdrawing

BLUEPRINTS = tuple(each.blueprint for each in (views, affected, notifying, withdrawing, papers))
"""Pages of breaches."""
