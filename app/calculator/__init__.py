"""The calculator of time limits, for any signed-in person."""

from app.calculator import views

BLUEPRINTS = (views.blueprint,)
