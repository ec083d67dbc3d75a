"""Pages of figures: of one breach, and of all; exercises apart."""

from datetime import timedelta

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.breaches import charts
from app.breaches.views import frame
from app.gate import needs
from app.house import house
from registers.breaches import figures as counting
from registers.breaches import queries
from registers.breaches.models import Breach
from registers.people.roles import Permission

blueprint = Blueprint("figures", __name__)


@blueprint.get("/breaches/<code>/figures")
@needs(Permission.BREACHES_READ)
def of_one(code: str) -> ResponseReturnValue:
    """How soon the controllers of one breach were informed."""
    head = queries.one(house().session, code)
    now = house().now()
    told = counting.of_breaches(house().session, [head], now)[head.id]
    spans = counting.spans(told)
    return render_template(
        "breaches/figures.html",
        **frame(head),
        told=told,
        curve=charts.curve(told, _age(head)),
        spans=list(zip(spans, charts.widths([count for _, count in spans]), strict=True)),
        lasted=counting.lasted,
        width=charts.WIDTH,
        height=charts.HEIGHT,
    )


def _age(head: Breach) -> timedelta | None:
    """How long ago the awareness was; of what ended, how long it took."""
    if head.aware_at is None:
        return None
    return max((head.ended_at or house().now()) - head.aware_at, timedelta())


@blueprint.get("/breaches/figures")
@needs(Permission.BREACHES_READ)
def of_all() -> ResponseReturnValue:
    """How soon controllers were informed, breach by breach; exercises in a table of their own."""
    session, now = house().session, house().now()
    parts = []
    for drills in (False, True):
        heads = counting.counted(session, drills=drills)
        told = counting.of_breaches(session, heads, now)
        rows = [(head, told[head.id]) for head in heads]
        parts.append((drills, rows, counting.together(told.values())))
    return render_template(
        "breaches/all_figures.html", parts=parts, lasted=counting.lasted, now=now
    )
