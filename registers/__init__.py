"""The registers of a GDPR processor, without the web: rules, acts, evidence, papers."""
