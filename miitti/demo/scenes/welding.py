"""Konepaja Harju: a welder lays a seam on the frame of a forest machine, late in the evening."""

from __future__ import annotations

import math
import random

from PIL import Image

from miitti.demo.brush import (
    INK,
    NIGHT,
    WIDTH,
    Pen,
    Point,
    between,
    canvas,
    clear,
    cut,
    glow,
    lay,
    layer,
    lerp,
    mix,
    soften,
    wash,
)
from miitti.demo.figures import Look
from miitti.demo.film import SECONDS, Painter, Scene
from miitti.demo.scenes.sparks import draw_sparks, shower

TABLE = 520.0
"""Height of the work piece's upper edge, pixels from above."""
WELDER = Look(coat=(150, 92, 44), trousers=(44, 54, 58))
_FLICKER = [random.Random(11).random() for _ in range(400)]  # noqa: S311 - pictures must be the same each time


def _arc(t: float) -> Point:
    """Where the flame is: it creeps to the right along the seam and swings a little."""
    x = 590 + 190 * max(0.0, t) / SECONDS + 3 * math.sin(t * 9)
    return (x, TABLE - 6 + 1.5 * math.sin(t * 14))


def _burning(t: float) -> float:
    """Strength of the flame, 0-1: it is off for a breath in the middle of the film."""
    pause = between(t, 4.15, 4.25) - between(t, 4.75, 4.85)
    flicker = 0.78 + 0.22 * _FLICKER[int((t + 2) * 24) % len(_FLICKER)]
    return max(0.0, (1 - pause) * flicker)


def _prepare() -> Painter:
    still = canvas(NIGHT)
    wash(still, [(0, (16, 30, 33)), (0.55, (30, 44, 44)), (1, (14, 20, 21))])
    back = layer()
    pen = Pen(back)
    for x in (70, 330, 870, 1110):  # Tall windows with the last blue of the evening
        pen.box(x, 70, x + 150, 330, (58, 96, 116, 255), 4)
        pen.box(x, 230, x + 150, 330, (116, 124, 112, 200))
        pen.blob(
            [(x - 20, 300), (x + 40, 268), (x + 90, 290), (x + 170, 262), (x + 170, 340), (x - 20, 340)], (24, 44, 44)
        )
        pen.box(x - 6, 330, x + 156, 420, (26, 38, 39))
        for k in (50, 100):
            pen.box(x + k - 3, 70, x + k + 3, 330, (22, 34, 36))
        pen.box(x, 196, x + 150, 202, (22, 34, 36))
    for y in (24, 52):  # Roof beams and a travelling crane
        pen.box(0, y, 1280, y + 12, (20, 31, 33))
    for x in range(0, 1300, 64):
        pen.line([(x, 30), (x + 32, 56), (x + 64, 30)], 4, (20, 31, 33))
    pen.box(690, 60, 770, 96, (120, 92, 34))
    pen.line([(730, 96), (730, 236)], 3, (14, 20, 21))
    pen.arc((730, 250), 15, -80, 180, 6, (14, 20, 21))
    pen.blob([(960, 470), (970, 380), (1060, 330), (1190, 340), (1240, 400), (1240, 470)], (22, 34, 34))
    pen.oval((1010, 462), 52, fill=(16, 25, 26))
    pen.oval((1190, 462), 52, fill=(16, 25, 26))
    pen.box(0, 440, 1280, 720, (24, 33, 33))
    lay(still, soften(back, 2.2))
    wash(still, [(0, (28, 38, 38, 0)), (1, (9, 13, 14, 255))], 430, 720)
    still.paste(Image.new("RGB", (still.width, 240), (15, 21, 22)), (0, still.height - 240))

    front = layer()  # Out of focus close to the camera: bottles and a hose
    pen = Pen(front)
    pen.box(1130, 250, 1226, 760, (11, 17, 17), 40)
    pen.box(1160, 206, 1196, 262, (11, 17, 17), 8)
    pen.box(1216, 330, 1320, 760, (9, 14, 14), 40)
    pen.box(1250, 286, 1286, 340, (9, 14, 14), 8)
    pen.blob([(-40, 720), (-40, 560), (60, 520), (120, 600), (150, 740)], (10, 15, 15))
    front = soften(front, 5)
    pieces = [cut(front, right=WIDTH / 2), cut(front, left=WIDTH / 2)]
    # The wide light of the flame on the hall, kept in eight strengths: too large to lay anew for every picture.
    halo = glow(660, (242, 160, 58), 0.66, power=1.7)
    lights = []
    for level in range(8):
        lights.append(still.copy())
        Pen(lights[-1]).paste(halo, (690, TABLE - 36), level / 7)
    near = glow(200, (255, 216, 150), 1.0, power=2.0)
    core = glow(76, (246, 252, 255), 1.0, power=1.3)
    smoke = glow(90, (210, 196, 176), 0.13, power=1.1)
    particles = shower(5, SECONDS, 330, -1.25, 2.0, (120, 760), life=(0.25, 0.95))
    crumbs = shower(8, SECONDS, 30, -0.2, 1.2, (60, 220), life=(0.5, 1.3), size=(1.5, 3.0))

    def paint(t: float) -> Image.Image:
        light, arc = _burning(t), _arc(t)
        picture = lights[round(7 * light)].copy()
        pen = Pen(picture)
        _welder(pen, arc, light, t)
        _work(pen, arc, light, t)
        for i in range(4):
            age = (t * 0.24 + i / 4) % 1
            drift = (arc[0] + 20 + 46 * math.sin(i * 2.1 + t * 0.5), arc[1] - 30 - 380 * age)
            pen.paste(smoke, drift, math.sin(math.pi * age) * (0.35 + 0.65 * light))
        pen.paste(near, arc, light)
        draw_sparks(pen, particles, t, _arc, _burning, TABLE + 26)
        draw_sparks(pen, crumbs, t, _arc, _burning, 690)
        pen.paste(core, arc, light)
        for piece in pieces:
            pen.lay(piece)
        return picture

    return paint


def _work(pen: Pen, arc: Point, light: float, t: float) -> None:
    """The steel frame on its stands, with the seam glowing behind the flame."""
    warm = (232, 160, 84)
    for x in (330, 900):
        pen.shape([(x - 40, 720), (x - 16, 590), (x + 46, 590), (x + 70, 720)], mix((18, 25, 26), warm, 0.1 * light))
    pen.shape(
        [(230, TABLE), (1060, TABLE), (1080, TABLE + 22), (214, TABLE + 22)], mix((74, 88, 90), warm, 0.5 * light)
    )
    pen.box(214, TABLE + 22, 1080, TABLE + 74, mix((42, 53, 55), warm, 0.3 * light))
    pen.box(214, TABLE + 74, 1080, TABLE + 86, mix((26, 34, 35), warm, 0.14 * light))
    for x in (280, 400, 940, 1020):
        pen.oval((x, TABLE + 48), 11, fill=(20, 27, 28))
    plate = [
        (574, TABLE - 4),
        (840, TABLE - 4),
        (800, TABLE - 120),
        (700, TABLE - 150),
        (690, TABLE - 40),
        (620, TABLE - 30),
    ]
    pen.shape(plate, mix((58, 72, 74), warm, 0.34 * light))
    pen.line([plate[2], plate[3], plate[4]], 4, mix((92, 106, 108), (255, 214, 150), 0.6 * light))
    pen.oval((752, TABLE - 92), 17, fill=mix((24, 32, 33), warm, 0.2 * light))
    start = 590.0
    for i in range(int((arc[0] - start) / 3.5)):
        bead = start + i * 3.5
        heat = max(0.0, 1 - (arc[0] - bead) / 120)
        colour = (
            mix((70, 62, 58), (196, 62, 24), heat * 2.2)
            if heat < 0.45
            else mix((196, 62, 24), (255, 226, 150), heat * 1.8 - 0.8)
        )
        pen.oval((bead, TABLE - 3), 5.5, 4.2, colour)


def _welder(pen: Pen, arc: Point, light: float, t: float) -> None:
    """The person: leather coat, mask with its green glass, the torch in both hands."""
    breath = 2.2 * math.sin(t * 1.7)
    look = between(t, 4.25, 4.45) - between(t, 4.6, 4.78)  # lifts the head to look at the seam
    lit, dark = mix(WELDER.coat[:3], (255, 196, 110), 0.5 * light), mix(WELDER.coat[:3], INK, 0.62 - 0.1 * light)
    hand = (arc[0] - 66, arc[1] - 44)
    lean = (arc[0] - 680) * 0.22
    x, y = 330 + lean, 300 + breath
    # The far arm steadies the torch's neck.
    pen.bend((x + 96, y + 26), (x + 170, y + 150), (hand[0] + 18, hand[1] + 4), (74, 56, 44), mix(dark, INK, 0.25))
    body = [
        (x - 116, y + 40),
        (x - 40, y - 24),
        (x + 60, y - 30),
        (x + 124, y + 36),
        (x + 112, y + 190),
        (x + 96, 740),
        (x - 150, 740),
        (x - 150, y + 190),
    ]
    pen.blob(body, dark)
    pen.blob(
        [(x + 76, y - 6), (x + 122, y + 36), (x + 111, y + 190), (x + 96, 540), (x + 84, y + 190), (x + 96, y + 60)],
        mix(dark, lit, 0.7),
    )
    pen.bend((x + 18, y + 50), (x + 62, y + 196), hand, (92, 70, 48), mix(dark, lit, 0.34))
    pen.line([(x + 74, y + 168), (hand[0] - 18, hand[1] - 14)], 7, clear((255, 206, 130), 0.6 * light))
    cuff = lerp((x + 62, y + 196), hand, 0.7)
    pen.limb(cuff, hand, 62, 50, mix((176, 132, 74), (255, 214, 150), 0.35 * light))
    pen.blob(
        [
            (hand[0] - 26, hand[1] - 22),
            (hand[0] + 16, hand[1] - 26),
            (hand[0] + 34, hand[1] - 4),
            (hand[0] + 18, hand[1] + 22),
            (hand[0] - 22, hand[1] + 20),
        ],
        mix((176, 132, 74), (255, 222, 160), 0.5 * light),
    )
    pen.line([(hand[0] + 8, hand[1] - 2), (arc[0] - 22, arc[1] - 32), (arc[0] - 5, arc[1] - 8)], 9, (30, 38, 40))
    pen.line(
        [(hand[0] - 30, hand[1] + 10), (hand[0] - 60, hand[1] + 70), (x - 60, 640), (x - 200, 760)], 8, (13, 18, 19)
    )
    # Head: neck, hood, mask. It turns up a little when the flame is off.
    hx, hy = x + 66, y - 92 - 26 * look
    tilt = 12 * (1 - look)
    pen.limb((x + 36, y + 4), (hx - 6, hy + 50), 84, 74, mix(dark, INK, 0.2))
    pen.blob(
        [
            (hx - 84, hy + 14),
            (hx - 66, hy - 66),
            (hx + 8, hy - 92),
            (hx + 60, hy - 58),
            (hx + 60, hy + 40),
            (hx - 20, hy + 74),
        ],
        (36, 46, 48),
    )
    shell = [
        (hx - 20, hy - 70),
        (hx + 50, hy - 74 + tilt * 0.4),
        (hx + 92, hy - 28 + tilt),
        (hx + 96, hy + 34 + tilt),
        (hx + 66, hy + 98 + tilt),
        (hx + 8, hy + 86),
        (hx - 26, hy + 20),
    ]
    pen.blob(shell, mix((20, 28, 30), (150, 96, 46), 0.35 * light))
    pen.blob(
        [
            (hx + 52, hy - 66 + tilt),
            (hx + 92, hy - 28 + tilt),
            (hx + 96, hy + 34 + tilt),
            (hx + 66, hy + 94 + tilt),
            (hx + 74, hy + 30 + tilt),
            (hx + 72, hy - 24 + tilt),
        ],
        mix((34, 44, 46), (255, 196, 112), 0.62 * light),
    )
    glass = [(hx + 34, hy - 26 + tilt), (hx + 95, hy - 20 + tilt), (hx + 98, hy + 18 + tilt), (hx + 36, hy + 16 + tilt)]
    pen.shape(glass, (14, 22, 22))
    inner = [lerp(p, (hx + 66, hy - 3 + tilt), 0.16) for p in glass]
    pen.shape(inner, mix((44, 84, 72), (196, 255, 214), 0.7 * light))
    pen.shape(
        [inner[0], lerp(inner[0], inner[1], 0.4), lerp(inner[3], inner[2], 0.2), inner[3]], clear((255, 255, 255), 0.22)
    )
    pen.oval((hx - 14, hy - 6), 15, fill=(52, 64, 66))


SCENE = Scene(
    slug="konepaja-harju",
    prepare=_prepare,
    # The hall's low hum, and the crackle of the arc, which pauses with the picture between 4.2 and 4.8 s.
    sound=(
        "aevalsrc='0.05*sin(2*PI*50*t)+0.035*sin(2*PI*100*t)+0.012*sin(2*PI*151*t)':s=24000:d=8[hum];"
        "anoisesrc=c=pink:a=0.5:s=1:r=24000:d=8,highpass=f=1400,lowpass=f=7500,tremolo=f=38:d=0.75,tremolo=f=7.3:d=0.4,"
        "volume='if(between(t,4.2,4.8),0.02,0.5)':eval=frame[arc];"
        "anoisesrc=c=brown:a=0.12:s=2:r=24000:d=8,lowpass=f=400[air];"
        "[hum][arc][air]amix=inputs=3:normalize=0,afade=t=in:d=0.4,afade=t=out:st=7.4:d=0.6,aformat=channel_layouts=stereo[sound]"
    ),
)
