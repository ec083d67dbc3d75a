"""What a recipient reaches by the link of a notice, without an account."""

from app.portal import answers, told, views

BLUEPRINTS = (views.blueprint, answers.blueprint, told.blueprint)
