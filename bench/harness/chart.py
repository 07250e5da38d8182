"""Draws what a create costs beside the peers, from the tables of docs/performance.md.

As a program: writes docs/create-cost.svg.
"""

import html
import pathlib

SOURCE = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = SOURCE / "docs" / "performance.md"
CHART = SOURCE / "docs" / "create-cost.svg"

TABLE = "Create, 64 connections"
FIGURE = "CPU µs a request, lower quartile"
OURS = "this library"

WIDTH, LEFT, RIGHT, TOP, ROW, BAR = 720, 250, 60, 46, 30, 18

STYLE = """
    text { font: 14px system-ui, sans-serif; fill: #1f2328 }
    .title { font-weight: 600 }
    .note { font-size: 12px; fill: #59636e }
    .peer { fill: #afb8c1 }
    .ours { fill: #0a6ebd }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 }
      .note { fill: #9198a1 }
      .peer { fill: #57606a }
      .ours { fill: #4aa3f0 }
    }"""


def rows_of(document):
    """The rows of the table below the line that begins with TABLE, by its headings."""
    lines = iter(document.splitlines())
    for line in lines:
        if line.startswith(TABLE):
            break
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in _table(lines)]
    headings, _, *rows = cells
    return [dict(zip(headings, row)) for row in rows]


def _table(lines):
    for line in lines:
        if line.startswith("|"):
            yield line
            break
    for line in lines:
        if not line.startswith("|"):
            return
        yield line


def draw(document):
    rows = [(row["client"], float(row[FIGURE])) for row in rows_of(document)]
    rows.sort(key=lambda row: row[1])
    scale = (WIDTH - LEFT - RIGHT) / max(figure for _, figure in rows)
    height = TOP + ROW * len(rows) + 24
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}" role="img" aria-label="CPU time of a create, beside peers">',
        f"  <style>{STYLE}\n  </style>",
        f'  <text class="title" x="0" y="20">{TABLE}: CPU time of a request, µs</text>',
    ]
    for number, (client, figure) in enumerate(rows):
        top = TOP + ROW * number
        middle = top + BAR / 2 + 5
        kind = "ours" if client == OURS else "peer"
        parts += [
            f'  <text x="{LEFT - 12}" y="{middle:.0f}" text-anchor="end">{html.escape(client)}</text>',
            f'  <rect class="{kind}" x="{LEFT}" y="{top}" width="{figure * scale:.1f}" height="{BAR}" rx="2"/>',
            f'  <text x="{LEFT + figure * scale + 8:.1f}" y="{middle:.0f}">{figure:.1f}</text>',
        ]
    parts.append(f'  <text class="note" x="0" y="{height - 6}">Less is better. Lower quartile of interleaved '
                 "rounds, by tools/bench; all of the tables: docs/performance.md</text>")
    parts.append("</svg>")
    return "\n".join(parts) + "\n"


def main():
    CHART.write_text(draw(DOCUMENT.read_text()))


if __name__ == "__main__":
    main()
