"""Announcements of changes of sub-processors, as pages."""

from app.announcements import engaging, following, letters, matters, papers, views

BLUEPRINTS = tuple(
    each.blueprint for each in (views, following, matters, engaging, letters, papers)
)
"""Pages of announcements."""
