"""The people of the demo's films, drawn from a few joints, and what they wear."""

from __future__ import annotations

import math
from dataclasses import dataclass

from miitti.demo.brush import INK, SKIN, SKIN_SHADE, SUN, Colour, Pen, Point, joint, mix


@dataclass(frozen=True)
class Look:
    """What one person looks like; colours only, the size is given when drawing."""

    coat: Colour
    trousers: Colour
    skin: Colour = SKIN
    shade: Colour = SKIN_SHADE
    hair: Colour = (92, 62, 38)
    helmet: Colour | None = None
    ears: Colour | None = None
    stripe: Colour | None = (236, 232, 190)
    gloves: Colour | None = None
    apron: Colour | None = None
    bun: bool = False
    beard: bool = False
    glasses: bool = False


@dataclass(frozen=True)
class Pose:
    """Where a person's joints are, in finished pixels; `facing` is 1 to the right and -1 to the left."""

    hip: Point
    neck: Point
    hands: tuple[Point, Point]
    feet: tuple[Point, Point]
    facing: int = 1
    nod: float = 0.0


def draw(pen: Pen, look: Look, pose: Pose, size: float, *, arms: str = "both") -> None:
    """Draws a person seen from the side; `size` is the height of a head in pixels.

    `arms` says which arms to draw: `both`, `far` (with the body; the near one comes later, in front of a machine),
    or `near` (that arm alone).
    """
    face = pose.facing
    shoulder = (pose.neck[0] - 0.05 * size * face, pose.neck[1] + 0.42 * size)
    if arms == "near":
        _arm(pen, look, shoulder, pose.hands[0], size, face, look.coat)
        return
    far_shoulder = (shoulder[0] + 0.22 * size * face, shoulder[1] + 0.02 * size)
    _arm(pen, look, far_shoulder, pose.hands[1], size, face, mix(look.coat, INK, 0.28))
    for foot, dark in ((pose.feet[1], 0.3), (pose.feet[0], 0.0)):
        _leg(pen, mix(look.trousers, INK, dark), pose.hip, foot, size, face)
    _torso(pen, look, pose, size)
    _head(pen, look, pose, size)
    if arms == "both":
        _arm(pen, look, shoulder, pose.hands[0], size, face, look.coat)


def _leg(pen: Pen, colour: Colour, hip: Point, foot: Point, size: float, face: int) -> None:
    half = 0.514 * max(2.3 * size, math.hypot(foot[0] - hip[0], foot[1] - hip[1]))  # hardly bent when standing
    knee = joint(hip, foot, half, half, -face)
    pen.bend(hip, knee, foot, (0.82 * size, 0.6 * size, 0.46 * size), colour)
    shoe = mix(INK, (70, 60, 50), 0.4)
    x, y = foot
    pen.blob(
        [
            (x - 0.3 * size * face, y - 0.1 * size),
            (x + 0.15 * size * face, y - 0.18 * size),
            (x + 0.72 * size * face, y + 0.16 * size),
            (x + 0.7 * size * face, y + 0.3 * size),
            (x - 0.3 * size * face, y + 0.3 * size),
        ],
        shoe,
    )


def _torso(pen: Pen, look: Look, pose: Pose, size: float) -> None:
    (hx, hy), (nx, ny), f = pose.hip, pose.neck, pose.facing
    outline = [
        (nx - 0.35 * size * f, ny + 0.08 * size),
        (nx + 0.3 * size * f, ny + 0.1 * size),
        (nx + 0.62 * size * f, ny + 0.75 * size),
        (hx + 0.58 * size * f, hy - 0.55 * size),
        (hx + 0.5 * size * f, hy + 0.32 * size),
        (hx - 0.5 * size * f, hy + 0.32 * size),
        (hx - 0.58 * size * f, hy - 0.6 * size),
        (nx - 0.72 * size * f, ny + 0.8 * size),
    ]
    pen.blob(outline, look.coat)
    back = [outline[0], outline[7], outline[6], outline[5]]
    inner = [(x + 0.24 * size * f, y) for x, y in reversed(back)]
    pen.shape([*back, *inner], (*mix(look.coat, INK, 0.5)[:3], 70))
    if look.stripe:
        for k in (0.62, 0.8):
            a = (
                outline[7][0] + (outline[6][0] - outline[7][0]) * k,
                outline[7][1] + (outline[6][1] - outline[7][1]) * k,
            )
            b = (
                outline[2][0] + (outline[3][0] - outline[2][0]) * k,
                outline[2][1] + (outline[3][1] - outline[2][1]) * k,
            )
            pen.line([a, b], 0.13 * size, look.stripe)
    if look.apron:
        pen.blob(
            [
                (nx + 0.22 * size * f, ny + 0.7 * size),
                (nx + 0.66 * size * f, ny + 0.85 * size),
                (hx + 0.66 * size * f, hy - 0.3 * size),
                (hx + 0.62 * size * f, hy + 1.2 * size),
                (hx - 0.05 * size * f, hy + 1.2 * size),
                (hx + 0.1 * size * f, hy - 0.3 * size),
            ],
            look.apron,
        )


def _head(pen: Pen, look: Look, pose: Pose, size: float) -> None:
    f = pose.facing
    nx, ny = pose.neck
    cx, cy = nx + (0.24 + 0.3 * pose.nod) * size * f, ny - (0.52 - 0.12 * pose.nod) * size
    pen.limb((nx, ny + 0.12 * size), (cx - 0.04 * size * f, cy + 0.2 * size), 0.44 * size, 0.4 * size, look.shade)
    if look.bun:
        pen.oval((cx - 0.5 * size * f, cy - 0.22 * size), 0.22 * size, fill=look.hair)
    pen.oval((cx - 0.07 * size * f, cy - 0.06 * size), 0.46 * size, 0.5 * size, look.hair)
    pen.blob(
        [
            (cx - 0.1 * size * f, cy - 0.4 * size),
            (cx + 0.3 * size * f, cy - 0.36 * size),
            (cx + 0.4 * size * f, cy - 0.05 * size),
            (cx + 0.5 * size * f, cy + 0.1 * size),
            (cx + 0.4 * size * f, cy + 0.18 * size),
            (cx + 0.34 * size * f, cy + 0.42 * size),
            (cx + 0.08 * size * f, cy + 0.5 * size),
            (cx - 0.2 * size * f, cy + 0.28 * size),
        ],
        look.skin,
    )
    if look.beard:
        pen.blob(
            [
                (cx - 0.2 * size * f, cy + 0.1 * size),
                (cx + 0.12 * size * f, cy + 0.2 * size),
                (cx + 0.42 * size * f, cy + 0.22 * size),
                (cx + 0.36 * size * f, cy + 0.5 * size),
                (cx + 0.05 * size * f, cy + 0.58 * size),
            ],
            look.hair,
        )
    pen.oval((cx - 0.14 * size * f, cy + 0.06 * size), 0.1 * size, 0.14 * size, look.shade)
    if look.glasses:
        pen.limb(
            (cx - 0.1 * size * f, cy - 0.06 * size),
            (cx + 0.34 * size * f, cy - 0.06 * size),
            0.05 * size,
            0.05 * size,
            INK,
        )
        pen.oval((cx + 0.31 * size * f, cy - 0.03 * size), 0.12 * size, 0.13 * size, (190, 222, 226, 210))
    else:
        pen.oval((cx + 0.28 * size * f, cy - 0.05 * size), 0.045 * size, 0.06 * size, INK)
    if look.helmet:
        pen.blob(
            [
                (cx - 0.52 * size * f, cy - 0.14 * size),
                (cx - 0.42 * size * f, cy - 0.52 * size),
                (cx, cy - 0.68 * size),
                (cx + 0.36 * size * f, cy - 0.5 * size),
                (cx + 0.46 * size * f, cy - 0.2 * size),
            ],
            look.helmet,
        )
        pen.limb(
            (cx - 0.44 * size * f, cy - 0.17 * size),
            (cx + 0.64 * size * f, cy - 0.2 * size),
            0.12 * size,
            0.08 * size,
            mix(look.helmet, INK, 0.18),
        )
        pen.arc((cx - 0.02 * size, cy - 0.2 * size), 0.36 * size, 215, 262, 0.06 * size, (255, 255, 255, 110))
    if look.ears:
        pen.oval((cx - 0.12 * size * f, cy + 0.02 * size), 0.2 * size, 0.24 * size, look.ears)
        pen.oval((cx - 0.12 * size * f, cy + 0.02 * size), 0.12 * size, 0.15 * size, mix(look.ears, INK, 0.25))
        if not look.helmet:
            pen.arc((cx - 0.06 * size * f, cy - 0.06 * size), 0.54 * size, 200, 320, 0.09 * size, look.ears)


def _arm(pen: Pen, look: Look, shoulder: Point, hand: Point, size: float, face: int, colour: Colour) -> None:
    elbow = joint(shoulder, hand, 1.3 * size, 1.25 * size, face)
    pen.bend(shoulder, elbow, hand, (0.62 * size, 0.48 * size, 0.36 * size), colour)
    pen.oval(hand, 0.25 * size, 0.22 * size, look.gloves or look.skin)
    if look.gloves:
        pen.limb(
            (hand[0] + (elbow[0] - hand[0]) * 0.12, hand[1] + (elbow[1] - hand[1]) * 0.12),
            (hand[0] + (elbow[0] - hand[0]) * 0.24, hand[1] + (elbow[1] - hand[1]) * 0.24),
            0.44 * size,
            0.44 * size,
            mix(look.gloves, INK, 0.15),
        )


WORKER_ORANGE = Look(coat=(214, 92, 30), trousers=(38, 52, 58), helmet=SUN)
"""High-visibility clothes and a yellow helmet."""
