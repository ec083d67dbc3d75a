"""The organisation, its controllers, their points of contact, contracts and terms."""
