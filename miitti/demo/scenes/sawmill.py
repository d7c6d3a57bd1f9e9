"""Sysmän Puusaha: logs roll down to the blade on a summer morning, boards come out the other side."""

from __future__ import annotations

import math
import random

from PIL import Image

from miitti.demo.brush import (
    BARK,
    HEIGHT,
    INK,
    PINE,
    ROWAN,
    WIDTH,
    WOOD,
    Pen,
    Point,
    beam,
    canvas,
    cut,
    ease,
    glow,
    lay,
    layer,
    mix,
    polar,
    soften,
    there_and_back,
    wash,
)
from miitti.demo.figures import Look, Pose, draw
from miitti.demo.film import Painter, Scene
from miitti.demo.scenes.sparks import draw_dust, draw_flakes, flakes, shower

PERIOD = 4.0
"""A log goes through the blade in this many seconds; the film holds two."""
SAW: Point = (700.0, 452.0)
FLOOR = 566.0
SAWYER = Look(
    coat=(31, 92, 138),
    trousers=(34, 52, 60),
    helmet=(242, 177, 52),
    ears=ROWAN,
    stripe=(240, 232, 180),
    gloves=(96, 74, 52),
)
HELPER = Look(
    coat=(214, 92, 30), trousers=(48, 60, 62), helmet=(247, 245, 240), ears=(242, 177, 52), gloves=(96, 74, 52)
)


def _trees(pen: Pen, seed: int, base: float, height: float, colour: tuple[int, int, int], step: float) -> None:
    chance = random.Random(seed)  # noqa: S311 - pictures must be the same each time
    x = -40.0
    while x < WIDTH + 40:
        h = height * chance.uniform(0.6, 1.15)
        w = h * chance.uniform(0.2, 0.28)
        pen.shape([(x, base - h), (x + w, base + 6), (x - w, base + 6)], colour)
        pen.shape([(x, base - h * 0.9), (x + w * 0.7, base - h * 0.42), (x - w * 0.7, base - h * 0.42)], colour)
        x += step * chance.uniform(0.5, 1.3)


def _still() -> Image.Image:
    still = canvas()
    wash(still, [(0, (150, 194, 208)), (0.5, (232, 224, 194)), (0.62, (252, 226, 170)), (1, (240, 214, 160))], 0, 420)
    sky = Pen(still)
    sky.paste(glow(330, (255, 236, 186), 0.95, power=1.5), (252, 216))
    sky.oval((252, 216), 46, fill=(255, 244, 214))
    sky.blob(
        [(-60, 330), (160, 262), (380, 300), (620, 268), (900, 306), (1340, 250), (1340, 430), (-60, 430)],
        (142, 172, 158),
    )
    _trees(sky, 3, 340, 60, (104, 146, 130), 22)
    sky.box(0, 336, WIDTH, 420, (196, 208, 190))
    for y, w, x in ((346, 300, 110), (356, 210, 150), (368, 260, 120), (382, 150, 180)):
        sky.box(x, y, x + w, y + 3, (255, 240, 200, 190), 2)
    _trees(sky, 7, 424, 118, (58, 104, 88), 56)
    hall = layer()
    pen = Pen(hall)
    pen.box(0, 400, WIDTH, HEIGHT, (120, 92, 62))
    pen.shape([(0, 0), (WIDTH, 0), (WIDTH, 64), (0, 96)], (66, 50, 36))
    for x in range(-20, 1300, 52):  # Board wall under the roof
        pen.box(x, 0, x + 2, 90, (52, 38, 27))
    for x in (40, 430, 846, 1216):
        pen.box(x - 19, 60, x + 19, 600, (84, 62, 42))
        pen.box(x - 19, 60, x - 9, 600, (112, 84, 56))
        pen.line([(x, 176), (x + 86, 84)], 20, (74, 54, 38))
        pen.line([(x, 176), (x - 86, 84)], 20, (74, 54, 38))
    pen.shape([(0, 96), (WIDTH, 64), (WIDTH, 92), (0, 122)], (98, 73, 49))
    pen.shape([(0, FLOOR + 16), (WIDTH, FLOOR + 16), (WIDTH, HEIGHT), (0, HEIGHT)], (140, 110, 76))
    lay(still, hall)
    wash(still, [(0, (198, 160, 108, 160)), (1, (92, 68, 46, 230))], FLOOR + 10, HEIGHT)
    pen = Pen(still)
    # Yard between the sunny opening and the floor, with stacks of finished boards.
    pen.box(0, 424, WIDTH, FLOOR + 16, (112, 104, 72))
    for left, rows in ((900, 5), (1056, 7)):
        for row in range(rows):
            y = 560 - row * 17
            pen.box(left, y - 13, left + 140, y, mix(WOOD, (250, 224, 170), 0.3 if row % 2 else 0.1), 2)
            pen.box(left, y - 3, left + 140, y, (150, 112, 70))
            pen.box(left + 8, y - 17, left + 14, y - 13, (96, 70, 44))
            pen.box(left + 124, y - 17, left + 130, y - 13, (96, 70, 44))
    for x in (40, 430, 846, 1216):
        pen.box(x - 19, 420, x + 19, 584, (84, 62, 42))
        pen.box(x - 19, 420, x - 9, 584, (112, 84, 56))
    # The sloping deck of the logs and the bench of the saw.
    pen.shape([(-20, 424), (388, 520), (388, 548), (-20, 458)], (58, 74, 74))
    pen.shape([(-20, 424), (388, 520), (388, 527), (-20, 431)], (112, 130, 126))
    for x in (60, 210, 350):
        pen.box(x - 9, 440 + x * 0.24, x + 9, FLOOR + 40, (44, 58, 58))
    pen.box(380, 524, 1110, 548, (58, 76, 76), 4)
    pen.box(380, 524, 1110, 530, (124, 142, 138), 3)
    for x in (420, 560, 860, 1000, 1090):
        pen.shape([(x - 10, 548), (x + 10, 548), (x + 18, FLOOR + 44), (x - 18, FLOOR + 44)], (44, 58, 58))
    for x in range(400, 1110, 34):
        pen.oval((x, 538), 9, fill=(30, 42, 43))
        pen.oval((x, 538), 5, fill=(104, 120, 118))
    return still


def _log_end(pen: Pen, at: Point, radius: float, turn: float) -> None:
    """A log seen from its end, with rings and a crack that shows it rolling."""
    pen.oval((at[0] + 3, at[1] + 4), radius + 2, fill=(40, 28, 18, 90))
    pen.oval(at, radius, fill=BARK)
    pen.oval(at, radius * 0.89, fill=WOOD)
    core = polar(at, radius * 0.09, turn)
    for k, tone in ((0.72, 0.2), (0.54, 0.3), (0.36, 0.4)):
        pen.ring(
            (at[0] + (core[0] - at[0]) * (1 - k), at[1] + (core[1] - at[1]) * (1 - k)),
            radius * k,
            1.7,
            mix(WOOD, (150, 98, 50), tone + 0.25),
        )
    pen.oval(core, radius * 0.12, fill=(168, 118, 66))
    pen.line([polar(core, radius * 0.1, turn), polar(at, radius * 0.8, turn + 0.08)], 2.2, (140, 94, 52))
    pen.oval(polar(at, radius * 0.55, turn + 2.2), radius * 0.1, fill=(172, 124, 74))
    pen.arc(at, radius * 0.93, 190, 300, 3, (255, 232, 190, 90))


def _foremost(pen: Pen, step: float) -> None:
    """The first log of the queue: rolls onto the bench and is turned lengthwise there."""
    along = 330 + 118 * step
    at = (along, 424 + min(along, 388.0) * 0.2353 - 46 - 0.09 * max(0.0, along - 388))
    turned = max(0.0, min(1.0, (step - 0.55) / 0.45))
    if turned == 0:
        _log_end(pen, at, 46, along / 46)
    else:
        _log_side(pen, at[0] - 43, at[0] + 42, sawn=False)
        face = 46 * (1 - turned)
        if face > 3:
            pen.oval(at, face, 46, BARK)
            pen.oval(at, face * 0.89, 41, WOOD)
            pen.oval(at, face * 0.5, 23, mix(WOOD, (150, 98, 50), 0.4))


def _log_side(pen: Pen, left: float, right: float, sawn: bool) -> None:
    """The log lying on the bench, or the plank-faced block it has become behind the blade."""
    if right - left < 4:
        return
    top, bottom = 436.0, 524.0
    if not sawn:
        pen.box(left, top, right, bottom, BARK, 10)
        pen.box(left, top + 8, right, top + 26, mix(BARK, (190, 140, 90), 0.45), 8)
        pen.box(left, bottom - 26, right, bottom, mix(BARK, INK, 0.35), 10)
        for i in range(int(left // 46), int(right // 46) + 1):
            x = i * 46 + 11 * math.sin(i * 5.0) + (left % 46)
            if left + 8 < x < right - 30:
                pen.line(
                    [(x, top + 34 + 9 * math.sin(i * 2.3)), (x + 24, top + 36 + 9 * math.sin(i * 2.3))],
                    3,
                    mix(BARK, INK, 0.35),
                )
    else:
        for i in range(5):
            y = top + 6 + i * 16
            pen.box(left, y, right + (4 * math.sin(i * 2.0)), y + 14, mix(WOOD, (255, 226, 168), 0.55 - 0.1 * i))
            pen.box(left, y + 12, right, y + 14, (150, 108, 64))


def _prepare() -> Painter:
    still = _still()
    motes = flakes(21, 60, (1.0, 2.4), (-14, 10))
    dust = shower(9, 8, 210, -2.62, 0.55, (160, 900), life=(0.4, 1.3), size=(1.4, 3.8))
    fall = shower(10, 8, 70, 2.2, 0.5, (60, 360), life=(0.4, 0.9), size=(1.4, 3.2))
    front = layer()
    pen = Pen(front)
    for x, y, r in ((70, 700, 96), (258, 740, 84), (-60, 590, 92)):
        pen.oval((x, y), r, fill=(58, 38, 22))
        pen.oval((x, y), r * 0.88, fill=(176, 132, 84))
        for k in (0.66, 0.44, 0.22):
            pen.ring((x, y), r * k, 4, (140, 96, 54))
    near = cut(soften(front, 3.2))
    shafts = beam([(170, 120), (360, 120), (520, 720), (150, 720)], (255, 226, 160), 0.3, 26)
    shafts2 = beam([(500, 110), (640, 110), (980, 720), (700, 720)], (255, 226, 160), 0.2, 26)
    shine = Pen(still)
    shine.lay(shafts)
    shine.lay(shafts2)
    teeth = 40

    def paint(t: float) -> Image.Image:
        picture = still.copy()
        pen = Pen(picture)
        phase = t % PERIOD
        step = ease((phase - 2.9) / 0.9)
        for place in range(-1, 3):  # The queue of logs steps down by one place when the bench is free.
            along = 330 - (3 - place - step) * 118
            _log_end(pen, (along, 424 + along * 0.2353 - 46), 46, along / 46)
        _foremost(pen, step)
        travel = -240 + 640 * ease(phase / 3.4) + 720 * ease((phase - 3.3) / 0.7)
        start, end = 400 + travel, 400 + travel + 330
        # The saw: the log goes in round, comes out sawn.
        turn = t * 9
        pen.oval((SAW[0], SAW[1]), 117, fill=(52, 66, 68))
        for i in range(teeth):
            a = turn + i * math.tau / teeth
            pen.shape([polar(SAW, 112, a), polar(SAW, 126, a + 0.05), polar(SAW, 112, a + 0.12)], (196, 206, 204))
        pen.oval(SAW, 114, fill=(170, 184, 184))
        pen.oval(SAW, 100, fill=(188, 200, 198))
        for k in (0.4, 0.4 + math.pi):
            pen.shape([SAW, polar(SAW, 112, k - 0.32), polar(SAW, 112, k + 0.1)], (232, 238, 234, 120))
        for i in range(6):
            pen.oval(polar(SAW, 66, turn + i * math.tau / 6), 7, fill=(122, 138, 140))
        _log_side(pen, max(start, 404), min(end, SAW[0]), sawn=False)
        _log_side(pen, max(start, SAW[0]), min(end, 1100), sawn=True)
        busy = there_and_back(phase, 1.0, 1.4, 3.0, 3.4)
        if busy > 0.2:
            draw_dust(pen, dust, t, (SAW[0] - 6, 436), (244, 210, 150))
            draw_dust(pen, fall, t, (SAW[0] - 10, 520), (236, 196, 132))
        # The hood over the blade.
        pen.blob(
            [
                (SAW[0] - 150, 410),
                (SAW[0] - 130, 330),
                (SAW[0], 296),
                (SAW[0] + 136, 330),
                (SAW[0] + 150, 412),
                (SAW[0], 418),
            ],
            PINE,
        )
        pen.blob(
            [
                (SAW[0] - 128, 372),
                (SAW[0] - 110, 332),
                (SAW[0], 305),
                (SAW[0] + 60, 316),
                (SAW[0] - 20, 330),
                (SAW[0] - 96, 356),
            ],
            mix(PINE, (255, 255, 255), 0.2),
        )
        pen.box(SAW[0] - 14, 150, SAW[0] + 14, 304, mix(PINE, INK, 0.3))
        pen.oval((SAW[0] + 92, 372), 11, fill=(242, 177, 52))
        # People: the sawyer at the levers, a helper taking boards.
        pull = there_and_back(phase, 0.1, 0.7, 2.9, 3.5)
        lever = (566 - 40 * pull, 448 + 8 * pull)
        take = there_and_back(phase, 1.7, 2.5, 3.1, 3.9)
        draw(
            pen,
            HELPER,
            Pose(
                hip=(1150 - 10 * take, 478),
                neck=(1138 - 26 * take, 354 + 4 * take),
                hands=((1082 - 24 * take, 452 + 14 * math.sin(t * 2)), (1076 - 22 * take, 470)),
                feet=((1172, 596), (1130, 600)),
                facing=-1,
                nod=0.5,
            ),
            46,
        )
        sway = 2.5 * math.sin(t * 1.3)
        pen.box(540, 470, 590, 648, (46, 62, 62), 6)
        pen.box(534, 456, 598, 482, (242, 177, 52), 6)
        pen.line([(568, 462), lever], 7, (30, 42, 42))
        pen.oval(lever, 10, fill=ROWAN)
        draw(
            pen,
            SAWYER,
            Pose(
                hip=(452 + sway, 520),
                neck=(462 + sway * 1.6, 346),
                hands=(lever, (592, 468)),
                feet=((438, 690), (486, 694)),
                facing=1,
                nod=0.25 + 0.2 * pull,
            ),
            60,
        )
        draw_flakes(pen, motes, t, (60, 120, 900, 600), (255, 240, 200), 0.5)
        pen.lay(near)
        return picture

    return paint


SCENE = Scene(
    slug="sysman-puusaha",
    prepare=_prepare,
    # The blade whines higher and fuller while it cuts (1.2 to 3.2 s of every four); a blackbird in the pauses.
    sound=(
        "aevalsrc='(0.03+0.10*between(mod(t,4),1.2,3.2))*(sin(2*PI*236*t+2*sin(2*PI*5*t))+0.5*sin(2*PI*474*t)+0.25*sin(2*PI*951*t))':s=24000:d=8,"
        "lowpass=f=2200[blade];"
        "anoisesrc=c=pink:a=0.5:s=3:r=24000:d=8,bandpass=f=2300:w=2600,"
        "volume='0.05+0.55*between(mod(t,4),1.25,3.15)':eval=frame[teeth];"
        "aevalsrc='0.05*sin(2*PI*(2300+700*sin(2*PI*6*t)+300*sin(2*PI*17*t))*t)*between(mod(t,4),3.4,3.85)*sin(PI*(mod(t,4)-3.4)/0.45)"
        "+0.05*sin(2*PI*(3100-400*sin(2*PI*9*t))*t)*between(mod(t,4),0.25,0.7)*sin(PI*(mod(t,4)-0.25)/0.45)':s=24000:d=8[bird];"
        "aevalsrc='0.5*exp(-16*mod(t+0.35,4))*sin(2*PI*72*t)':s=24000:d=8[thud];"
        "[blade][teeth][bird][thud]amix=inputs=4:normalize=0,afade=t=in:d=0.4,afade=t=out:st=7.4:d=0.6,aformat=channel_layouts=stereo[sound]"
    ),
)
