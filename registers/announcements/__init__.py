"""Intended changes of sub-processors, told beforehand; each contract's window and objection."""
