"""Breaches of personal data, as pages."""

from app.breaches import (
    affected,
    counting,
    figures,
    following,
    informed,
    letters,
    notifying,
    owning,
    papers,
    views,
    withdrawing,
)

BLUEPRINTS = tuple(
    each.blueprint
    for each in (
        *(views, affected, counting, notifying, informed, letters),
        *(withdrawing, owning, following, figures, papers),
    )
)
"""Pages of breaches."""
