"""The proof of coverage: whom a ladder reaches from every minute, and what becomes of gaps."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import STOCKHOLM, Budget, Counting
from domain.clock import Clock, ClockKind
from domain.decide import next_moment, pass_time
from domain.design.coverage import (
    Acceptance,
    Coverage,
    Gap,
    Why,
    Window,
    new_gaps,
    prove,
    reach,
    refusals,
    unaccepted,
    year_from,
)
from domain.design.coverage_page import FUNCTIONS, WHYS, as_months, as_text
from domain.design.hearing import World
from domain.design.promised import About, Ground, Promised, Region, promises
from domain.design.reach import Reaching
from domain.design.silence import MINUTE
from domain.event import RungFired, Told
from domain.evolve import fold
from domain.journey import Journey
from domain.ladder import Audience, Ladder, Ladders, Party, Rung
from domain.unit import Closure, Contact, Function, Hours, Substitute, Unit
from tests import samples
from tests.samples import ALICE, BOB, BOBS_NURSES, BOBS_TEAM, CHARLIE, MONDAY, local, unit

WEEKDAYS = tuple(Hours(day=day, opens=time(8), closes=time(17)) for day in range(5))
INBOX = (Audience(party=Party.OWNER, function=Function.INBOX),)
MAIL = (Contact(function=Function.INBOX, mail="inkorg@example.invalid"),)
JULY = Closure(first=date(2027, 7, 1), last=date(2027, 7, 31))
DAY = samples.hours(24)


def ladder(*rungs: Rung, every: int = 24, skips: bool = True) -> Ladders:
    """A set of one ladder."""
    one = Ladder(key="test", rungs=rungs, every=timedelta(hours=every), skips=skips)
    return Ladders(version="ladders-test", ladders=(one,))


WAITS = ladder(Rung(key="due", tell=INBOX, wait_for_opening=True))
AT_ONCE = ladder(Rung(key="due", tell=INBOX))


def ground(*units: Unit, ladders: Ladders = WAITS) -> Ground:
    """A world of few units."""
    known = {one.hsa_id: one for one in units}
    return Ground(samples.pathway(), ladders, known, samples.calendar())


def owed(budget: Budget = DAY, **change: Any) -> Promised:
    """What Bob's unit owes itself, and by when somebody must hear of it."""
    about = (About(step="plan", kind=ClockKind.STEP),)
    given: dict[str, Any] = {"ladder": "test", "budget": budget, "owner": BOB, "counterpart": BOB}
    return Promised(**{**given, "about": about, "bound": samples.hours(48), **change})


def window(begins: str, ends: str) -> Window:
    """Starts on the wall clock in Stockholm."""
    return Window(begins=local(begins), ends=local(ends))


YEAR = window("2026-10-05T09:00", "2027-10-05T09:00")


def proof(*units: Unit, ladders: Ladders = WAITS, within: Window = YEAR, **change: Any) -> Coverage:
    """What is proved of one promise."""
    return prove(ground(*units, ladders=ladders), [owed(**change)], within)


def spans(coverage: Coverage) -> list[tuple[datetime, datetime]]:
    """The gaps, from and to."""
    return [(gap.first, gap.last) for gap in coverage.gaps]


def bob(**change: Any) -> Unit:
    """Bob's unit, always open where nothing else is said."""
    return unit(BOB, **{"hours": (), "contacts": MAIL, **change})


# --- whom, and when


def test_the_shipped_pathway_reaches_somebody_from_every_minute_of_a_year() -> None:
    shipped = Ground(samples.pathway(), samples.ladders(), samples.units(), samples.calendar())
    listed = promises(shipped, Region(ALICE, municipality="1980"))

    found = prove(shipped, listed, year_from(MONDAY))

    assert found.gaps == ()
    assert {p.ladder for p in listed} >= {"handover", "acknowledge", "first_contact", "step"}


def test_promises_are_between_units_of_the_right_kind_and_place_each_once() -> None:
    shipped = Ground(samples.pathway(), samples.ladders(), samples.units(), samples.calendar())

    listed = promises(shipped, Region(ALICE, municipality="1980"))

    answers = [p for p in listed if p.ladder == "handover" and p.counterpart == ALICE]
    assert BOB in {p.owner for p in answers}
    assert CHARLIE not in {p.owner for p in listed}
    assert len({p.key for p in listed}) == len(listed)
    assert {a.kind for p in answers for a in p.about} == {ClockKind.ACCEPTED}


def test_regions_together_promise_what_each_of_them_does() -> None:
    known = samples.units()
    shipped = Ground(samples.pathway(), samples.ladders(), known, samples.calendar())
    regions = [Region(one, place) for one in (ALICE, BOB, BOBS_TEAM) for place in ("1980", "1981")]

    each = [p for region in regions for p in promises(shipped, region)]

    together = {p.key: set(p.about) for p in promises(shipped, *regions)}
    assert together.keys() == {p.key for p in each}
    assert all(set(p.about) <= together[p.key] for p in each)


def test_an_expired_agreement_is_promised_nothing() -> None:
    shipped = Ground(samples.pathway(), samples.ladders(), samples.units(), samples.calendar())

    listed = promises(shipped, Region(ALICE, on=MONDAY.date()))

    assert samples.EXPIRED not in {p.owner for p in listed}
    assert samples.EXPIRED in {p.owner for p in promises(shipped, Region(ALICE))}


def test_somebody_is_reached_when_a_closed_unit_opens() -> None:
    friday = local("2026-10-08T20:00")

    found = reach(ground(bob(hours=WEEKDAYS)), owed(), friday)

    assert found is not None
    assert (found.at, found.unit) == (local("2026-10-12T08:00"), BOB)


def test_a_unit_that_is_always_open_has_no_gap() -> None:
    assert proof(bob()).gaps == ()


# --- gaps


def test_a_closure_without_cover_is_a_gap_exactly_from_and_to() -> None:
    found = proof(bob(closures=(JULY,)))

    # Told a day after the start, and to be heard by two: what falls on 31 July is heard in time.
    assert spans(found) == [(local("2027-06-30T00:00"), local("2027-07-29T23:59"))]
    assert found.gaps[0].why is Why.CLOSED_WITHOUT_COVER
    assert found.gaps[0].then is not None
    assert found.gaps[0].then.at == local("2027-08-01T00:00")


def test_a_closure_with_a_covering_unit_is_no_gap() -> None:
    covered = JULY.model_copy(update={"covered_by": BOBS_TEAM})

    found = proof(bob(closures=(covered,)), unit(BOBS_TEAM, hours=(), closures=()))

    assert found.gaps == ()


def test_a_substitute_at_an_open_unit_is_no_gap() -> None:
    other = Substitute(
        function=Function.INBOX,
        by=Function.INBOX,
        unit=BOBS_NURSES,
        first=JULY.first,
        last=JULY.last,
    )

    found = proof(
        bob(closures=(JULY,), substitutes=(other,)), unit(BOBS_NURSES, hours=(), closures=())
    )

    assert found.gaps == ()


def test_a_substitute_for_part_of_a_closure_leaves_the_rest_a_gap() -> None:
    other = Substitute(
        function=Function.INBOX,
        by=Function.INBOX,
        unit=BOBS_NURSES,
        first=JULY.first,
        last=date(2027, 7, 14),
    )

    found = proof(
        bob(closures=(JULY,), substitutes=(other,)), unit(BOBS_NURSES, hours=(), closures=())
    )

    assert spans(found) == [(local("2027-07-14T00:00"), local("2027-07-29T23:59"))]


def test_an_unconnected_unit_without_mail_is_a_gap_that_never_ends() -> None:
    telephone = (Contact(function=Function.INBOX, phone="010-000 00 00"),)

    found = proof(bob(connected=False, contacts=telephone), ladders=AT_ONCE)

    assert spans(found) == [(YEAR.begins, YEAR.ends - MINUTE)]
    (gap,) = found.gaps
    assert (gap.why, gap.then) == (Why.NOT_CONNECTED, None)
    assert gap.went_before and gap.goes_on


def test_a_function_that_nobody_holds_is_a_gap_until_a_substitute_comes() -> None:
    tell = (Audience(party=Party.OWNER, function=Function.OPERATIONS),)
    later = Substitute(
        function=Function.OPERATIONS,
        by=Function.INBOX,
        first=date(2026, 12, 1),
        last=date(2028, 1, 1),
    )

    found = proof(bob(substitutes=(later,)), ladders=ladder(Rung(key="due", tell=tell)))

    # The rung comes a day after the start, and again a day later; hours run on when the clock is
    # put back, and what began at nine is told at eight.
    assert spans(found) == [(YEAR.begins, local("2026-11-28T23:59"))]
    assert found.gaps[0].why is Why.NOBODY_HOLDS_FUNCTION
    assert found.gaps[0].then is not None
    assert found.gaps[0].then.at == local("2026-12-01T08:00")


def test_a_weekend_is_too_late_for_a_short_bound() -> None:
    week = window("2026-10-05T00:00", "2026-10-12T00:00")

    found = proof(bob(hours=WEEKDAYS), within=week)

    # From Thursday 17:00 the rung falls when the unit has closed for the weekend, and Monday
    # 08:00 is more than two days away, until Saturday 08:00.
    assert spans(found) == [(local("2026-10-08T17:00"), local("2026-10-10T07:59"))]
    assert found.gaps[0].why is Why.REACHED_TOO_LATE


def test_without_a_bound_of_its_own_the_last_rung_is_it() -> None:
    two = ladder(
        Rung(key="half", share=0.5, tell=INBOX, wait_for_opening=True),
        Rung(key="late", after=timedelta(hours=24), tell=INBOX, wait_for_opening=True),
    )
    week = window("2026-10-05T00:00", "2026-10-12T00:00")

    found = proof(bob(hours=WEEKDAYS), ladders=two, within=week, bound=None)

    # Twelve hours after the start the door must be shut, and two days after it still.
    assert spans(found) == [(local("2026-10-09T05:00"), local("2026-10-10T07:59"))]


@pytest.mark.parametrize(("night", "hours"), [("2027-03-28", 23), ("2026-10-25", 25)])
def test_a_day_on_which_the_clock_is_moved_is_as_long_as_it_is(night: str, hours: int) -> None:
    day, begins = date.fromisoformat(night), local(f"{night}T00:00")
    around = Window(begins=begins - timedelta(days=3), ends=begins + timedelta(days=3))

    found = proof(bob(closures=(Closure(first=day, last=day),)), within=around, bound=DAY)

    ((first, last),) = spans(found)
    assert first == begins - timedelta(hours=24)
    assert last + MINUTE - first == timedelta(hours=hours)


# --- accepted, refused, told


def accepted(gap: Gap) -> Acceptance:
    """A named person takes responsibility."""
    return Acceptance(gap=gap, by="u-7", reason="Sommarstängt.", at=MONDAY)


def test_a_gap_that_nobody_has_accepted_refuses_publication() -> None:
    found = proof(bob(closures=(JULY,)))

    assert refusals(found, ()) == unaccepted(found, ()) == found.gaps


def test_an_acceptance_clears_its_gap_and_no_other() -> None:
    autumn = Closure(first=date(2026, 11, 2), last=date(2026, 11, 8))
    found = proof(bob(closures=(JULY, autumn)))

    left = refusals(found, [accepted(found.gaps[0])])

    assert len(found.gaps) == 2
    assert left == found.gaps[1:]


def test_an_acceptance_holds_for_a_gap_that_shrinks_and_not_for_one_that_grows() -> None:
    given = accepted(proof(bob(closures=(JULY,))).gaps[0])
    shorter = JULY.model_copy(update={"last": date(2027, 7, 20)})
    longer = JULY.model_copy(update={"last": date(2027, 8, 7)})

    assert refusals(proof(bob(closures=(shorter,))), [given]) == ()
    assert len(refusals(proof(bob(closures=(longer,))), [given])) == 1


def test_a_gap_that_never_ends_keeps_its_key_and_its_acceptance_from_night_to_night() -> None:
    shut = bob(connected=False, contacts=())
    tomorrow = window("2026-10-06T09:00", "2027-10-06T09:00")
    tonight = proof(shut)

    found = proof(shut, within=tomorrow)

    assert found.gaps[0].key == tonight.gaps[0].key
    assert tonight.gap(found.gaps[0].key) == tonight.gaps[0]
    assert refusals(found, [accepted(tonight.gaps[0])]) == ()


def test_a_gap_that_was_cut_off_by_the_window_is_accepted_anew_when_its_end_is_known() -> None:
    cut = proof(bob(closures=(JULY,)), within=window("2026-10-05T09:00", "2027-07-10T09:00"))

    whole = proof(bob(closures=(JULY,)))

    assert cut.gaps[0].goes_on
    assert refusals(whole, [accepted(cut.gaps[0])]) == whole.gaps


def test_only_a_gap_that_was_not_there_is_new() -> None:
    autumn = Closure(first=date(2026, 11, 2), last=date(2026, 11, 8))
    was = proof(bob(closures=(JULY,)))

    now = proof(bob(closures=(autumn, JULY.model_copy(update={"last": date(2027, 7, 30)}))))

    assert new_gaps(was, was) == ()
    assert new_gaps(was, now) == now.gaps[:1]


# --- the calendar


def test_the_calendar_says_each_month_who_is_not_reached_in_both_languages() -> None:
    long = Closure(first=date(2027, 7, 2), last=date(2027, 8, 15))
    found = proof(bob(closures=(long,)))

    months = as_months(found, ground(bob()))

    assert [m.label.sv for m in months] == ["juli 2027", "augusti 2027"]
    first = months[0].lines[0].text
    assert first.sv.startswith("1–31 juli: ingen nås inom 48 timmar dygnet runt. Steg i förloppet")
    assert first.en.startswith("1–31 July: nobody is reached within 48 hours round the clock.")
    assert "Enheten är stängd och ingen enhet täcker." in first.sv
    assert months[1].lines[0].text.sv.startswith("1–13 augusti: ")


def test_the_calendar_counts_what_comes_every_week_and_says_what_is_accepted() -> None:
    october = window("2026-10-01T00:00", "2026-11-12T00:00")
    found = proof(bob(hours=WEEKDAYS), within=october)
    acceptances = [accepted(gap) for gap in found.gaps]

    (october_lines, _) = as_months(found, ground(bob()), acceptances)

    (line,) = october_lines.lines
    assert line.text.sv.startswith("1 oktober 17:00–3 oktober 08:00; 8 oktober 17:00–")
    assert "och 1 till" in line.text.sv
    assert line.text.sv.endswith("Godtagen.")
    assert len(line.keys) == 5 and line.open == ()


def test_the_text_without_gaps_says_so() -> None:
    assert as_text(proof(bob()), ground(bob()), "sv") == "Inga luckor: någon nås alltid i tid."
    assert as_text(proof(bob()), ground(bob()), "en").startswith("No gaps")


def test_the_text_lists_the_months() -> None:
    found = proof(bob(closures=(JULY,)))

    text = as_text(found, ground(bob()), "en")

    assert text.splitlines()[0] == "June 2027"
    assert "- 30 June: nobody is reached within 48 hours" in text


def test_every_reason_and_every_function_has_its_words() -> None:
    assert set(WHYS) == set(Why)
    assert set(FUNCTIONS) == set(Function)


# --- against the rules that tell, and against every minute

FUNCTIONS_TOLD = st.sampled_from([Function.INBOX, Function.INBOX, Function.OPERATIONS])
AUDIENCES = st.builds(Audience, party=st.sampled_from(Party), function=FUNCTIONS_TOLD)
TELL = st.lists(AUDIENCES, min_size=1, max_size=2, unique=True).map(tuple)
PLACES = st.tuples(st.sampled_from([0.0, 0.5, 0.8, 1.0]), st.sampled_from([0, 1, 6, 24, 48]))
BUDGETS = st.one_of(
    st.builds(samples.hours, st.integers(0, 30)),
    st.builds(samples.working_days, st.integers(0, 2)),
    st.builds(samples.calendar_days, st.integers(0, 2)),
    st.builds(Budget, amount=st.integers(1, 12), counting=st.just(Counting.OPENING_HOURS)),
)
# A holiday, both nights of change, and two ordinary weeks.
DAYS = st.sampled_from(
    [date(2026, 12, 23), date(2026, 10, 24), date(2027, 3, 27), date(2027, 5, 6), date(2026, 10, 8)]
)
# Most units can be told most of what there is to tell; it is the others that make gaps.
MOSTLY = st.sampled_from([True, True, True, False])


@st.composite
def ladders(draw: st.DrawFn) -> Ladders:
    """Some rungs in order, of all kinds."""
    places = sorted(draw(st.lists(PLACES, min_size=1, max_size=4)))
    mixed = draw(st.sampled_from([True, False, False]))
    after, rungs = 0, list[Rung]()
    for number, (share, hours) in enumerate(places):
        after = max(after, hours)
        kind = draw(st.sampled_from(["waits", "waits", "alarm", "plain"]))
        rungs.append(
            Rung(
                key=f"rung-{number}",
                share=share,
                after=timedelta(hours=after),
                tell=draw(TELL),
                alarm=kind == "alarm",
                wait_for_opening=kind == "waits",
                counting=Counting.WORKING_DAYS if mixed and share == 1.0 else None,
            )
        )
    return ladder(*rungs, every=draw(st.sampled_from([3, 24])), skips=draw(st.booleans()))


@st.composite
def units(draw: st.DrawFn, hsa_id: str, day: date) -> Unit:
    """A unit with hours, perhaps a closure and a substitute about a day."""
    near = st.integers(-3, 5).map(lambda n: day + timedelta(days=n))
    first, last = sorted((draw(near), draw(near)))
    opens, closes = time(draw(st.integers(6, 11))), time(draw(st.integers(12, 17)), 30)
    held = [f for f in Function if draw(MOSTLY)]
    closure = Closure(first=first, last=last, covered_by=draw(st.sampled_from([None, BOBS_TEAM])))
    instead = Substitute(
        function=draw(FUNCTIONS_TOLD),
        by=Function.COORDINATOR,
        unit=BOBS_TEAM,
        first=draw(near.filter(lambda d: d <= last)),
        last=last,
    )
    return unit(
        hsa_id,
        hours=tuple(Hours(day=d, opens=opens, closes=closes) for d in range(7) if draw(MOSTLY)),
        closures=(closure,) if draw(MOSTLY) else (),
        substitutes=(instead,) if draw(st.booleans()) else (),
        connected=draw(MOSTLY),
        contacts=tuple(
            Contact(function=f, mail="a@example.invalid" if draw(MOSTLY) else None) for f in held
        ),
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[Ground, Promised, datetime]:
    """A small world, a promise in it, and an instant near what happens there."""
    day = draw(DAYS)
    known = [draw(units(hsa_id, day)) for hsa_id in (ALICE, BOB, BOBS_TEAM)]
    promised = owed(
        budget=draw(BUDGETS),
        counterpart=draw(st.sampled_from([ALICE, BOB])),
        bound=draw(st.one_of(st.none(), BUDGETS)),
    )
    at = datetime.combine(day, time(), STOCKHOLM).astimezone(UTC)
    at += timedelta(minutes=draw(st.integers(-4000, 4000)))
    return ground(*known, ladders=draw(ladders())), promised, at


def told_by_the_rules(
    here: Ground, promised: Promised, start: datetime, count: int
) -> list[tuple[datetime, str, tuple[Told, ...]]]:
    """The first firings of a clock in a journey that nobody touches, as the journey itself says."""
    calendar = World(here, start).calendar(promised)
    clock: Clock = here.clock(promised, calendar, start)
    state: Journey | None = here.journey(start).model_copy(update={"clocks": {clock.id: clock}})
    found = list[tuple[datetime, str, tuple[Told, ...]]]()
    while len(found) < count:
        assert state is not None
        moment = next_moment(state)
        assert moment is not None
        events = pass_time(state, moment)
        state = fold(events, state)
        fired = [event.what for event in events if isinstance(event.what, RungFired)]
        found += [(rung.fired_at, rung.rung, rung.told) for rung in fired]
    return found[:count]


@given(cases())
@settings(max_examples=150, deadline=None)
def test_the_proof_tells_whom_the_rules_tell(case: tuple[Ground, Promised, datetime]) -> None:
    here, promised, start = case
    reaching = Reaching(World(here, start), promised, start + timedelta(days=2))

    firings = reaching.firings(start)
    told = [(f.at, f.rung.key, f.told) for f, _ in zip(firings, range(8), strict=False)]

    assert told == told_by_the_rules(here, promised, start, 8)


def reached_in_time(reaching: Reaching, start: datetime) -> bool:
    """Whether any firing of one start reaches anybody by the bound."""
    by = reaching.bound(start)
    for fired in reaching.firings(start):
        if fired.at > by:
            return False
        if fired.reach and fired.reach.at <= by:
            return True
    raise AssertionError


@given(cases())
@settings(max_examples=60, deadline=None)
def test_the_gaps_are_those_of_every_minute(case: tuple[Ground, Promised, datetime]) -> None:
    here, promised, start = case
    some = Window(begins=start, ends=start + timedelta(hours=6))
    reaching = Reaching(World(here, start), promised, some.ends)
    minutes = [start + n * MINUTE for n in range(6 * 60)]

    found = spans(prove(here, [promised], some))

    silent = [at for at in minutes if not reached_in_time(reaching, at)]
    assert [at for at in minutes if any(f <= at <= last for f, last in found)] == silent
    assert all(last + MINUTE < first for (_, last), (first, _) in pairwise(found))


def renamed(one: Unit, hsa_id: str, closed: Closure | None) -> Unit:
    """A unit like another but for its names, or for a closure of its own."""
    contacts = tuple(
        c.model_copy(update={"mail": c.mail and "annan@example.invalid"}) for c in one.contacts
    )
    names = {"hsa_id": hsa_id, "name": "Annan", "municipality": "1981", "contacts": contacts}
    closures = (*one.closures, closed) if closed else one.closures
    return one.model_copy(update={**names, "closures": closures})


@given(cases(), st.booleans())
@settings(max_examples=40, deadline=None)
def test_what_is_alike_is_proved_once_and_as_if_it_were_proved_each(
    case: tuple[Ground, Promised, datetime], closed: bool
) -> None:
    here, promised, start = case
    day = start.date()
    away = Closure(first=day + timedelta(days=2), last=day + timedelta(days=5)) if closed else None
    twin = renamed(here.units[promised.owner], CHARLIE, away)
    here = here._replace(units={**here.units, CHARLIE: twin})
    alone = promised.owner == promised.counterpart
    other = promised.model_copy(
        update={"owner": CHARLIE, "counterpart": CHARLIE if alone else promised.counterpart}
    )
    within = Window(begins=start, ends=start + timedelta(days=9))

    both = prove(here, [promised, other], within)

    each = [prove(here, [one], within).gaps for one in (promised, other)]
    assert set(both.gaps) == {*each[0], *each[1]}
