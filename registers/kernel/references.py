"""Numbers that people quote to each other: AX-2026-0014. No gap, no number twice."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from registers.kernel.act import Act
from registers.kernel.base import Base, Regime, insert_or_ignore


class Series(Base):
    """One series of numbers: a prefix and a year."""

    __tablename__ = "series"
    regime = Regime.PLAIN

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    latest: Mapped[int]


def take(act: Act, prefix: str, day: date, count: int = 1) -> list[str]:
    """The next numbers of a prefix in the year of that day.

    The series stays locked until the act ends; an act that does not commit leaves no gap. Take
    them late in an act.
    """
    name = f"{prefix}-{day.year}"
    act.session.execute(insert_or_ignore(act.session, Series, name=name, latest=0))
    series = act.take(Series, name)
    first = series.latest + 1
    series.latest += count
    act.session.flush()
    return [f"{name}-{number:04d}" for number in range(first, first + count)]
