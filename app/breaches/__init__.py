"""Breaches of personal data, as pages."""

from app.breaches import affected, figures, notifying, papers, views, withdrawing

BLUEPRINTS = tuple(
    each.blueprint for each in (views, affected, notifying, withdrawing, papers, figures)
)
"""Pages of breaches."""
