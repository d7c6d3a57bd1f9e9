"""Sparks, dust and snow: many small seeded particles on simple paths."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from miitti.demo.brush import Colour, Pen, Point, clear, mix

GRAVITY = 900.0
"""Fall of a spark, pixels per second squared."""


@dataclass(frozen=True)
class Particle:
    """One particle: born at `at` seconds, flying with (vx, vy) pixels a second for `life` seconds."""

    at: float
    life: float
    vx: float
    vy: float
    size: float


def shower(
    seed: int,
    seconds: float,
    per_second: float,
    direction: float,
    spread: float,
    speed: tuple[float, float],
    life: tuple[float, float] = (0.25, 0.8),
    size: tuple[float, float] = (1.2, 2.6),
) -> list[Particle]:
    """Particles thrown out around `direction` (radians) within `spread`, from a second before the start on."""
    chance = random.Random(seed)  # noqa: S311 - pictures must be the same each time
    out = []
    for i in range(round((seconds + 1) * per_second)):
        angle = direction + spread * (chance.random() + chance.random() - 1)
        pace = chance.uniform(*speed)
        out.append(
            Particle(
                at=i / per_second - 1 + chance.random() / per_second,
                life=chance.uniform(*life),
                vx=pace * math.cos(angle),
                vy=pace * math.sin(angle),
                size=chance.uniform(*size),
            )
        )
    return out


def draw_sparks(
    pen: Pen,
    particles: list[Particle],
    t: float,
    source: Callable[[float], Point],
    strength: Callable[[float], float],
    floor: float | None = None,
) -> None:
    """Draws glowing streaks from where `source` was at their birth; on `floor` (y) they bounce once.

    `strength` (0-1) at birth lets a shower pause.
    """
    for p in particles:
        age = t - p.at
        if not 0 <= age < p.life or strength(p.at) < 0.3:
            continue
        origin = source(p.at)
        head = _place(p, age, origin, floor)
        tail = _place(p, max(0.0, age - 0.05), origin, floor)
        k = age / p.life
        colour = (
            mix((255, 246, 214), (250, 176, 60), k * 2) if k < 0.5 else mix((250, 176, 60), (170, 50, 20), k * 2 - 1)
        )
        pen.line([tail, head], p.size * (1.15 - 0.6 * k), clear(colour, 1 - k * k * 0.8))


def _place(p: Particle, age: float, origin: Point, floor: float | None) -> Point:
    x = origin[0] + p.vx * age
    y = origin[1] + p.vy * age + GRAVITY * age * age / 2
    if floor is not None and y > floor and origin[1] <= floor:
        drop = max(0.0, floor - origin[1])
        hit = (-p.vy + math.sqrt(max(0.0, p.vy * p.vy + 2 * GRAVITY * drop))) / GRAVITY
        rest = max(0.0, age - hit)
        bounce = 0.32 * (p.vy + GRAVITY * hit)
        y = floor - max(0.0, bounce * rest - GRAVITY * rest * rest / 2)
        x = origin[0] + p.vx * hit + p.vx * 0.6 * rest
    return (x, y)


def draw_dust(pen: Pen, particles: list[Particle], t: float, source: Point, colour: Colour, drag: float = 2.2) -> None:
    """Draws light dust that is thrown out, slowed by the air and sinks."""
    for p in particles:
        age = t - p.at
        if not 0 <= age < p.life:
            continue
        reach = (1 - math.exp(-drag * age)) / drag
        k = age / p.life
        at = (source[0] + p.vx * reach, source[1] + p.vy * reach + 150 * age * age)
        pen.oval(at, p.size * (1 + 0.4 * k), fill=clear(colour, 0.85 * (1 - k) ** 0.7))


@dataclass(frozen=True)
class Flake:
    """Something that drifts for ever within a box: snow, motes in a beam of light."""

    x: float
    y: float
    size: float
    pace: float
    sway: float


def flakes(seed: int, count: int, size: tuple[float, float], pace: tuple[float, float]) -> list[Flake]:
    """`count` drifting flakes at random places of the unit square."""
    c = random.Random(seed)  # noqa: S311 - pictures must be the same each time
    return [
        Flake(c.random(), c.random(), c.uniform(*size), c.uniform(*pace), c.uniform(0, math.tau)) for _ in range(count)
    ]


def draw_flakes(
    pen: Pen, items: list[Flake], t: float, area: tuple[float, float, float, float], colour: Colour, alpha: float
) -> None:
    """Draws the flakes drifting down (or up, with a negative pace) inside `area` (left, top, right, bottom)."""
    left, top, right, bottom = area
    for f in items:
        x = left + (right - left) * f.x + 14 * math.sin(t * 0.7 + f.sway)
        y = top + ((bottom - top) * f.y + f.pace * t) % (bottom - top)
        if left <= x <= right:
            pen.oval((x, y), f.size, fill=clear(colour, alpha * (0.55 + 0.45 * math.sin(f.sway * 3 + t))))
