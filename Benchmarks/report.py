"""Turns lists of seconds into medians and a table."""

import statistics


def summary(values):
    return {"median": statistics.median(values), "minimum": min(values), "maximum": max(values), "runs": len(values)}


def cell(values, unit):
    """`median (minimum–maximum)`, in seconds or milliseconds."""
    scale, digits = {"s": (1, 2), "ms": (1000, 1)}[unit]
    figures = [f"{value * scale:.{digits}f}" for value in (statistics.median(values), min(values), max(values))]
    return f"{figures[0]} ({figures[1]}–{figures[2]})"


def table(header, rows):
    """Columns as wide as they need to be, in Markdown, so that it can be pasted."""
    lines = [header] + rows
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]

    def render(line):
        padded = [text.ljust(width) if index == 0 else text.rjust(width) for index, (text, width) in enumerate(zip(line, widths))]
        return "| " + " | ".join(padded) + " |"

    rule = "|" + "|".join("-" * (width + 1) + ("-" if index == 0 else ":") for index, width in enumerate(widths)) + "|"
    return "\n".join([render(header), rule] + [render(row) for row in rows])
