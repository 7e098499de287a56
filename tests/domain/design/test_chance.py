"""Monte Carlo of a pathway: shares overdue, load of units, and the picture of both."""

import random
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from pydantic import ValidationError

from domain import command as cmd
from domain.clock import ClockKind
from domain.delay import Delay, DelayReason
from domain.design.case import Case, Habit, Pace, Who
from domain.design.chance import (
    Answering,
    Chances,
    Doing,
    Expected,
    Exponential,
    Lognormal,
    Quantile,
    Recorded,
    StepChance,
    Table,
    Times,
    UnitLoad,
    draw_case,
    expect,
    from_recorded,
    share_of,
)
from domain.design.chance_log import Reading
from domain.design.chance_picture import Language, draw
from domain.design.chance_recorded import thinned
from domain.design.chance_times import MOST_RECORDED
from domain.design.simulation import World, simulate
from domain.event import Event, HandoverSent
from domain.unit import UnitKind
from domain.value import Labels
from tests import samples
from tests.samples import (
    ALICE,
    BOB,
    BOBS_HOME_HELP,
    BOBS_TEAM,
    calendar,
    calendar_days,
    hours,
    ladders,
    pathway,
    rules,
    units,
    working_days,
)

SVG = "{http://www.w3.org/2000/svg}"
WORLD = World(units(), calendar(), ladders(), rules())
AT_ONCE = Times(takes=Table(shares=(Quantile(share=1, length=hours(0)),)))
SILENT = Times(never=1)
LANGUAGES: tuple[Language, ...] = ("sv", "en")


def luck(seed: int = 1) -> Iterator[float]:
    """Draws that are the same each time."""
    source = random.Random(seed)
    while True:
        yield source.random()


def everybody(times: Times) -> tuple[Answering, ...]:
    """Every receiver alike."""
    return (Answering(times=times),)


def expected(chances: Chances, seed: int = 1) -> Expected:
    """What can be expected of the stroke pathway."""
    return expect(pathway(), WORLD, chances, luck(seed))


def mixed(runs: int = 12) -> Chances:
    """Some quick, some slow, some a no, some nothing."""
    takes = Lognormal(median=hours(20), p90=hours(90))
    done = Times(takes=Exponential(mean=hours(60)))
    answers = everybody(Times(takes=takes, never=0.1, declines=0.2))
    return Chances(answers=answers, steps=(Doing(step="assessment", times=done),), runs=runs)


def overdue(found: Expected) -> dict[str, float | None]:
    """The share overdue of each step."""
    return {s.step: s.overdue.share for s in found.steps}


def test_the_same_draws_give_the_same_result() -> None:
    first, again = expected(mixed()), expected(mixed())

    assert first == again


def test_other_draws_give_another_result() -> None:
    assert expected(mixed(), seed=1) != expected(mixed(), seed=2)


def test_where_all_answer_at_once_no_step_becomes_overdue() -> None:
    found = expected(Chances(answers=everybody(AT_ONCE), runs=3))

    assert set(overdue(found).values()) == {0.0}
    assert (found.closed.count, found.closed.of) == (3, 3)
    assert found.days_median == found.days_p90
    assert found.days_median is not None and found.days_median > 30


def test_where_nobody_answers_every_handover_is_unanswered_and_overdue() -> None:
    found = expected(Chances(answers=everybody(SILENT), runs=3))

    asked = {h.step: h for h in found.handovers}
    assert asked["handover_rehab"].unanswered.share == 1
    assert asked["handover_coordination"].unanswered.share == 1
    assert overdue(found)["handover_rehab"] == 1
    assert overdue(found)["handover_coordination"] == 1
    assert found.closed.share == 0
    assert found.days_median is None


def test_nothing_is_known_of_a_step_that_never_opens() -> None:
    found = expected(Chances(answers=everybody(SILENT), runs=1))

    assert overdue(found)["follow_up"] is None
    assert {h.step: h.unanswered.of for h in found.handovers}["handover_home_help"] == 0


def test_half_that_answer_late_is_a_half_within_the_interval() -> None:
    half = Table(
        shares=(Quantile(share=0.5, length=hours(1)), Quantile(share=1, length=calendar_days(20)))
    )
    who = Who(step="handover_home_help", unit=BOBS_HOME_HELP)

    found = expected(Chances(answers=(Answering(who=who, times=Times(takes=half)),), runs=200))

    home_help = {h.step: h.unanswered for h in found.handovers}["handover_home_help"]
    assert home_help.of == 200
    assert home_help.low < 0.5 < home_help.high
    assert overdue(found)["handover_home_help"] == home_help.share
    assert overdue(found)["handover_rehab"] == 0


def test_a_step_that_takes_too_long_is_overdue_and_one_before_it_is_not() -> None:
    slow = Times(takes=Table(shares=(Quantile(share=1, length=calendar_days(8)),)))

    found = expected(Chances(steps=(Doing(step="plan", times=slow),), runs=1))

    assert overdue(found)["plan"] == 1
    assert overdue(found)["assessment"] == 0


def test_a_step_that_is_never_done_is_overdue_and_stops_what_comes_after() -> None:
    found = expected(Chances(steps=(Doing(step="plan", times=SILENT),), runs=1))

    assert overdue(found)["plan"] == 1
    assert overdue(found)["handover_rehab"] is None


def test_whoever_declines_is_followed_by_another_receiver_with_a_mind_of_its_own() -> None:
    no = Answering(who=Who(unit=BOB), times=Times(takes=AT_ONCE.takes, declines=1))

    found = expected(Chances(answers=(no, *everybody(AT_ONCE)), runs=2))

    rehab = {h.step: h for h in found.handovers}["handover_rehab"]
    assert (rehab.declined.count, rehab.declined.of) == (2, 4)
    received = {u.unit: u.handovers for u in found.units}
    assert received[BOB] == received[BOBS_TEAM] == 1
    assert found.closed.share == 1


def test_receivers_of_one_kind_are_drawn_for_one_by_one() -> None:
    case = draw_case(pathway(), units(), mixed(), luck())

    does = {h.who.unit: h.does for h in case.habits if h.who.step == "handover_rehab"}
    assert {BOB, BOBS_TEAM} <= does.keys()
    assert len(set(does.values())) > 1


def test_there_are_never_more_habits_than_a_case_may_have() -> None:
    first = pathway().steps[3]
    many = tuple(first.model_copy(update={"key": f"handover_{n}"}) for n in range(30))
    definition = pathway().model_copy(update={"steps": (*pathway().steps, *many)})

    case = draw_case(definition, units(), mixed(), luck())

    assert Case.model_validate(case.model_dump()).habits == case.habits
    assert {h.who.step for h in case.habits} >= {s.key for s in many}


def test_what_the_case_says_itself_goes_before_chance() -> None:
    said = Case(
        habits=(Habit(who=Who(step="handover_rehab")),), pace={"plan": Pace(after=hours(5))}
    )
    slow = Doing(step="plan", times=SILENT)

    found = expected(Chances(answers=everybody(SILENT), steps=(slow,), runs=1, case=said))

    assert overdue(found)["plan"] == 0
    assert overdue(found)["handover_rehab"] == 0
    assert overdue(found)["handover_coordination"] == 1


def test_telling_seldom_changes_nothing_but_repetitions() -> None:
    silent = Case(habits=(Habit(does="silent"),), days=120)
    played = simulate(pathway(), WORLD, silent)

    plain = Reading(played.log, until=silent.starts_at + timedelta(days=silent.days))
    found = expected(Chances(answers=everybody(SILENT), runs=1, case=Case(days=120)))

    late = {r.key: float(r.late) for r in plain.rounds}
    assert late == {key: share for key, share in overdue(found).items() if share is not None}
    assert plain.reminders == {u.unit: u.reminders for u in found.units if u.reminders}
    assert len(played.log) > 500


def test_a_step_is_late_exactly_when_its_clock_was_late_before_it_stopped() -> None:
    for seed in range(5):
        case = draw_case(pathway(), units(), mixed(), luck(seed))
        played = simulate(pathway(), WORLD, case)
        until = case.starts_at + timedelta(days=case.days)

        found = {r.key: r.late for r in Reading(played.log, until=until).rounds}

        clocks = [c for c in played.state.clocks.values() if c.kind is ClockKind.STEP]
        ended = {c.subject.partition(".")[2]: c.due_at <= (c.stopped_at or until) for c in clocks}
        assert {**found, **ended} == found


def test_more_time_does_not_undo_that_a_step_was_late() -> None:
    case = samples.Case()
    case.wait(timedelta(days=4))
    until = (case.now + timedelta(days=20)).date()
    late = Delay(reason=DelayReason.MEDICAL)
    case.do(cmd.ExtendStep(step="assessment", until=until, reason="Väntar.", delay=late), ALICE)
    case.complete("assessment")

    found = {r.key: r for r in Reading(case.log).rounds}

    assert found["assessment"].late
    assert found["assessment"].done_at == case.now
    assert not found["plan"].late


def test_load_counts_what_a_unit_receives_holds_and_hears() -> None:
    found = expected(Chances(answers=everybody(AT_ONCE), runs=2))

    load = {u.unit: u for u in found.units}
    assert load[BOB].handovers == 1
    assert load[BOB].open_steps > 0
    assert load[BOB].busiest >= 1
    assert str(load[BOB].busiest_week).startswith("2026-W")
    held = sum(u.open_steps for u in found.units)
    assert 1 <= held < len(pathway().steps)


def test_reminders_come_with_silence() -> None:
    quick = expected(Chances(answers=everybody(AT_ONCE), runs=1))
    silent = expected(Chances(answers=everybody(SILENT), runs=1))

    def told(found: Expected) -> float:
        return {u.unit: u.reminders for u in found.units}[BOB]

    assert told(silent) > told(quick)


def recorded_log() -> tuple[Event, ...]:
    """Bob says no after a night, his colleagues yes after six hours, the health centre nothing."""
    habits = (
        Habit(who=Who(step="handover_rehab", unit=BOB), does="declines", after=hours(6)),
        Habit(who=Who(step="handover_coordination"), does="silent"),
        Habit(after=hours(6)),
    )
    pace = {"assessment": Pace(after=hours(1)), "plan": Pace(after=hours(1))}
    return simulate(pathway(), WORLD, Case(habits=habits, pace=pace)).log


def times_of(chances: Chances, step: str | None, kind: UnitKind) -> Times:
    """What was recorded of a kind of receiver."""
    return next(a.times for a in chances.answers if a.who == Who(step=step, kind=kind))


def recorded(times: Times) -> tuple[int, ...]:
    """The hours that were recorded."""
    assert isinstance(times.takes, Recorded)
    return times.takes.hours


def test_recorded_answers_are_read_back_by_step_and_kind_of_receiver() -> None:
    log = recorded_log()

    found = from_recorded([log, log])

    rehab = times_of(found, "handover_rehab", UnitKind.MUNICIPAL_REHAB)
    assert recorded(rehab) == (6, 6, 20, 20)
    assert (rehab.declines, rehab.never) == (0.5, 0)
    assert times_of(found, None, UnitKind.MUNICIPAL_REHAB) == rehab


def test_recorded_silence_is_read_back_as_silence() -> None:
    found = from_recorded([recorded_log()])

    silent = times_of(found, "handover_coordination", UnitKind.HEALTH_CENTRE_REHAB)
    assert (silent.never, silent.takes) == (1, None)


def test_recorded_steps_are_read_back_and_a_handover_step_until_it_was_sent() -> None:
    done = {d.step: d.times for d in from_recorded([recorded_log()]).steps}

    assert recorded(done["assessment"]) == recorded(done["plan"]) == (1,)
    assert recorded(done["handover_rehab"]) == (1,)
    assert "referral" not in done


def test_of_what_is_not_due_yet_nothing_is_known() -> None:
    log = recorded_log()
    sent = next(n for n, event in enumerate(log) if isinstance(event.what, HandoverSent))

    found = from_recorded([log[: sent + 1]])

    assert found.answers == ()
    assert {d.step for d in found.steps} == {"assessment", "plan", "handover_coordination"}


def test_what_was_recorded_can_be_played_again() -> None:
    found = expected(from_recorded([recorded_log()], runs=4))

    assert overdue(found)["handover_coordination"] == 1
    assert overdue(found)["assessment"] == 0
    assert found.runs == 4


def test_more_than_a_distribution_holds_is_thinned_and_keeps_its_shape() -> None:
    seen = list(range(25_000))

    kept = thinned(seen)

    assert len(kept) == MOST_RECORDED
    assert kept[0] == 0
    assert kept[MOST_RECORDED // 2] == 12_500


@pytest.mark.parametrize(("draw_at", "amount"), [(0.0, 1), (0.49, 1), (0.5, 9), (0.999, 9)])
def test_a_table_is_read_by_share(draw_at: float, amount: int) -> None:
    table = Table(shares=(Quantile(share=0.5, length=hours(1)), Quantile(share=1, length=hours(9))))

    assert table.at(draw_at) == hours(amount)


def test_a_lognormal_has_its_median_and_its_90th_percentile() -> None:
    curve = Lognormal(median=hours(24), p90=hours(96))

    assert curve.at(0.5) == hours(24)
    assert curve.at(0.9) == hours(96)
    assert curve.at(0.0).amount == 0
    assert curve.at(0.999999).amount > 96


def test_an_exponential_has_its_mean() -> None:
    curve = Exponential(mean=hours(100))

    drawn = [curve.at((n + 0.5) / 1000).amount for n in range(1000)]

    assert sum(drawn) / 1000 == pytest.approx(100, rel=0.01)


def test_working_days_stay_working_days() -> None:
    assert Lognormal(median=working_days(2), p90=working_days(5)).at(0.9) == working_days(5)


def test_hours_that_are_too_many_for_a_budget_become_days() -> None:
    assert Recorded(hours=(4800,)).at(0.3) == calendar_days(200)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Table(shares=(Quantile(share=0.5, length=hours(1)),)),
        lambda: Table(
            shares=(Quantile(share=1, length=hours(1)), Quantile(share=0.5, length=hours(2)))
        ),
        lambda: Lognormal(median=hours(5), p90=hours(4)),
        lambda: Lognormal(median=hours(5), p90=working_days(8)),
        lambda: Lognormal(median=hours(0), p90=hours(4)),
        lambda: Times(never=0.6, declines=0.6),
        lambda: Doing(step="plan", times=Times(declines=0.1)),
        lambda: Chances(runs=5001),
        lambda: Chances(runs=0),
    ],
)
def test_what_is_no_distribution_is_refused(wrong: Callable[[], object]) -> None:
    with pytest.raises(ValidationError):
        wrong()


def test_the_interval_is_that_of_wilson() -> None:
    half, none, every = share_of(50, 100), share_of(0, 10), share_of(10, 10)

    assert half.low == pytest.approx(0.4038, abs=1e-4)
    assert half.high == pytest.approx(0.5962, abs=1e-4)
    assert none.low == 0
    assert none.high == pytest.approx(0.2775, abs=1e-4)
    assert every.low == pytest.approx(0.7225, abs=1e-4)
    assert every.high == 1
    assert share_of(0, 0).share is None


def texts(svg: str) -> list[str]:
    """Every text that is drawn."""
    root = ET.fromstring(svg)
    return ["".join(found.itertext()) for found in root.iter(f"{SVG}text")]


def described(svg: str) -> str:
    """What is read aloud."""
    return ET.fromstring(svg).findtext(f"{SVG}desc") or ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picture_says_every_share_and_load_in_text(language: Language) -> None:
    found = expected(mixed())

    svg = draw(found, pathway(), language)

    drawn, aloud = texts(svg), described(svg)
    of = "av" if language == "sv" else "of"
    for step in (s for s in found.steps if s.overdue.of):
        assert f"{step.overdue.count} {of} {step.overdue.of}" in drawn
        assert f"{step.overdue.count} {of} {step.overdue.of}" in aloud
    for unit in found.units:
        assert unit.name in drawn
        assert unit.name in aloud
    assert len(list(ET.fromstring(svg).iter(f"{SVG}rect"))) > len(found.units)


def test_the_picture_writes_numbers_as_its_reader_does() -> None:
    half = share_of(1, 2)
    chance = StepChance(step="plan", overdue=half)
    unit = UnitLoad(
        unit=BOB,
        name="Enhet (demo)",
        handovers=1.5,
        open_steps=0.04,
        busiest_week="2026-W41",
        busiest=2,
        reminders=0,
    )
    found = empty().model_copy(update={"steps": (chance,), "units": (unit,)})

    swedish, english = (texts(draw(found, pathway(), lang)) for lang in LANGUAGES)

    assert {"50\u00a0% (9–91\u00a0%)", "1,5", "0,04", "2,0 (v. 41, 2026)", "0"} <= set(swedish)
    assert {"50% (9–91%)", "1.5", "0.04", "2.0 (W41 2026)", "0"} <= set(english)


def empty() -> Expected:
    """Nothing at all came of it."""
    return Expected(
        runs=1,
        steps=(),
        handovers=(),
        closed=share_of(0, 1),
        days_median=None,
        days_p90=None,
        units=(),
    )


def test_the_picture_is_an_image_with_a_title_and_without_scripts_or_what_lies_elsewhere() -> None:
    svg = draw(expected(mixed(2)), pathway(), "sv")

    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    assert pathway().label.sv in (root.findtext(f"{SVG}title") or "")
    assert {found.tag.removeprefix(SVG) for found in root.iter()} == {
        "svg",
        "title",
        "desc",
        "rect",
        "line",
        "text",
    }
    assert svg.count("http") == 1


def test_the_picture_escapes_what_others_have_written() -> None:
    wicked = Labels(sv='<script>"x" & \x07</script>', en="e")
    plan = next(s for s in pathway().steps if s.key == "plan").model_copy(update={"label": wicked})
    definition = pathway().model_copy(update={"steps": (plan,), "label": wicked})
    unit = UnitLoad(
        unit=BOB,
        name="<b>&",
        handovers=1,
        open_steps=0,
        busiest_week=None,
        busiest=0,
        reminders=0,
    )
    step = StepChance(step="plan", overdue=share_of(0, 4))
    found = empty().model_copy(update={"steps": (step,), "units": (unit,)})

    svg = draw(found, definition, "sv")

    assert "<script" not in svg
    assert '<script>"x" & </script>' in texts(svg)
    assert "<b>&" in texts(svg)


def test_the_picture_of_a_step_that_never_opens_says_so() -> None:
    found = empty().model_copy(
        update={"steps": (StepChance(step="follow_up", overdue=share_of(0, 0)),)}
    )

    assert "öppnas aldrig" in texts(draw(found, pathway(), "sv"))
    assert "never opens" in texts(draw(found, pathway(), "en"))


def test_a_long_label_is_cut_in_the_drawing_and_whole_aloud() -> None:
    long = "ord " * 100
    plan = next(s for s in pathway().steps if s.key == "plan")
    plan = plan.model_copy(update={"label": Labels(sv=long, en=long)})
    definition = pathway().model_copy(update={"steps": (plan,)})
    found = empty().model_copy(update={"steps": (StepChance(step="plan", overdue=share_of(1, 4)),)})

    svg = draw(found, definition, "sv")

    assert any(text.endswith("…") for text in texts(svg))
    assert long.strip() in described(svg)


def test_text_in_the_picture_is_dark_enough_on_white() -> None:
    svg = draw(expected(mixed(2)), pathway(), "sv")

    colours = {str(found.get("fill")) for found in ET.fromstring(svg).iter(f"{SVG}text")}

    assert all(contrast_to_white(colour) >= 4.5 for colour in colours)


def contrast_to_white(colour: str) -> float:
    """The contrast ratio of WCAG 2, of a colour written #rrggbb."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (light + 0.05)
