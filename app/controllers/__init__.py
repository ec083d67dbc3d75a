"""The organisation, its controllers, their contacts and contracts, as pages."""

from app.controllers import contacts, contracts, importing, look, views

BLUEPRINTS = (
    *(contacts.blueprint, contracts.blueprint, importing.blueprint, look.blueprint),
    views.blueprint,
)
