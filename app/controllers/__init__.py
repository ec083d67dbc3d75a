"""The organisation, its controllers, their contacts and contracts, as pages."""

from app.controllers import contacts, contracts, importing, views

BLUEPRINTS = (contacts.blueprint, contracts.blueprint, importing.blueprint, views.blueprint)
