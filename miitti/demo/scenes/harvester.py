"""Metsäkone Leino: a harvester is tried out at the edge of the forest after its service, at sunrise."""

from __future__ import annotations

import math
import random
from itertools import pairwise

from PIL import Image

from miitti.demo.brush import (
    BARK,
    HEIGHT,
    INK,
    MOSS,
    ROWAN,
    WIDTH,
    WOOD,
    Pen,
    Point,
    beam,
    between,
    canvas,
    cut,
    glow,
    joint,
    layer,
    lerp,
    mix,
    polar,
    soften,
    wash,
)
from miitti.demo.figures import WORKER_ORANGE, Pose, draw
from miitti.demo.film import Painter, Scene

GROUND = 590.0
PATH: tuple[tuple[float, Point], ...] = (
    (0.0, (880, 330)),
    (1.6, (926, 516)),
    (2.2, (926, 516)),
    (4.0, (900, 300)),
    (5.4, (792, 402)),
    (6.0, (792, 402)),
    (8.0, (880, 330)),
)
"""Where the harvester's head hangs: it takes a log at the right and lays it on the pile."""
YELLOW, DARK = (238, 168, 44), (40, 52, 52)


def _head(t: float) -> Point:
    for (a, p), (b, q) in pairwise(PATH):
        if t <= b:
            return lerp(p, q, between(t, a, b))
    return PATH[-1][1]


def _spruce(
    pen: Pen, x: float, base: float, h: float, colour: tuple[int, int, int], light: tuple[int, int, int]
) -> None:
    pen.box(x - h * 0.014, base - h * 0.2, x + h * 0.014, base, mix(colour, BARK, 0.5))
    for k in range(6):
        y = base - h + h * 0.14 * k
        w = h * (0.05 + 0.032 * k)
        pen.shape(
            [
                (x, y),
                (x + w, y + h * 0.22),
                (x + w * 0.3, y + h * 0.2),
                (x - w * 0.3, y + h * 0.2),
                (x - w, y + h * 0.22),
            ],
            colour,
        )
        pen.shape([(x, y), (x + w, y + h * 0.22), (x + w * 0.35, y + h * 0.19)], light)


def _birch(pen: Pen, x: float, base: float, h: float) -> None:
    pen.shape([(x - 9, base), (x + 9, base), (x + 4, base - h), (x - 3, base - h)], (232, 228, 216))
    pen.shape([(x + 3, base), (x + 9, base), (x + 4, base - h), (x + 2, base - h)], (196, 190, 176))
    for i in range(9):
        y = base - h * (0.06 + 0.1 * i)
        pen.box(x - 8 + i % 3 * 4, y, x - 1 + i % 3 * 4, y + 3, (64, 62, 56))


def _still() -> Image.Image:
    still = canvas()
    wash(still, [(0, (126, 168, 182)), (0.45, (234, 206, 170)), (0.62, (252, 218, 160)), (1, (248, 214, 158))], 0, 480)
    pen = Pen(still)
    pen.paste(glow(420, (255, 232, 178), 0.95, power=1.4), (300, 340))
    pen.oval((300, 340), 52, fill=(255, 246, 220))
    pen.blob(
        [(-60, 392), (180, 330), (420, 366), (700, 322), (1000, 362), (1340, 310), (1340, 520), (-60, 520)],
        (156, 176, 162),
    )
    chance = random.Random(17)  # noqa: S311 - pictures must be the same each time
    for base, low, high, tone, step in ((410, 70, 120, 0.62, 24), (452, 110, 190, 0.38, 40), (512, 180, 300, 0.14, 78)):
        x = -20.0
        colour = mix((36, 78, 66), (214, 204, 170), tone)
        while x < WIDTH + 40:
            if not (base == 512 and 90 < x < 520):
                _spruce(pen, x, base, chance.uniform(low, high), colour, mix(colour, (255, 224, 160), 0.16))
            x += step * chance.uniform(0.6, 1.35)
        mist = layer()
        Pen(mist).blob(
            [
                (-200, base - 24),
                (300, base - 50),
                (700, base - 26),
                (1100, base - 52),
                (1500, base - 20),
                (1500, base + 40),
                (-200, base + 40),
            ],
            (250, 232, 200, 120),
        )
        pen.lay(cut(soften(mist, 14)))
    wash(still, [(0, (150, 158, 98)), (0.3, (108, 122, 76)), (1, (52, 68, 48))], 500, HEIGHT)
    pen.blob([(-80, 530), (260, 500), (720, 520), (1360, 496), (1360, 600), (-80, 600)], (138, 146, 90))
    pen.blob([(-80, 640), (300, 584), (760, 604), (1360, 574), (1360, 760), (-80, 760)], (96, 104, 68))
    for _ in range(70):  # Heather and stumps
        x, y = chance.uniform(0, WIDTH), chance.uniform(540, 700)
        pen.line([(x, y), (x + 4, y - 9), (x + 8, y)], 2.4, mix((150, 160, 96), (70, 88, 56), chance.random()))
    for x, y, s in ((1130, 560, 1.0), (80, 570, 0.8), (950, 640, 1.1)):
        pen.box(x - 20 * s, y - 22 * s, x + 20 * s, y + 4, (104, 72, 44), 4)
        pen.oval((x, y - 22 * s), 20 * s, 7 * s, WOOD)
        pen.oval((x, y - 22 * s), 11 * s, 4 * s, (188, 144, 94))
    pen.oval((430, 614), 320, 22, (40, 54, 40, 120))
    for row, count in ((0, 5), (1, 4), (2, 3)):  # The pile of logs the machine fills
        for i in range(count):
            at = (700 + i * 34 + row * 17, 588 - row * 29)
            pen.oval(at, 18, fill=BARK)
            pen.oval(at, 15.5, fill=WOOD)
            pen.ring(at, 9, 1.6, (176, 128, 78))
            pen.oval(at, 3, fill=(168, 118, 66))
    return still


def _log(pen: Pen, at: Point, tilt: float) -> None:
    a, b = polar(at, 84, math.pi + tilt), polar(at, 108, tilt)
    pen.limb(a, b, 30, 24, BARK)
    pen.limb((a[0] + 2, a[1] - 8), (b[0] - 2, b[1] - 7), 6, 5, mix(BARK, (210, 160, 104), 0.5))
    pen.oval(a, 11, 15, WOOD)
    pen.oval(a, 6, 8, (190, 144, 92))


def _wheel(pen: Pen, at: Point, r: float, turn: float) -> None:
    for i in range(18):
        a = turn + i * math.tau / 18
        pen.limb(polar(at, r - 3, a), polar(at, r + 3, a + 0.06), 12, 10, (24, 31, 31))
    pen.oval(at, r, fill=(30, 38, 38))
    pen.oval(at, r * 0.62, fill=(52, 62, 60))
    pen.oval(at, r * 0.5, fill=YELLOW)
    pen.oval(at, r * 0.5 - 5, fill=mix(YELLOW, INK, 0.12))
    for i in range(6):
        pen.oval(polar(at, r * 0.32, turn + i * math.tau / 6), 4, fill=DARK)
    pen.oval(at, r * 0.14, fill=DARK)


def _machine(pen: Pen, t: float) -> None:
    rock = 2.0 * math.sin(t * 2.1)
    pen.box(190, 500, 620, 540, DARK, 12)
    pen.shape([(180, 392 + rock), (330, 380 + rock), (360, 420 + rock), (360, 508), (176, 508)], YELLOW)
    pen.shape(
        [(180, 392 + rock), (330, 380 + rock), (338, 394 + rock), (182, 408 + rock)], mix(YELLOW, (255, 255, 255), 0.35)
    )
    for i in range(5):
        pen.box(200 + i * 24, 430 + rock, 214 + i * 24, 482 + rock, mix(YELLOW, INK, 0.55), 4)
    pen.box(206, 344 + rock, 220, 392 + rock, DARK, 4)
    pen.shape([(372, 310 + rock), (500, 300 + rock), (540, 420 + rock), (540, 508), (366, 508)], mix(YELLOW, INK, 0.1))
    pen.shape([(386, 324 + rock), (490, 316 + rock), (522, 418 + rock), (386, 430 + rock)], (196, 224, 222))
    pen.shape([(400, 322 + rock), (436, 319 + rock), (410, 428 + rock), (388, 430 + rock)], (232, 244, 240))
    # The driver in the cabin, leaning with the boom
    lean = 5 * math.sin(t * 0.8)
    pen.blob(
        [(420 + lean, 372), (452 + lean, 366), (470 + lean, 400), (468 + lean, 426), (414 + lean, 428)], (31, 92, 138)
    )
    pen.oval((446 + lean, 350), 17, 19, (240, 201, 160))
    pen.blob([(426 + lean, 346), (432 + lean, 328), (454 + lean, 326), (468 + lean, 340), (446 + lean, 342)], ROWAN)
    pen.limb((450 + lean, 386), (488, 412), 14, 10, (26, 78, 118))
    pen.box(482, 414, 498, 440, DARK, 3)
    pen.box(380, 430 + rock, 530, 500, mix(YELLOW, INK, 0.1))
    pen.box(396, 448 + rock, 440, 456 + rock, MOSS, 3)
    pen.shape([(366, 300 + rock), (506, 290 + rock), (512, 304 + rock), (366, 316 + rock)], DARK)
    pen.box(392, 286 + rock, 410, 302 + rock, (255, 240, 190), 4)
    pen.box(470, 280 + rock, 488, 296 + rock, (255, 240, 190), 4)
    pen.box(540, 470, 640, 520, mix(YELLOW, INK, 0.2), 10)
    for x in (240, 350, 520, 622):
        _wheel(pen, (x, 546), 52, 0.3 * x)


def _boom(pen: Pen, t: float) -> None:
    tip = _head(t)
    root = (590.0, 456.0)
    top = (tip[0], tip[1] - 76)
    elbow = joint(root, top, 262, 268, -1)
    piston = lerp(root, elbow, 0.55)
    pen.limb((root[0] + 34, root[1] + 14), piston, 14, 10, (170, 184, 182))
    pen.limb(root, elbow, 44, 30, YELLOW)
    pen.limb((root[0] - 2, root[1] - 10), (elbow[0], elbow[1] - 6), 8, 5, mix(YELLOW, (255, 255, 255), 0.45))
    pen.limb(lerp(root, elbow, 0.7), lerp(elbow, top, 0.3), 12, 9, (170, 184, 182))
    pen.limb(elbow, top, 30, 20, mix(YELLOW, INK, 0.08))
    pen.oval(elbow, 15, fill=DARK)
    pen.oval(root, 22, fill=DARK)
    swing = 0.12 * math.sin(t * 2.6)
    neck = polar(top, 44, math.pi / 2 + swing)
    held = 2.0 <= t < 5.7
    tilt = 0.04 + 0.1 * math.sin(t * 1.7) if held else 0.0
    if held:
        _log(pen, (tip[0], tip[1] + 26), tilt)
    pen.limb(top, neck, 14, 18, DARK)
    pen.blob(
        [
            (neck[0] - 42, neck[1]),
            (neck[0], neck[1] - 14),
            (neck[0] + 44, neck[1]),
            (neck[0] + 46, neck[1] + 34),
            (neck[0] - 44, neck[1] + 34),
        ],
        YELLOW,
    )
    pen.box(neck[0] - 26, neck[1] + 6, neck[0] + 26, neck[1] + 14, DARK, 4)
    grip = 12 + 12 * (1 - (between(t, 1.6, 2.0) - between(t, 5.7, 6.0)))
    for side in (-1, 1):
        x = neck[0] + side * 26
        pen.line([(x, neck[1] + 26), (x + side * grip, neck[1] + 50), (x + side * (grip - 12), neck[1] + 76)], 9, DARK)
        pen.oval((x + side * 2, neck[1] + 30), 9, fill=(90, 102, 100))


def _birds(pen: Pen, t: float) -> None:
    for i in range(5):
        x = 620 + 46 * t + i * 44 - 20 * (i % 2)
        y = 150 - 6 * t + 18 * abs(i - 2) + 3 * math.sin(t * 2 + i)
        flap = 8 * math.sin(t * 7 + i * 1.3)
        pen.line([(x - 13, y - flap), (x - 4, y - 2), (x, y), (x + 4, y - 2), (x + 13, y - flap)], 2.6, (60, 80, 84))


def _prepare() -> Painter:
    still = _still()
    Pen(still).lay(beam([(250, 300), (360, 300), (760, 720), (240, 720)], (255, 232, 176), 0.22, 34))
    mist = glow(460, (252, 236, 206), 0.34, squash=0.16, power=1.3)
    front = layer()
    pen = Pen(front)
    _birch(pen, 1226, 740, 760)
    pen.blob([(1000, 740), (1080, 672), (1180, 690), (1300, 650), (1340, 760)], (38, 58, 42))
    pen.blob([(-60, 740), (-40, 660), (60, 640), (150, 690), (230, 750)], (38, 58, 42))
    for i in range(16):
        x = (20 + i * 13) if i < 8 else (1080 + (i - 8) * 26)
        pen.line([(x, 730), (x + 16 * math.sin(i * 2.0), 648 - 14 * (i % 3))], 4, (52, 78, 52))
    front = soften(front, 2.6)
    pieces = [cut(front, right=640), cut(front, left=640, top=590), cut(front, left=1190, bottom=590)]

    def paint(t: float) -> Image.Image:
        picture = still.copy()
        pen = Pen(picture)
        _birds(pen, t)
        pen.paste(mist, (300 + 34 * t, 470))
        if t < 2.0:  # The next log waits on the ground until it is taken
            _log(pen, (926, 542), 0.04)
        if t >= 5.7:
            _log(pen, (792, 428 + 66 * between(t, 5.7, 6.1)), 0.02)
        _machine(pen, t)
        _boom(pen, t)
        # The mechanic watches with a tablet in the hand and waves the driver on.
        wave = between(t, 6.2, 6.8) - between(t, 7.6, 8.4)
        beat = 10 * math.sin(t * 9) * wave
        hand = (1060 - 26 * wave + beat, 520 - 128 * wave)
        pose = Pose(
            hip=(1122, 556),
            neck=(1114, 428),
            hands=(hand, (1066, 506)),
            feet=((1136, 680), (1098, 684)),
            facing=-1,
            nod=0.1,
        )
        pen.oval((1120, 692), 66, 9, (40, 54, 40, 120))
        draw(pen, WORKER_ORANGE, pose, 46, arms="far")
        pen.shape([(1036, 484), (1070, 490), (1062, 530), (1028, 524)], (34, 46, 48))
        pen.shape([(1039, 488), (1067, 493), (1059, 526), (1032, 521)], (186, 220, 224))
        draw(pen, WORKER_ORANGE, pose, 46, arms="near")
        pen.paste(mist, (1000 - 26 * t, 640), 0.6)
        for piece in pieces:
            pen.lay(piece)
        return picture

    return paint


SCENE = Scene(
    slug="metsakone-leino",
    prepare=_prepare,
    # A diesel turning over, the boom's hydraulics, the log's thud, and birds that do not mind.
    sound=(
        "aevalsrc='0.10*sin(2*PI*46*t)*(1+0.4*sin(2*PI*23*t))+0.04*sin(2*PI*92*t)+0.02*sin(2*PI*138*t)':s=24000:d=8[diesel];"
        "anoisesrc=c=brown:a=0.35:s=15:r=24000:d=8,bandpass=f=180:w=160,tremolo=f=23:d=0.6[rattle];"
        "aevalsrc='0.03*(between(t,0.2,1.5)+between(t,2.3,3.9)+between(t,4.1,5.3)+between(t,6.2,7.8))*(sin(2*PI*(310+26*sin(2*PI*0.7*t))*t)+0.4*sin(2*PI*622*t))':s=24000:d=8[boom];"
        "aevalsrc='gte(t,5.75)*0.7*exp(-11*(t-5.75))*sin(2*PI*82*t)+gte(t,1.7)*0.3*exp(-14*(t-1.7))*sin(2*PI*120*t)':s=24000:d=8[thud];"
        "aevalsrc='0.05*sin(2*PI*(3300+500*sin(2*PI*11*t))*t)*(between(t,0.4,0.62)+between(t,0.8,0.98)+between(t,3.2,3.42)+between(t,3.6,3.8)+between(t,6.6,6.85))':s=24000:d=8,"
        "aecho=0.8:0.6:90:0.35[birds];"
        "[diesel][rattle][boom][thud][birds]amix=inputs=5:normalize=0,afade=t=in:d=0.4,afade=t=out:st=7.4:d=0.6,aformat=channel_layouts=stereo[sound]"
    ),
)
