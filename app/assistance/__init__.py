"""Instructions, assistance, interventions, staff and certificates, as pages."""

from app.assistance import instructions, packs, shelves, staff, together

BLUEPRINTS = (
    together.blueprint,
    instructions.blueprint,
    *(each.blueprint for each in shelves.SHELVES),
    staff.blueprint,
    packs.blueprint,
)
"""Pages of instructions and assistance."""
