"""What a recipient reaches by the link of a notice, without an account."""

from app.portal import answers, declaring, instructing, letters, told, views

BLUEPRINTS = tuple(
    each.blueprint for each in (views, answers, told, letters, declaring, instructing)
)
