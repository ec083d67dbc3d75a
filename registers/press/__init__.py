"""Papers: a snapshot is typeset, sealed, verified, stored. Knows no subject."""
