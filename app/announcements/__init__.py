"""Announcements of changes of sub-processors and of updates, as pages."""

from app.announcements import engaging, following, letters, matters, papers, versions, views

BLUEPRINTS = tuple(
    each.blueprint for each in (views, following, matters, engaging, letters, papers, versions)
)
"""Pages of announcements."""
