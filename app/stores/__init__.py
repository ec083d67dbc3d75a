"""Pages of the stores of this installation itself: their limits, and what they hold of a person."""

from app.stores import views

BLUEPRINTS = (views.blueprint,)
