"""A picture of the figures (SVG): operations a second as bars on a logarithmic scale, floors as lines."""
import math

from floors import FLOORS

ROW, LEFT, WIDTH = 22, 220, 560


def draw(figures, path):
    rows = [(name, row) for name, row in figures.items() if "rate" in row]
    if not rows:
        return
    top = max(row["rate"] for _, row in rows)

    def x(rate):
        return LEFT + WIDTH * max(0, math.log10(max(rate, 10)) - 1) / (math.log10(top * 1.3) - 1)

    floors = {}
    for name, share, _, divisor, _ in FLOORS:
        if "ceiling" in figures.get(name, {}):
            floors[name] = share * figures[name]["ceiling"] / divisor
    height = ROW * (len(rows) + 2)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 120} {height}" '
           'font-family="sans-serif" font-size="12">',
           f'<rect width="100%" height="{height}" fill="white"/>',
           f'<text x="{LEFT}" y="15">operations a second on one core (logarithmic); line: the floor</text>']
    for at, (name, row) in enumerate(rows, 1):
        y = ROW * at
        out.append(f'<text x="{LEFT - 8}" y="{y + 15}" text-anchor="end">{name}</text>')
        out.append(f'<rect x="{LEFT}" y="{y + 3}" width="{x(row["rate"]) - LEFT:.1f}" height="{ROW - 6}" '
                   'fill="#3b6ea5"/>')
        out.append(f'<text x="{x(row["rate"]) + 6:.1f}" y="{y + 15}">{row["rate"]:.0f}</text>')
        if name in floors:
            out.append(f'<rect x="{x(floors[name]):.1f}" y="{y}" width="2" height="{ROW}" fill="#c0392b"/>')
    out.append("</svg>")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(out) + "\n")
