"""Gym movements that are not in the library, led by legs or the whole body: running drills, machines, floor work."""

from dataclasses import replace

import numpy as np

from svc_motion.training.bases import hand_on_hip, rest_arms, sit, stand
from svc_motion.training.figure import OUTWARD, SAMPLES, SIDES, Array, Draw, Figure, direction, vector
from svc_motion.training.keyframes import Point, Pose, all_fours, both, crouch, posed, standing
from svc_motion.training.unknown_arms import circling


def knees_up(draw: Draw) -> Array:
    """High knees, marching, skaters, butt kicks, rope skipping: the legs in turn, upright."""
    figure = Figure.new(draw)
    body = figure.body
    turn = circling(draw, 0.45, 1.8)
    kind = draw.pick({"high": 0.5, "kick": 0.2, "skater": 0.15, "skip": 0.15})
    bounce = draw.between(0, 0.05) * np.abs(np.sin(turn))
    side_step = draw.between(0.2, 0.45) * np.sin(turn) if kind == "skater" else draw.sway(0.01)
    sunk = draw.between(0.0, 0.06) if kind == "skater" else 0.0
    figure.hip = vector(side_step, draw.sway(0.01), body.ankle_height + body.leg * 0.97 + bounce - sunk)
    figure.lean = draw.between(-5, 12) + (draw.between(5, 25) if kind == "skater" else 0)
    figure.twist = draw.between(0, 10) * np.sin(turn)
    figure.trunk()
    lift, arms = draw.between(55, 105), draw.pick({"swing": 0.5, "hips": 0.15, "still": 0.35})
    for side, late in zip(SIDES, (0.0, np.pi), strict=True):
        up = np.clip(np.sin(turn + late), 0, 1) ** draw.between(0.7, 1.3)
        if kind == "skip":
            up = np.abs(np.sin(turn))
        thigh = np.radians({"high": lift, "kick": 5.0, "skater": 25.0, "skip": 18.0}[kind] * up)
        flexion = np.radians(8 + {"high": lift, "kick": draw.between(70, 120), "skater": 75.0, "skip": 32.0}[kind] * up)
        shank, out = thigh - flexion, -OUTWARD[side] * (0.35 * up if kind == "skater" else 0.0)
        figure.leg(side, vector(out, -np.sin(thigh), -np.cos(thigh)), vector(out, -np.sin(shank), -np.cos(shank)))
        if arms == "swing":
            upper = np.radians(-draw.between(15, 50) * np.sin(turn + late))
            fore = upper + np.radians(draw.between(50, 100))
            figure.arm(side, vector(0.1, np.sin(upper), -np.cos(upper)), vector(0, np.sin(fore), -np.cos(fore)))
        elif arms == "hips":
            hand_on_hip(figure, side)
        else:
            raised, flexed = draw.between(5, 60), draw.between(10, 90)
            figure.arm(side, direction(raised, 60), direction(raised + flexed, 20))
    return figure.joints()


def good_morning(draw: Draw) -> Array:
    """Bowing with straight legs, a bar on the back or the hands at the head, with a twist now and then."""
    figure = Figure.new(draw)
    phase = draw.repetitions(1.0, 5)[0]
    stand(figure, 0.97)
    figure.hip = figure.hip + vector(0, draw.between(0.05, 0.22) * phase, 0)
    figure.lean = draw.between(0, 8) + draw.between(45, 85) * phase
    figure.twist = draw.between(-45, 45) * phase if draw.chance(0.4) else 0.0
    figure.trunk()
    rest_arms(figure, draw.pick({"bar_on_back": 0.6, "head": 0.25, "crossed": 0.15}))
    return figure.joints()


def leg_swing(draw: Draw) -> Array:
    """One leg swings, lifts or kicks forwards, sideways or back, standing or on all fours."""
    figure = Figure.new(draw)
    body = figure.body
    phase, working = draw.repetitions(0.6, 3.5)[0], draw.side()
    fours = draw.chance(0.35)
    plane = draw.pick({"front": 0.3, "side": 0.4, "back": 0.3})
    if fours:
        base = all_fours(draw, body)
        posed(figure, [base, base], np.zeros(SAMPLES))
        thigh = np.radians(draw.between(0, 20) + draw.between(50, 105) * phase)
        flexed = np.radians(90 + (draw.between(0, 95) - 90) * phase)
        out = OUTWARD[working] * (np.sin(thigh) if plane == "side" else 0.0)
        back = 0.0 if plane == "side" else np.sin(thigh)
        shank = vector(out * 0.5, np.sin(thigh + flexed), -np.cos(thigh + flexed))
        figure.leg(working, vector(out, back, -np.cos(thigh)), shank)
        return figure.joints()
    stand(figure)
    angle = np.radians(draw.between(-25, 5) + draw.between(30, 85) * phase)
    figure.roll, figure.lean = draw.between(0, 10) * phase, figure.lean + draw.between(-8, 20) * phase
    figure.trunk()
    out, front = (OUTWARD[working] * np.sin(angle), 0.0) if plane == "side" else (0.0, np.sin(angle))
    front = -front if plane == "back" else front
    shank = vector(out, -front + draw.between(0, 0.5), -np.cos(angle))
    figure.leg(working, vector(out, -front, -np.cos(angle)), shank)
    rest_arms(figure, draw.pick({"hips": 1, "hang": 1, "chest": 0.6, "stretched": 0.4}))
    return figure.joints()


def step_up(draw: Draw) -> Array:
    """On a box and down again, or over it."""
    figure = Figure.new(draw)
    body = figure.body
    low = standing(draw, body)
    height, front = draw.between(0.2, 0.5) * body.k, draw.between(0.25, 0.45)
    width = low.feet[0][0]
    lead, follow = (width, front, height + body.ankle_height), (width, 0.0, body.ankle_height)
    half_hip = (0.0, front * 0.6, low.hip[2] + 0.25 * height)
    stepping = replace(low, hip=half_hip, lean=draw.between(10, 30), feet=(lead, follow))
    above = low.moved(front, height)
    if draw.chance(0.3):
        above = replace(above, feet=(lead, (width, front - 0.3, height + 0.45)))
    poses = [low, replace(low, feet=(lead, follow)), replace(stepping, hands=above.hands), above]
    return posed(figure, poses, draw.repetitions(1.0, 4)[0] * 3)


def machine(draw: Draw) -> Array:
    """Rowing machine, leg press, leg extension, bicycle, cross trainer."""
    figure = Figure.new(draw)
    body, k = figure.body, figure.body.k
    kind = draw.pick({"rower": 0.3, "press": 0.15, "extension": 0.15, "bicycle": 0.25, "cross": 0.15})
    if kind == "rower":
        phase = draw.repetitions(1.2, 4, hold=0.02)[0]
        up = draw.between(0.2, 0.4) * k
        feet = both(0.1, 0.45 * k, up + 0.05)
        finish = (0.0, 0.45 * k - body.leg * 0.97, up)
        catch = (0.0, 0.45 * k - draw.between(0.3, 0.45) * k, up)
        near, far = both(-0.02, finish[1] + 0.15, up + draw.between(0.2, 0.4)), both(0.02, 0.45 * k + 0.1, up + 0.3)
        poses = [
            Pose(catch, draw.between(15, 40), far, feet, knees=(0.1, -0.2, 1)),
            Pose((0, finish[1] + 0.08, up), draw.between(0, 15), both(0.02, 0.2, up + 0.3), feet, knees=(0.1, -0.2, 1)),
            Pose(finish, -draw.between(8, 35), near, feet, elbows=(0.4, -1, -0.3), knees=(0.1, -0.2, 1)),
        ]
        return posed(figure, poses, phase * 2)
    sit(figure)
    if kind == "bicycle" or kind == "cross":
        return _pedalling(figure, kind == "cross")
    phase = draw.repetitions(0.9, 5)[0]
    figure.lean = -draw.between(10, 50) if kind == "press" else draw.between(-15, 5)
    figure.trunk()
    rise = np.radians(draw.between(0, 45))
    for side in SIDES:
        if kind == "extension":
            shank = direction(draw.between(0, 10) + draw.between(55, 90) * phase, 0)
            figure.leg(side, vector(0, -1, 0.05), shank * [1, -1, 1])
        else:
            reach = body.leg * (draw.between(0.5, 0.62) + 0.36 * phase)
            ankle = figure.hips[side] + vector(0, -np.cos(rise) * reach, np.sin(rise) * reach)
            figure.foot(side, ankle, vector(OUTWARD[side] * 0.3, 0, 1))
        figure.hand(side, vector(0.08, draw.between(-0.05, 0.1), -draw.between(0.42, 0.52)), vector(1, -0.8, 0))
    return figure.joints()


def _pedalling(figure: Figure, upright: bool) -> Array:
    draw, k = figure.draw, figure.body.k
    turn = circling(draw, 0.5, 1.6)
    figure.hip = vector(draw.sway(0.006), 0, (0.86 if upright else draw.between(0.78, 0.92)) * k + draw.sway(0.006))
    figure.lean = draw.between(-5, 12) if upright else draw.between(-10, 55)
    figure.trunk()
    crank, front = draw.between(0.14, 0.2) * k, draw.between(0.05, 0.35) * (0.3 if upright else 1)
    for side, late in zip(SIDES, (0.0, np.pi), strict=True):
        flat = 1.7 if upright else 1.0
        along, up = crank * flat * np.cos(turn + late), crank * np.sin(turn + late) / flat
        figure.foot(side, vector(OUTWARD[side] * 0.09, -front - along, 0.26 * k + up), vector(0, -1, 0.2))
        push = draw.between(0.1, 0.2) * np.cos(turn + late + np.pi) if upright else 0.0
        height, reach = draw.between(-0.4, -0.1), draw.between(0.35, 0.45)
        figure.hand(side, vector(0.02, reach + push, height), vector(0.7, -0.3, -1))
    return figure.joints()


def compound(draw: Draw) -> Array:
    """Thrusters, cleans, man makers, bear crawls, squat thrusts in half: whole-body cycles between odd poses."""
    figure = Figure.new(draw)
    body = figure.body
    kind = draw.pick({"thruster": 0.4, "clean": 0.35, "inchworm": 0.25})
    up, down = standing(draw, body), crouch(draw, body)
    top = up.hip[2] + body.spine
    rack = both(body.shoulder_half + 0.03, 0.16, top - 0.05)
    racked = replace(up, hands=rack, elbows=(0.2, 1, -0.8))
    over = replace(up, hands=both(0.22, 0.0, top + body.arm * 0.93), elbows=(1, 0, -0.4))
    sunk = replace(racked, hip=(0, -0.22, draw.between(0.35, 0.55) * body.k), lean=draw.between(15, 35))
    sunk = replace(sunk, hands=both(body.shoulder_half + 0.03, 0.2, sunk.hip[2] + body.spine * 0.9))
    if kind == "thruster":
        return posed(figure, [sunk, racked, over], draw.repetitions(1.2, 4)[0] * 2)
    if kind == "clean":
        grip: Point = (0.25, 0.12, 0.3)
        low = replace(down, hands=(grip, grip), lean=draw.between(40, 65), feet=up.feet)
        poses = [low, up, racked] + ([over] if draw.chance(0.5) else [])
        return posed(figure, poses, draw.repetitions(1.2, 5)[0] * (len(poses) - 1))
    far = replace(down, hands=both(0.2, draw.between(0.7, 1.1), 0.05), hip=(0, 0, 0.8 * body.k), lean=100, feet=up.feet)
    return posed(figure, [up, far], draw.repetitions(1.6, 6)[0])


def floor_cycle(draw: Draw) -> Array:
    """Bicycle crunches, flutter kicks, dead bugs, V-ups, bird dogs, supermans."""
    figure = Figure.new(draw)
    body = figure.body
    kind = draw.pick({"supine": 0.7, "fours": 0.3})
    turn = circling(draw, 0.5, 3.5)
    if kind == "fours":
        base = all_fours(draw, body)
        left, right = base.hands
        out_hand = (left[0], left[1] + 0.45, base.hip[2] + draw.between(-0.05, 0.1))
        out_foot = (base.feet[1][0], -body.leg * 0.95, base.hip[2] + draw.between(-0.1, 0.1))
        reached = replace(base, hands=(out_hand, right), feet=(base.feet[0], out_foot))
        return posed(figure, [base, reached], draw.repetitions(0.9, 4)[0])
    figure.hip = vector(0, 0, 0.1 * body.k)
    raised, together = draw.between(0, 35), draw.between(0, 1) < 0.3
    figure.lean = -(90 - raised - (draw.between(0, 30) * np.sin(turn) if together else 0))
    figure.bend, figure.twist = draw.between(0, 30), draw.between(0, 35) * np.sin(turn)
    figure.trunk()
    lift = draw.between(15, 60)
    bent = lift * draw.between(0.8, 1.8) if draw.chance(0.6) else 5.0
    arms = draw.pick({"head": 0.5, "sides": 0.2, "against": 0.3})
    for side, late in zip(SIDES, (0.0, 0.0 if together else np.pi), strict=True):
        share = 0.5 + 0.5 * np.sin(turn + late)
        thigh = np.radians(95 + lift * share + draw.between(0, 25))
        shank = thigh - np.radians(bent * share)
        figure.leg(side, vector(0, -np.sin(thigh), -np.cos(thigh)), vector(0, -np.sin(shank), -np.cos(shank)))
        if arms == "head":
            figure.hand(side, vector(-0.08, -0.02, 0.18), vector(1, 0.2, 0.1))
        else:
            swing = draw.between(5, 30) if arms == "sides" else 130 - 40 * np.sin(turn + late)
            upper = direction(swing, 20)
            figure.arm(side, upper, upper)
    return figure.joints()
