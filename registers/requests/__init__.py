"""Requests of data subjects that reach the processor: acknowledged, passed on, followed."""
