"""Papers: what stands on them is typeset, sealed, checked, verified. Knows no subject.

In: `paper` (blocks of text, the stamp), `house_style` (logo, colour, footer), `identity` (who
seals; `trial_identity` for trying out).
Door: `issue`, which asks `fast` and falls back to `reference` with `seal`.
Both renderers: `typography` (text to lines), `story` (blocks to pieces), `letter` (its head),
`layout` (pieces), `furniture` (head and foot), `colophon` (how to check it), `archive` (what
PDF/A asks).
The fast one alone: `pagination`, `marks`, `palette`, `glyphs`, `structure`, `objects`, `cms`, and
`own`, which checks what was just made. The reference one alone: `appearance`.
Out: `verify`, for any PDF, with `signature_value` and `embedded`.
"""
