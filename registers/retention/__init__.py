"""Retention: what was promised to be erased, when it falls due, and the proof that it was done."""
