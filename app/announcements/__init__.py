"""Announcements of changes of sub-processors, as pages."""

from app.announcements import engaging, following, letters, matters, views

BLUEPRINTS = tuple(each.blueprint for each in (views, following, matters, engaging, letters))
"""Pages of announcements."""
