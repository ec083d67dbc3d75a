"""Breaches of personal data, as pages."""

from app.breaches import (
    affected,
    by_hand,
    counting,
    figures,
    following,
    informed,
    letters,
    notifying,
    oncall,
    owning,
    papers,
    views,
    withdrawing,
)

BLUEPRINTS = tuple(
    each.blueprint
    for each in (
        *(views, affected, by_hand, counting, notifying, informed, letters),
        *(withdrawing, owning, following, figures, papers, oncall),
    )
)
"""Pages of breaches."""
