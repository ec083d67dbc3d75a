"""Pages of retention: what falls due, what ended, erasures with four eyes, certificates."""

from app.retention import cases, erasures, returns, views

BLUEPRINTS = (views.blueprint, cases.blueprint, erasures.blueprint, returns.blueprint)
