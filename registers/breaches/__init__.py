"""Breaches of personal data: the record, the controllers touched, a clock for each contract."""
