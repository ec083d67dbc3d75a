"""Operators that set faces and colours and draw rules; the house may have a colour of its own."""

from functools import lru_cache

from reportlab.lib.colors import Color, HexColor

from registers.press import layout, letter, story
from registers.press.glyphs import name
from registers.press.layout import (
    ACCENT,
    BAR,
    HEAD_RULE,
    MEASURE,
    ROW_RULE,
    TINT,
    Boxes,
    Grid,
    Rule,
    Style,
)


def face_of(style: Style) -> str:
    """Sets face, size and leading."""
    return f"/{name((style.face, 0))} {style.size:g} Tf {style.leading:g} TL "


def rule_at(y: float, x: float = 0) -> str:
    """A line across the measure."""
    height = f"{y:.2f}"
    return f"{x:.2f} {height} m {x + MEASURE:.2f} {height} l "


class Palette:
    """Operators that set colours: in place of the common accent, that of the house."""

    def __init__(self, accent: str) -> None:
        self._accent = HexColor(accent) if accent else ACCENT
        styles = (*vars(story).values(), *vars(letter).values(), *story.HEADINGS.values())
        # Styles live as long as their modules, and are faster told apart than compared.
        self._known = {
            id(style): self._written(style)
            for style in (*styles, *vars(layout).values(), Boxes.STYLE)
            if isinstance(style, Style)
        }

    def style(self, style: Style) -> str:
        """Sets face, size, leading and colour."""
        return self._known.get(id(style)) or self._written(style)

    def _written(self, style: Style) -> str:
        return face_of(style) + self._colour(style.colour, "rg")

    def stroke(self, rule: Rule) -> str:
        """Sets the colour and the thickness of lines."""
        return f"{self._colour(rule.colour, 'RG')}{rule.thickness:g} w "

    def _colour(self, colour: Color, operator: str) -> str:
        red, green, blue = (self._accent if colour is ACCENT else colour).rgb()
        return f"{red:.3f} {green:.3f} {blue:.3f} {operator} "

    def _filled(self, colour: Color, low: float, width: float, height: float) -> str:
        return f"{self._colour(colour, 'rg')}0 {low:.2f} {width:.2f} {height:.2f} re f\n"

    def graphics(self, grid: Grid) -> str:
        """The fills and rules of a grid, from its upper left corner."""
        look, foot = grid.look, -grid.height
        parts = []
        if look.fill:
            parts.append(self._filled(look.fill, foot, MEASURE, grid.height))
        if look.bar:
            parts.append(self._filled(look.bar, foot, BAR, grid.height))
        at, rules = 0.0, []
        for number, row in enumerate([*([grid.head] if grid.head else []), *grid.rows]):
            if row.heading:
                parts.append(self._filled(TINT, at - row.height, MEASURE, row.height))
                parts.append(f"{self.stroke(HEAD_RULE)}{rule_at(at)}S\n")
            elif number and not row.goes_on:
                rules.append(rule_at(at))
            at -= row.height
        if rules:
            parts.append(f"{self.stroke(ROW_RULE)}{''.join(rules)}S\n")
        if look.closed:
            parts.append(f"{self.stroke(grid.foot)}{rule_at(foot)}S\n")
        return "".join(parts)


@lru_cache(maxsize=8)
def palette(accent: str) -> Palette:
    """The palette of a house."""
    return Palette(accent)
