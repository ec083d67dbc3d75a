"""The register of processing: activities, the measures that protect them, their retention."""
