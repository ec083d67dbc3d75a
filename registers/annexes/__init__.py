"""Papers that span subjects: what they show of the registers, their making, their keeping."""
