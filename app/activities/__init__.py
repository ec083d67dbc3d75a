"""The register of processing and its measures, as pages."""

from app.activities import measures, views

BLUEPRINTS = (views.blueprint, measures.blueprint)
