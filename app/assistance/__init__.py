"""Instructions, assistance, interventions, staff and certificates, as pages."""

from app.assistance import duties, instructions, packs, shelves, staff, together

BLUEPRINTS = (
    together.blueprint,
    instructions.blueprint,
    instructions.letters,
    duties.blueprint,
    duties.letters,
    *(each.blueprint for each in shelves.SHELVES),
    staff.blueprint,
    packs.blueprint,
)
"""Pages of instructions and assistance."""
