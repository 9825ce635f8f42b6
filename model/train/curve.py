"""`python -m u2cam.model.train.curve`: draw a run's log as an SVG, losses and validation."""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

WIDTH, HEIGHT, MARGIN = 720, 300, 48
Point = tuple[float, float]


def read_series(path: Path) -> tuple[list[Point], list[Point], list[Point]]:
    """Read (samples, value) of training L1 × 10³, and validation MAD × 10³ of both phases.

    Raises:
        ValueError: the file holds no rows of a run's log.
    """
    training: list[Point] = []
    validation: tuple[list[Point], list[Point]] = ([], [])
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            samples = float(row["samples"])
            if row["l1"]:
                training.append((samples, 1000 * float(row["l1"])))
            if row["val_mad_e3"]:
                validation[min(int(row["phase"]), 1)].append((samples, float(row["val_mad_e3"])))
    if not training:
        raise ValueError(f"{path}: no rows of training; wanted the log.csv of a run")
    return training, validation[0], validation[1]


def polyline(points: list[Point], colour: str, most: Point, dots: bool) -> str:
    """One series as SVG, scaled so that `most` lies in the upper right corner."""
    placed = [
        (
            MARGIN + x / most[0] * (WIDTH - 2 * MARGIN),
            HEIGHT - MARGIN - min(y / most[1], 1.0) * (HEIGHT - 2 * MARGIN),
        )
        for x, y in points
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
    result = f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
    if dots:
        result += "".join(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>' for x, y in placed
        )
    return result


def draw(path: Path) -> str:
    """Draw the log at `path`; returns the SVG."""
    training, low, high = read_series(path)
    most = (max(x for x, _ in training + low + high), 200.0)
    bottom, right = HEIGHT - MARGIN, WIDTH - MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<path d="M{MARGIN},{MARGIN}V{bottom}H{right}" fill="none" stroke="black"/>',
    ]
    for value in (0, 50, 100, 150, 200):
        y = bottom - value / most[1] * (HEIGHT - 2 * MARGIN)
        parts.append(f'<text x="{MARGIN - 6}" y="{y + 4:.0f}" text-anchor="end">{value}</text>')
    parts.append(
        f'<text x="{right}" y="{bottom + 20}" text-anchor="end">{most[0]:.0f} samples</text>'
    )
    series = (
        ("training L1", training, "#999999", False),
        ("validation MAD, phase 1", low, "#0066cc", True),
        ("validation MAD, phase 2", high, "#cc3300", True),
    )
    for index, (name, points, colour, dots) in enumerate(series):
        parts.append(polyline(points, colour, most, dots))
        x = MARGIN + 200 * index
        parts.append(f'<text x="{x}" y="{MARGIN - 20}" fill="{colour}">{name} × 10³</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def main() -> None:
    """Read the command line and draw."""
    parser = argparse.ArgumentParser(prog="python -m u2cam.model.train.curve", description=__doc__)
    parser.add_argument("log", type=Path, help="log.csv of a run")
    parser.add_argument("picture", type=Path, help="the .svg file to write")
    options = parser.parse_args()
    options.picture.write_text(draw(options.log))


if __name__ == "__main__":
    main()
