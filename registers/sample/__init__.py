"""A fictional publisher's register, to try everything on: it can never stand beside real data."""

from registers.sample.loading import load

__all__ = ["load"]
