"""Time limits counted a second time, plainly: hand-made tables, one day after the other."""

from datetime import UTC, date, datetime, time, timedelta

DAY = timedelta(days=1)


def easter(year):
    """Meeus, Jones and Butcher's computation of the Gregorian Easter Sunday."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 19 * m) // 433
    month = (h + m - 7 * n + 90) // 25
    return date(year, month, (h + m - 7 * n + 33 * month + 19) % 32)


GOOD_FRIDAY, EASTER_MONDAY, ASCENSION, WHIT_MONDAY, CORPUS_CHRISTI = -2, 1, 39, 50, 60
FRANCE = (
    *((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)),
    *(EASTER_MONDAY, ASCENSION, WHIT_MONDAY),
)
ALSACE = (*FRANCE, (12, 26), GOOD_FRIDAY)
TABLES = {
    "FR": FRANCE,
    "FR-57": ALSACE,
    "FR-67": ALSACE,
    "FR-68": ALSACE,
    "FR-971": (*FRANCE, (5, 27)),
    "FR-972": (*FRANCE, (5, 22)),
    "FR-973": (*FRANCE, (6, 10)),
    "FR-974": (*FRANCE, (12, 20)),
    "FR-975": FRANCE,
    "FR-976": (*FRANCE, (4, 27)),
    "BE": (
        *((1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25)),
        *(EASTER_MONDAY, ASCENSION, WHIT_MONDAY),
    ),
    "LU": (
        *((1, 1), (5, 1), (5, 9), (6, 23), (8, 15), (11, 1), (12, 25), (12, 26)),
        *(EASTER_MONDAY, ASCENSION, WHIT_MONDAY),
    ),
    "DE-BY": (
        *((1, 1), (1, 6), (5, 1), (10, 3), (11, 1), (12, 25), (12, 26)),
        *(GOOD_FRIDAY, EASTER_MONDAY, ASCENSION, WHIT_MONDAY, CORPUS_CHRISTI),
    ),
    "ES": (
        *((1, 1), (1, 6), (5, 1), (8, 15), (10, 12), (11, 1), (12, 6), (12, 8), (12, 25)),
        GOOD_FRIDAY,
    ),
    "IT": (
        *((1, 1), (1, 6), (4, 25), (5, 1), (6, 2), (8, 15), (11, 1), (12, 8), (12, 25), (12, 26)),
        EASTER_MONDAY,
    ),
    "NL": (
        *((1, 1), (5, 5), (12, 25), (12, 26)),
        *(GOOD_FRIDAY, EASTER_MONDAY, ASCENSION, WHIT_MONDAY),
    ),
    "PT": (
        *((1, 1), (4, 25), (5, 1), (6, 10), (8, 15), (10, 5), (11, 1), (12, 1), (12, 8), (12, 25)),
        *(GOOD_FRIDAY, CORPUS_CHRISTI),
    ),
}


def is_holiday(day, code):
    for entry in TABLES[code]:
        if isinstance(entry, int):
            if day == easter(day.year) + entry * DAY:
                return True
        elif (day.month, day.day) == entry:
            return True
    if code == "IT" and (day.month, day.day) == (10, 4):
        return day.year >= 2026  # Law 151/2025
    if code == "NL":  # the King's birthday, on Saturday when it falls on a Sunday
        birthday = date(day.year, 4, 27)
        return day == (birthday - DAY if birthday.weekday() == 6 else birthday)
    return False


def count_days(start, amount, code, weekdays):
    """The due day and the holidays skipped, for `weekdays` 5 or 6 a week."""
    day, skipped = start, []
    step = DAY if amount > 0 else -DAY
    for _ in range(abs(amount)):
        while True:
            day += step
            if day.weekday() >= weekdays:
                continue
            if is_holiday(day, code):
                skipped.append(day)
                continue
            break
    return day, sorted(skipped)


def roll(day, code):
    while day.weekday() > 4 or is_holiday(day, code):
        day += DAY
    return day


def same_date(day, months):
    """The same date so many months later, found by trying."""
    year, month = day.year, day.month
    for _ in range(abs(months)):
        month += 1 if months > 0 else -1
        if month == 13:
            year, month = year + 1, 1
        if month == 0:
            year, month = year - 1, 12
    for last in range(day.day, 27, -1):
        try:
            return date(year, month, last)
        except ValueError:
            continue
    return date(year, month, day.day)


def _last_sunday(year, month):
    day = date(year, month, 31)
    while day.weekday() != 6:
        day -= DAY
    return day


def paris_offset(moment):
    """Hours between UTC and the clocks of central Europe, by the rule of the Union."""
    summer = datetime.combine(_last_sunday(moment.year, 3), time(1), UTC)
    winter = datetime.combine(_last_sunday(moment.year, 10), time(1), UTC)
    return 2 if summer <= moment < winter else 1


def paris_midnight_after(day):
    """24:00 of a day in central Europe, in UTC."""
    for hours in (2, 1):
        moment = datetime.combine(day + DAY, time(), UTC) - timedelta(hours=hours)
        if paris_offset(moment) == hours:
            return moment
    raise AssertionError
