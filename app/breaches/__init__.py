"""Breaches of personal data, as pages."""

from app.breaches import affected, informed, letters, notifying, views

BLUEPRINTS = tuple(each.blueprint for each in (views, affected, notifying, informed, letters))
"""Pages of breaches."""
