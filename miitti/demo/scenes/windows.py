"""Itä-Hämeen Ikkuna: a joiner puts a wooden window together while it snows outside."""

from __future__ import annotations

import math

from PIL import Image

from miitti.demo.brush import (
    HEIGHT,
    MOSS,
    SUN,
    WIDTH,
    Pen,
    beam,
    between,
    canvas,
    cut,
    glow,
    layer,
    mix,
    soften,
    there_and_back,
    wash,
)
from miitti.demo.figures import Look, Pose, draw
from miitti.demo.film import Painter, Scene
from miitti.demo.scenes.sparks import draw_flakes, flakes

JOINER = Look(
    coat=(122, 150, 128), trousers=(58, 70, 84), hair=(150, 92, 44), stripe=None, apron=(70, 62, 54), bun=True
)
BACK = Look(coat=(188, 98, 52), trousers=(60, 70, 80), hair=(70, 52, 40), stripe=None, beard=True)
PALE, PINEWOOD, SHADE = (238, 208, 158), (222, 184, 128), (176, 134, 82)
BENCH = 548.0
"""Height of the bench's top, pixels from above."""
KNOCKS = (3.35, 3.85, 4.35)
"""When the mallet meets the frame, seconds."""
VIEWS = ((96, 96, 420, 392), (486, 96, 810, 392), (876, 96, 1200, 392))
"""The windows of the workshop: left, top, right, bottom."""


def _landscape(pen: Pen) -> None:
    """The winter outside: pale sky, woods, a frozen lake and a red cottage."""
    pen.paste(glow(300, (255, 226, 190), 0.8, power=1.4), (980, 250))
    pen.blob(
        [(-60, 300), (200, 232), (480, 270), (760, 228), (1020, 262), (1340, 220), (1340, 420), (-60, 420)],
        (158, 180, 190),
    )
    for i in range(46):
        x, h = i * 29 + 9 * math.sin(i * 3.1), 52 + 26 * math.sin(i * 1.7)
        pen.shape(
            [(x, 322 - h), (x + 15, 326), (x - 15, 326)],
            mix((88, 122, 122), (120, 150, 152), 0.5 + 0.5 * math.sin(i * 2.4)),
        )
    pen.box(0, 318, WIDTH, 420, (228, 236, 238))
    pen.blob([(300, 346), (640, 326), (960, 344), (900, 372), (420, 374)], (206, 222, 228))
    pen.box(640, 288, 716, 330, (158, 58, 46))
    pen.shape([(630, 292), (678, 258), (728, 292)], (240, 244, 244))
    pen.box(660, 300, 676, 316, (255, 222, 150))
    pen.box(700, 256, 710, 280, (108, 70, 60))
    for x, h in ((130, 190), (212, 150), (1130, 200), (846, 150), (470, 130)):
        for k in range(4):
            w = h * (0.15 + 0.085 * k)
            y = 368 - h + h * 0.22 * k
            pen.shape([(x, y), (x + w, y + h * 0.34), (x - w, y + h * 0.34)], (52, 88, 82))
            pen.shape(
                [(x, y), (x + w * 0.55, y + h * 0.17), (x + w * 0.1, y + h * 0.14), (x - w * 0.5, y + h * 0.19)],
                (236, 242, 244),
            )


def _sash(pen: Pen, view: tuple[float, float, float, float]) -> None:
    """The white bars of one window, which stand before the falling snow."""
    left, top, right, bottom = view
    middle, white, shade = (left + right) / 2, (250, 246, 238), (216, 206, 190)
    pen.box(middle - 7, top, middle + 7, bottom, white)
    pen.box(middle + 4, top, middle + 7, bottom, shade)
    pen.box(left, 206, right, 216, white)
    for x in (left - 16, right):
        pen.box(x, top - 16, x + 16, bottom, white)
    pen.box(left - 16, top - 16, right + 16, top, white)
    pen.box(left, top, right, top + 6, (206, 196, 182, 200))
    pen.box(left - 16, bottom, right + 16, bottom + 10, white)


def _room(still: Image.Image) -> None:
    pen = Pen(still)
    wall = layer()
    inside = Pen(wall)
    inside.box(0, 0, WIDTH, HEIGHT, (232, 214, 186, 255))
    wash(wall, [(0, (206, 184, 152, 255)), (0.5, (236, 218, 190, 255)), (1, (212, 186, 148, 255))])
    inside = Pen(wall)
    for left, top, right, bottom in VIEWS:
        inside.box(left - 16, top - 16, right + 16, bottom + 22, (250, 246, 238, 255), 4)
        inside.box(left - 24, bottom + 10, right + 24, bottom + 26, (240, 232, 218, 255), 3)
        inside.box(left - 24, bottom + 22, right + 24, bottom + 28, (196, 174, 140, 255))
        inside.box(left, top, right, bottom, (0, 0, 0, 0))
    inside.box(0, 0, WIDTH, 40, (150, 118, 82, 255))
    for x in range(20, WIDTH, 210):
        inside.box(x, 0, x + 44, 66, (132, 102, 70, 255))
    still.paste(wall.convert("RGB"), (0, 0), wall.getchannel("A"))
    # Floor, and light from the windows on it
    wash(still, [(0, (178, 142, 98)), (1, (116, 88, 60))], 470, HEIGHT)
    pen.box(0, 462, WIDTH, 474, (150, 118, 82))
    for left, _top, right, _bottom in VIEWS:
        pen.lay(beam([(left, 100), (right, 100), (right + 40, 720), (left - 120, 720)], (255, 246, 226), 0.16, 14))


def _finished(pen: Pen) -> None:
    """Finished windows leaning against the wall, and tools on a board."""
    for i in range(3):
        x, y = 1050 + i * 34, 300 + i * 16
        pen.box(x, y, x + 170, y + 250, (250, 247, 240), 4)
        pen.box(x + 166, y + 4, x + 172, y + 250, (190, 176, 152))
        pen.box(x + 16, y + 16, x + 154, y + 234, (176, 204, 210))
        pen.shape([(x + 16, y + 160), (x + 110, y + 16), (x + 150, y + 16), (x + 16, y + 220)], (214, 230, 232))
        pen.box(x + 80, y + 16, x + 90, y + 234, (250, 247, 240))
        pen.box(x + 16, y + 112, x + 154, y + 121, (250, 247, 240))


def _bench(pen: Pen) -> None:
    pen.box(240, BENCH, 1016, BENCH + 30, (196, 150, 96), 4)
    pen.box(240, BENCH, 1016, BENCH + 8, (232, 194, 138), 3)
    pen.box(268, BENCH + 30, 988, BENCH + 52, (140, 102, 64))
    for x in (290, 920):
        pen.box(x, BENCH + 30, x + 44, 730, (154, 112, 70))
        pen.box(x, BENCH + 30, x + 12, 730, (184, 138, 88))
    pen.box(960, BENCH - 26, 1000, BENCH, (92, 100, 104), 4)
    for i in range(5):  # shavings
        pen.arc((300 + i * 31, BENCH - 4), 9 + i % 3, 160, 350, 3, (240, 212, 160))
    pen.box(330, BENCH - 12, 410, BENCH, (70, 86, 92), 3)
    pen.box(338, BENCH - 26, 356, BENCH - 10, SUN, 4)


def _stick(pen: Pen, x: float, y: float, w: float, h: float) -> None:
    """A planed piece of pine with its lit upper and its shaded lower edge."""
    pen.box(x, y, x + w, y + h, PINEWOOD, 2)
    pen.box(x, y, x + w, y + min(5, h * 0.3), PALE, 2)
    pen.box(x + w - min(5, w * 0.3), y + 2, x + w, y + h, SHADE, 1)


def _frame(pen: Pen, t: float) -> None:
    """The window on the bench: pieces glide in one after another, then the pane, then a first coat of light."""
    left, right, top, bottom = 560.0, 850.0, BENCH - 270, BENCH - 2
    shake = sum(2.0 * math.exp(-9 * (t - k)) * math.sin(60 * (t - k)) for k in KNOCKS if t >= k)
    a, b, c = (1 - between(t, 0.1, 1.2)), (1 - between(t, 0.9, 1.9)), (1 - between(t, 1.7, 2.9))
    gap = 14 * (1 - between(t, 3.2, 4.4))
    pane = between(t, 5.0, 6.5)
    if pane > 0:
        y = top - 330 * (1 - pane)
        pen.box(left + 18, y + 18, right - 18, y + (bottom - top) - 18, (196, 224, 232, 150), 2)
        pen.shape(
            [(left + 40, y + 190), (left + 150, y + 22), (left + 196, y + 22), (left + 40, y + 246)],
            (255, 255, 255, 90),
        )
        pen.shape(
            [(left + 176, y + 246), (right - 24, y + 96), (right - 24, y + 130), (left + 204, y + 246)],
            (255, 255, 255, 60),
        )
    _stick(pen, left, bottom - 24, right - left, 24)
    if a < 1:
        _stick(pen, left - 210 * a, top + shake, 24, bottom - top - 22)
    if b < 1:
        _stick(pen, right - 24 + 150 * b, top + shake, 24, bottom - top - 22)
    if c < 1:
        _stick(pen, left, top - gap - 250 * c + shake, right - left, 24)
    if t > 5.0 and pane >= 1:
        _stick(pen, (left + right) / 2 - 8, top + 22, 16, bottom - top - 44)
    middle = between(t, 6.3, 7.2)
    if middle > 0:
        y = (top + bottom) / 2 - 8 - 380 * (1 - middle)
        _stick(pen, left + 22, y, right - left - 44, 15)


def _mallet(t: float) -> float:
    """Lift of the mallet, 0 (on the wood) to 1 (raised)."""
    lift = 0.0
    for k in KNOCKS:
        lift = max(lift, between(t, k - 0.42, k - 0.14) - between(t, k - 0.14, k))
    return lift


def _prepare() -> Painter:
    still = canvas()
    wash(still, [(0, (176, 200, 214)), (0.55, (236, 230, 220)), (1, (226, 234, 236))], 0, 420)
    _landscape(Pen(still))
    _room(still)
    Pen(still).paste(glow(300, (255, 222, 160), 0.34, power=1.6), (380, 210))
    far, near_snow = flakes(31, 70, (1.2, 2.4), (26, 40)), flakes(32, 34, (2.4, 4.2), (52, 76))
    front = layer()
    pen = Pen(front)
    pen.box(-40, 610, 250, 740, (104, 76, 48), 6)
    for i in range(5):
        pen.box(-40, 588 - i * 24, 214 - 8 * i, 606 - i * 24, mix(PINEWOOD, (120, 84, 50), 0.3 + 0.08 * i), 3)
    near = cut(soften(front, 2.6))

    def paint(t: float) -> Image.Image:
        picture = still.copy()
        pen = Pen(picture)
        for view in VIEWS:
            draw_flakes(pen, far, t, (view[0], 100, view[2], 392), (255, 255, 255), 0.8)
            draw_flakes(pen, near_snow, t, (view[0], 100, view[2], 392), (255, 255, 255), 0.95)
            _sash(pen, view)
        _finished(pen)
        walk = 1330 - 62 * t  # A workmate carries a sash past in the back
        stride = math.sin(t * 4.6)
        draw(
            pen,
            BACK,
            Pose(
                hip=(walk, 446),
                neck=(walk - 6, 352),
                hands=((walk - 60, 396), (walk - 54, 402)),
                feet=((walk + 26 * stride, 540 - 6 * max(0, stride)), (walk - 26 * stride, 540 - 6 * max(0, -stride))),
                facing=-1,
            ),
            36,
        )
        pen.box(walk - 132, 318, walk - 46, 446, PINEWOOD, 3)
        pen.box(walk - 118, 332, walk - 60, 432, (204, 222, 224), 2)
        draw(
            pen,
            BACK,
            Pose(
                hip=(walk, 446),
                neck=(walk - 6, 352),
                hands=((walk - 60, 400), (walk, 0)),
                feet=((0, 0), (0, 0)),
                facing=-1,
            ),
            36,
            arms="near",
        )
        hung = 380 + 2 * math.sin(t * 0.9)
        # The joiner stands at the left end of the bench; the frame is in front of her far hand.
        lift, guide = _mallet(t), between(t, 0.1, 1.2)
        knock = there_and_back(t, 2.8, 3.2, 4.4, 4.9)
        fit = there_and_back(t, 4.9, 5.4, 7.1, 7.7)
        hip, neck = (456, 530), (478 + 14 * guide + 10 * knock, 330 + 2 * math.sin(t * 1.5))
        rest = (566.0 - 130 * (1 - guide) * 0.8, 420.0)
        hand = (
            rest[0] + 30 * knock + (14 * math.sin(t * 2) if fit else 0) * fit - 26 * lift * knock,
            rest[1] - (124 + 96 * lift) * knock - 96 * fit,
        )
        far_hand = (574.0 - 130 * (1 - guide) * 0.8, 470.0 - 30 * fit)
        pose = Pose(hip=hip, neck=neck, hands=(hand, far_hand), feet=((430, 700), (480, 700)), nod=0.5 - 0.3 * fit)
        draw(pen, JOINER, pose, 62, arms="far")
        _bench(pen)
        _frame(pen, t)
        if knock > 0.02:
            tilt = -0.25 - 0.9 * lift
            end = (hand[0] + 78 * math.cos(tilt), hand[1] + 78 * math.sin(tilt) - 10)
            pen.limb(hand, end, 9, 9, (150, 108, 66))
            nx, ny = -math.sin(tilt), math.cos(tilt)
            pen.limb(
                (end[0] - 20 * nx, end[1] - 20 * ny), (end[0] + 20 * nx, end[1] + 20 * ny), 34, 34, (206, 160, 104)
            )
            pen.limb(
                (end[0] - 24 * nx, end[1] - 24 * ny), (end[0] - 18 * nx, end[1] - 18 * ny), 32, 32, (228, 190, 138)
            )
        draw(pen, JOINER, pose, 62, arms="near")
        pen.line([(hung, -10), (hung, 120)], 3, (70, 56, 42))
        pen.shape([(hung - 16, 118), (hung + 16, 118), (hung + 58, 160), (hung - 58, 160)], MOSS)
        pen.oval((hung, 160), 58, 8, (255, 240, 200))
        pen.lay(near)
        return picture

    return paint


SCENE = Scene(
    slug="ita-hameen-ikkuna",
    prepare=_prepare,
    # Wood sliding on wood, three knocks of the mallet, a quiet room, a clock.
    sound=(
        "anoisesrc=c=brown:a=0.12:s=6:r=24000:d=8,lowpass=f=350[room];"
        "anoisesrc=c=pink:a=0.5:s=7:r=24000:d=8,bandpass=f=900:w=900,"
        "volume='0.35*(between(t,0.2,1.15)*sin(PI*(t-0.2)/0.95)+between(t,1.0,1.85)*sin(PI*(t-1.0)/0.85)+between(t,1.8,2.85)*sin(PI*(t-1.8)/1.05)"
        "+0.5*between(t,5.1,6.5)*sin(PI*(t-5.1)/1.4))':eval=frame[slide];"
        "aevalsrc='0.8*(gte(t,3.35)*exp(-26*(t-3.35))+gte(t,3.85)*exp(-26*(t-3.85))+gte(t,4.35)*exp(-26*(t-4.35)))"
        "*(sin(2*PI*310*t)+0.6*sin(2*PI*523*t)+0.3*sin(2*PI*1240*t))+0.3*gte(t,7.1)*exp(-30*(t-7.1))*sin(2*PI*420*t)"
        "+0.3*gte(t,6.45)*exp(-30*(t-6.45))*sin(2*PI*620*t)':s=24000:d=8[knock];"
        "aevalsrc='0.05*exp(-90*mod(t,1))*sin(2*PI*2100*t)':s=24000:d=8[clock];"
        "[room][slide][knock][clock]amix=inputs=4:normalize=0,afade=t=in:d=0.4,afade=t=out:st=7.4:d=0.6,aformat=channel_layouts=stereo[sound]"
    ),
)
