"""Data protection officers: what controllers declared, what is awaited, our own."""

from app.dpo import forms, views

BLUEPRINTS = (views.blueprint,)
"""Pages of declarations."""

__all__ = ["BLUEPRINTS", "forms"]
