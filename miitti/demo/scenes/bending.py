"""Joutsan Levytyö: a press brake bends sheet metal in the new, light hall."""

from __future__ import annotations

import math

from PIL import Image

from miitti.demo.brush import (
    HEIGHT,
    INK,
    LAKE,
    PINE,
    ROWAN,
    SUN,
    Pen,
    Point,
    beam,
    between,
    canvas,
    cut,
    layer,
    lerp,
    mix,
    polar,
    soften,
    there_and_back,
    wash,
)
from miitti.demo.figures import Look, Pose, draw
from miitti.demo.film import Painter, Scene

FOLD = math.radians(42)
"""Half the angle of the first bend."""
BEND = 90.0
"""Distance between the two bends, pixels."""
DIE = (716.0, 452.0)
"""The groove of the lower tool, where the sheet is bent."""
BENDER = Look(
    coat=ROWAN,
    trousers=(38, 54, 66),
    helmet=None,
    hair=(120, 78, 40),
    ears=SUN,
    glasses=True,
    gloves=(70, 84, 88),
    bun=True,
)
WALKER = Look(coat=(226, 122, 40), trousers=(52, 66, 74), helmet=(247, 245, 240), stripe=(246, 240, 200))


def _still() -> Image.Image:
    still = canvas()
    wash(still, [(0, (226, 236, 232)), (0.4, (186, 208, 200)), (0.62, (142, 172, 162))], 0, 470)
    pen = Pen(still)
    centre = (640, 300)
    for x in range(-500, 1800, 128):  # Roof sheets and trusses run towards the far end
        end = (centre[0] + (x - 640) * 0.26, 196)
        pen.line([(x, -20), end], 5, (204, 220, 214))
    for depth, y in ((1.0, 18), (0.72, 78), (0.52, 124), (0.38, 158)):
        half = 860 * depth
        pen.box(640 - half, y, 640 + half, y + 13 * depth, (160, 184, 176))
        pen.box(640 - half, y, 640 + half, y + 4 * depth, (216, 228, 222))
    for side in (-1, 1):  # Long skylights on the walls
        for i in range(5):
            a, b = 0.3 + i * 0.16, 0.3 + i * 0.16 + 0.13
            pen.shape(
                [
                    (640 + side * 720 * a, 296 - 130 * a),
                    (640 + side * 720 * b, 296 - 130 * b),
                    (640 + side * 720 * b, 306 + 10 * b),
                    (640 + side * 720 * a, 306 + 10 * a),
                ],
                (240, 246, 240),
            )
    pen.box(470, 206, 810, 356, (168, 192, 184))
    pen.box(560, 244, 720, 356, (232, 240, 234))  # the open door to the yard
    pen.blob([(552, 340), (590, 312), (640, 322), (690, 306), (734, 338), (734, 362), (552, 362)], (120, 158, 138))
    pen.box(560, 340, 720, 358, (206, 216, 202))
    for x in (470, 802):
        pen.box(x, 206, x + 10, 360, (132, 160, 152))
    wash(still, [(0, (126, 154, 144)), (0.3, (84, 114, 106)), (1, (42, 68, 61))], 352, HEIGHT)
    for a, b in ((590, -60), (690, 1340)):  # Yellow lines on the floor
        pen.shape([(a, 354), (a + 6, 354), (b + 34, 720), (b, 720)], (226, 180, 84))
    wash(still, [(0, (255, 255, 255, 70)), (1, (255, 255, 255, 0))], 356, 460)
    for x, w, h, colour in (
        (120, 170, 150, (86, 124, 140)),
        (330, 90, 110, (104, 140, 132)),
        (1010, 200, 170, (78, 112, 128)),
        (900, 80, 110, (110, 142, 134)),
    ):
        base = 434
        pen.box(x - 6, base - 4, x + w + 10, base + 8, (66, 94, 88), 4)
        pen.box(x, base - h, x + w, base, colour, 8)
        pen.box(x, base - h, x + w, base - h + 14, mix(colour, (255, 255, 255), 0.25), 7)
        pen.box(x + 14, base - h + 30, x + w * 0.6, base - h + 66, mix(colour, (230, 244, 246), 0.6), 4)
        pen.box(x + w - 22, base - h + 30, x + w - 12, base - h + 70, (242, 177, 52, 220), 3)
    return still


def _press_back(pen: Pen) -> None:
    """The frame of the press behind the sheet, seen from the side."""
    pen.shape([(610, 640), (1010, 640), (1040, 664), (590, 664)], (34, 56, 52))
    pen.box(770, 150, 980, 640, mix(LAKE, INK, 0.16), 16)
    pen.box(770, 150, 808, 640, mix(LAKE, (255, 255, 255), 0.12), 14)
    pen.box(644, 470, 800, 640, LAKE, 10)
    pen.box(644, 470, 668, 640, mix(LAKE, (255, 255, 255), 0.16), 10)
    pen.box(656, 134, 980, 210, mix(LAKE, (255, 255, 255), 0.06), 16)
    pen.box(656, 134, 980, 152, mix(LAKE, (255, 255, 255), 0.3), 12)
    pen.box(850, 250, 950, 322, (220, 236, 240), 8)
    pen.box(858, 258, 942, 314, (36, 66, 84), 5)
    pen.box(840, 360, 960, 372, mix(LAKE, INK, 0.4), 5)
    pen.box(840, 392, 960, 404, mix(LAKE, INK, 0.4), 5)
    pen.oval((870, 350 + 90), 13, fill=ROWAN)
    pen.oval((910, 350 + 90), 13, fill=(27, 127, 75))


def _press_front(pen: Pen, drop: float, t: float) -> None:
    """The beam with the upper tool at `drop` pixels below its rest, and the screen's moving curve."""
    y = 306 + drop
    for x in (690, 742):
        pen.box(x - 11, 200, x + 11, y - 60, (206, 216, 216))
        pen.box(x - 11, 200, x - 4, y - 60, (240, 246, 244))
    pen.box(660, y - 92, 772, y - 14, SUN, 8)
    pen.box(660, y - 92, 772, y - 80, mix(SUN, (255, 255, 255), 0.4), 6)
    for i in range(4):
        pen.shape(
            [(668 + i * 28, y - 18), (682 + i * 28, y - 18), (672 + i * 28, y - 34), (658 + i * 28, y - 34)],
            (50, 54, 44),
        )
    pen.shape(
        [(698, y - 14), (734, y - 14), (728, y + 40), (DIE[0] + 3, y + 84), (DIE[0] - 3, y + 84), (704, y + 40)],
        (92, 110, 114),
    )
    pen.shape([(698, y - 14), (708, y - 14), (712, y + 40), (DIE[0], y + 84), (704, y + 40)], (150, 168, 170))
    pen.shape(
        [
            (676, 474),
            (756, 474),
            (742, DIE[1]),
            (DIE[0] + 10, DIE[1]),
            (DIE[0], DIE[1] + 14),
            (DIE[0] - 10, DIE[1]),
            (690, DIE[1]),
        ],
        (84, 100, 104),
    )
    points = [(864 + i * 4, 288 - 16 * math.sin(i * 0.5 + t * 3) * (0.4 + 0.6 * drop / 62)) for i in range(19)]
    pen.line(points, 3, (140, 230, 190))


def _stroke(t: float) -> float:
    """How far down the beam is, 0-1: two strokes in the film."""
    return there_and_back(t, 0.95, 2.0, 2.3, 3.0) + there_and_back(t, 4.2, 5.2, 5.5, 6.2)


def _sheet(t: float) -> tuple[Point, Point, Point, Point, float]:
    """Near end, second bend, first bend and far end of the sheet, and the direction of its near part.

    The first stroke folds the far flap up; then the sheet is turned flat and pushed on, and the second stroke folds
    it `BEND` pixels nearer, which gives a channel.
    """
    if t < 3.0:
        angle = FOLD * between(t, 1.35, 2.0)
        first = (DIE[0] - 230 * (1 - between(t, 0.0, 0.9)), DIE[1] - 3)
        reach = math.pi + angle
        return polar(first, 236, reach), polar(first, BEND, reach), first, polar(first, 84, -angle), reach
    flat = between(t, 3.0, 4.0)
    turn, fold = FOLD * (1 - flat), 0.85 * FOLD * between(t, 4.6, 5.2)
    away = between(t, 6.3, 7.4)
    start = polar((DIE[0], DIE[1] - 3), BEND, math.pi + FOLD)
    second = lerp(start, (DIE[0], DIE[1] - 3), flat)
    second = (second[0] - 96 * away, second[1] - 34 * away)
    reach = math.pi + turn + fold - 0.5 * fold * away
    middle = turn - fold - 0.5 * fold * away
    first = polar(second, BEND, middle)
    return polar(second, 236 - BEND, reach), second, first, polar(first, 84, middle - 2 * FOLD), reach


def _prepare() -> Painter:
    still = _still()
    Pen(still).lay(beam([(240, 120), (430, 120), (560, 720), (120, 720)], (255, 255, 246), 0.2, 22))
    Pen(still).lay(beam([(850, 120), (1010, 120), (1180, 720), (860, 720)], (255, 255, 246), 0.13, 22))
    _shadow = Pen(still)
    _shadow.oval((800, 656), 280, 22, fill=(20, 40, 36, 80))
    fixed = still
    front = layer()
    pen = Pen(front)
    pen.box(1120, 500, 1330, 740, (30, 56, 50), 6)
    for i in range(6):
        pen.box(1110 - i * 3, 484 - i * 13, 1330, 493 - i * 13, mix((150, 170, 170), PINE, 0.2 + 0.06 * i), 2)
    near = cut(soften(front, 2.4))

    def paint(t: float) -> Image.Image:
        picture = fixed.copy()
        pen = Pen(picture)
        # Far away: a crane glides, somebody walks across the yard door, a truck drives past.
        crane = 300 + 46 * t
        pen.box(crane, 100, crane + 44, 122, (242, 190, 84))
        pen.line([(crane + 22, 122), (crane + 22, 214 + 6 * math.sin(t))], 3, (94, 118, 112))
        pen.box(crane - 20, 214 + 6 * math.sin(t), crane + 64, 222 + 6 * math.sin(t), (120, 142, 140), 2)
        truck = 1020 - 64 * t
        pen.box(truck, 356, truck + 70, 386, (214, 112, 44), 5)
        pen.box(truck + 6, 326, truck + 46, 360, (60, 84, 84), 4)
        pen.box(truck + 12, 332, truck + 40, 354, (204, 226, 226), 3)
        pen.box(truck - 34, 382, truck + 4, 388, (70, 90, 88))
        pen.box(truck - 6, 318, truck + 2, 388, (70, 90, 88))
        for wheel in (14, 58):
            pen.oval((truck + wheel, 390), 10, fill=(36, 50, 48))
        walk = 250 + 26 * t
        stride = math.sin(t * 5.2)
        draw(
            pen,
            WALKER,
            Pose(
                hip=(walk, 404),
                neck=(walk + 3, 356),
                hands=((walk + 9 * stride, 398), (walk - 9 * stride + 6, 398)),
                feet=(
                    (walk + 15 * stride, 448 - 4 * max(0.0, stride)),
                    (walk - 15 * stride, 448 - 4 * max(0.0, -stride)),
                ),
            ),
            17,
        )
        _press_back(pen)
        near_end, second, first, far_end, reach = _sheet(t)
        hold = (near_end[0] + 12 * math.cos(reach), near_end[1] + 12 * math.sin(reach))
        x = 330 - 74 * (1 - between(t, 0, 0.9)) + 84 * between(t, 3.0, 4.1) - 60 * between(t, 6.5, 7.6)
        bow = 8 * between(t, 1.0, 2.0) - 14 * between(t, 6.5, 7.6)
        look = BENDER
        pose = Pose(
            hip=(x + 6, 484),
            neck=(x + 30 + bow, 296),
            hands=((hold[0] - 6, hold[1] + 6), (hold[0] + 16, hold[1] + 1)),
            feet=((x - 26, 660), (x + 46, 664)),
            nod=0.4 - 0.25 * between(t, 6.4, 7.2),
        )
        pen.oval((x + 20, 676), 110, 12, fill=(20, 40, 36, 90))
        draw(pen, look, pose, 64, arms="far")
        pen.bend(near_end, second, first, (9, 9, 9), (196, 210, 210))
        pen.limb(first, far_end, 9, 9, (214, 226, 226))
        pen.line([(p[0], p[1] - 3) for p in (near_end, second, first)], 3, (246, 250, 248))
        draw(pen, look, pose, 64, arms="near")
        _press_front(pen, 62 * _stroke(t), t)
        pen.lay(near)
        return picture

    return paint


SCENE = Scene(
    slug="joutsan-levytyo",
    prepare=_prepare,
    # Hydraulics while the beam moves (both strokes), a knock when the sheet is bent.
    sound=(
        "anoisesrc=c=brown:a=0.25:s=4:r=24000:d=8,lowpass=f=500[hall];"
        "aevalsrc='(between(t,0.95,2.0)+0.7*between(t,2.3,3.0)+between(t,4.2,5.2)+0.7*between(t,5.5,6.2))"
        "*0.07*(sin(2*PI*(150+16*mod(t,3.25))*t)+0.6*sin(2*PI*292*t)+0.3*sin(2*PI*590*t))':s=24000:d=8,lowpass=f=1500[pump];"
        "aevalsrc='gte(t,1.9)*0.6*exp(-9*(t-1.9))*sin(2*PI*88*t)+gte(t,5.1)*0.6*exp(-9*(t-5.1))*sin(2*PI*88*t)"
        "+gte(t,3.9)*0.2*exp(-8*(t-3.9))*sin(2*PI*1180*t)+gte(t,0.8)*0.16*exp(-8*(t-0.8))*sin(2*PI*1320*t)':s=24000:d=8[knock];"
        "aevalsrc='0.03*sin(2*PI*990*t)*(between(t,0.7,0.82)+between(t,4.0,4.12))':s=24000:d=8[ready];"
        "[hall][pump][knock][ready]amix=inputs=4:normalize=0,afade=t=in:d=0.4,afade=t=out:st=7.4:d=0.6,aformat=channel_layouts=stereo[sound]"
    ),
)
