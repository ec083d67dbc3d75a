"""The front page: what falls due, and what is to be completed."""

from app.today import views

BLUEPRINTS = (views.blueprint,)
