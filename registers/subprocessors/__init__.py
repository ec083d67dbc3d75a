"""Other processors that the organisation engages: their dossiers, sites and chain."""
