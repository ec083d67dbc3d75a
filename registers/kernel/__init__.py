"""What every subject stands on: acts, history, evidence, time limits. Knows no subject."""
