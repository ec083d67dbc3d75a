"""Pages of retention: what falls due, what ended, erasures with four eyes, certificates."""

from app.retention import cases, certificates, erasures, returns, views

BLUEPRINTS = (
    *(views.blueprint, cases.blueprint, erasures.blueprint),
    *(certificates.blueprint, returns.blueprint),
)
