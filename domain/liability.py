"""The municipality's payment liability for a stay (lag (2017:612) 5 kap.): since when, or why not.

What was sent too late neither shifts nor starts anything by itself: the act says only "endast om",
so a person has to judge, unless the agreement says that it counts from when it was sent.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Literal, NamedTuple

from domain.calendar import STOCKHOLM, Calendar
from domain.meeting import Sip
from domain.reckoning import reckon
from domain.rulebook import Agreement, Rule, Rulebook
from domain.stay import MUNICIPAL, Episode, ReadyNotice, RegionCare, needs_sip, sip_needed_since
from domain.value import Day, Instant, Value

NOTICE, SUMMONS, PAYMENT = "admission_notice", "sip_summons", "payment_start"


class WhyNot(StrEnum):
    """Why a liability has not begun."""

    RULES_MISSING = "rules_missing"
    MUNICIPALITY_UNKNOWN = "municipality_unknown"
    AFTERCARE_NOT_JUDGED = "aftercare_not_judged"
    NO_MUNICIPAL_EFFORTS = "no_municipal_efforts"
    ADMISSION_NOTICE_MISSING = "admission_notice_missing"
    ADMISSION_NOTICE_LATE = "admission_notice_late"
    NOT_READY = "not_ready"
    READY_WITHDRAWN = "ready_withdrawn"
    SIP_NOT_CALLED = "sip_not_called"
    SIP_CALLED_LATE = "sip_called_late"
    REGION_CARE_MISSING = "region_care_missing"
    REGION_CARE_UNCLEAR = "region_care_unclear"
    NO_RULE = "no_rule"
    ENDED_BEFORE = "ended_before"


Status = Literal["not_started", "counting", "started", "ended"]


class Period(Value):
    """One notice of readiness: when liability began by it, and how that ended.

    It counts from the notice, or from what an agreement lets count although it came too late.
    `days` are full days until the end, or until now: the day of the discharge is not paid.
    """

    notice_at: Instant
    counts_from: Instant
    later_than_cutoff: bool
    starts_on: Day
    ended_at: Instant | None = None
    because: Literal["discharged", "died", "withdrawn"] | None = None
    days: int = 0


class Liability(Value):
    """The ledger of one stay. `counting`: every condition holds, and the day has not come.

    `doubts` were said after it had begun; a person has to judge what they change.
    """

    stay: int
    status: Status
    starts_on: Day | None = None
    reasons: tuple[WhyNot, ...] = ()
    doubts: tuple[WhyNot, ...] = ()
    periods: tuple[Period, ...] = ()
    days: int = 0
    rule: str | None = None
    reference: str | None = None
    agreement: str | None = None
    amount_sek: int | None = None


class Basis(NamedTuple):
    """What a liability is judged from."""

    stay: Episode
    sip: Sip | None
    municipality: str | None
    rules: Rulebook | None
    calendar: Calendar
    deceased_at: datetime | None = None


def liability(basis: Basis, now: datetime) -> Liability:
    """Since when the municipality pays for a stay, or every reason why it does not."""
    stay = basis.stay
    first = stay.ready[-1].sent_at if stay.ready else now
    rule, agreed = _rule(basis, first)
    reasons, doubts = tuple(_reasons(basis, agreed)), _region_care(stay)
    periods = () if rule is None or set(reasons) - ENDED_BY else tuple(_periods(basis, now))
    if not _had_begun(stay, periods):
        reasons, doubts = (*reasons, *doubts), ()
    if rule is None and basis.rules is not None:
        reasons = (*reasons, WhyNot.NO_RULE)
    if rule is None or not periods or set(reasons) - ENDED_BY:
        return Liability(stay=stay.number, status="not_started", reasons=reasons)
    newest = periods[-1]
    begun = [p for p in periods if p.starts_on <= _day(p.ended_at or now)]
    if newest.ended_at and not begun and not reasons:
        reasons = (WhyNot.ENDED_BEFORE,)
    to_come = () if newest.ended_at or newest in begun else (newest,)
    return Liability(
        stay=stay.number,
        status=_status(newest, begun),
        starts_on=next((p.starts_on for p in (*to_come, *reversed(begun))), None),
        reasons=reasons,
        doubts=doubts,
        periods=periods,
        days=sum(p.days for p in periods),
        rule=rule.name,
        reference=rule.reference,
        agreement=agreed.key if agreed else None,
        amount_sek=_amount(rule, agreed),
    )


def _amount(rule: Rule, agreed: Agreement | None) -> int | None:
    """What is agreed, nothing at all too; else what the rule says."""
    if agreed is not None and agreed.amount_sek is not None:
        return agreed.amount_sek
    return rule.amount_sek


def _status(newest: Period, begun: list[Period]) -> Status:
    if newest.ended_at is None:
        return "started" if newest in begun else "counting"
    return "ended" if begun else "not_started"


# These end what has begun, and do not say that it never could.
ENDED_BY = {WhyNot.READY_WITHDRAWN}


def _rule(basis: Basis, at: datetime) -> tuple[Rule | None, Agreement | None]:
    if basis.rules is None:
        return None, None
    rule = basis.rules.rule(PAYMENT, _day(at), basis.stay.form)
    return rule, basis.rules.agreement(PAYMENT, basis.municipality, _day(at))


def _reasons(basis: Basis, agreed: Agreement | None) -> Iterator[WhyNot]:
    """Every reason, in the order of the act (2:1, 2:3, 3:1, 5:3, 5:5)."""
    stay = basis.stay
    late_counts = agreed is not None and agreed.late_counts
    if basis.rules is None:
        yield WhyNot.RULES_MISSING
    if basis.municipality is None:
        yield WhyNot.MUNICIPALITY_UNKNOWN
    yield from _notice_reasons(basis, late_counts=late_counts)
    if stay.standing is None:
        yield WhyNot.READY_WITHDRAWN if stay.ready else WhyNot.NOT_READY
    yield from _sip_reasons(basis, late_counts=late_counts)


def _region_care(stay: Episode) -> tuple[WhyNot, ...]:
    if stay.region_care is RegionCare.AVAILABLE:
        return ()
    missing = stay.region_care is RegionCare.MISSING
    return (WhyNot.REGION_CARE_MISSING if missing else WhyNot.REGION_CARE_UNCLEAR,)


def _had_begun(stay: Episode, periods: tuple[Period, ...]) -> bool:
    """Whether it had begun when it was said that the region's care is not there.

    5:5 says that a liability does not begin then, not that one ends: that takes a person.
    """
    said = stay.region_care_at
    return said is not None and any(p.starts_on <= _day(said) for p in periods)


def _notice_reasons(basis: Basis, *, late_counts: bool) -> Iterator[WhyNot]:
    stay = basis.stay
    if stay.judged_at is None:
        yield WhyNot.AFTERCARE_NOT_JUDGED
    elif not set(stay.efforts) & MUNICIPAL:
        yield WhyNot.NO_MUNICIPAL_EFFORTS
    elif stay.notice_at is None:
        yield WhyNot.ADMISSION_NOTICE_MISSING
    elif _notice_late(basis) and not late_counts:
        yield WhyNot.ADMISSION_NOTICE_LATE


def _sip_reasons(basis: Basis, *, late_counts: bool) -> Iterator[WhyNot]:
    stay = basis.stay
    if not stay.ready or _summons_due_at(basis, stay.ready[-1]) is None:
        return
    if stay.called_at is None:
        yield WhyNot.SIP_NOT_CALLED
    elif _called_late(basis, stay.ready[-1]) and not late_counts:
        yield WhyNot.SIP_CALLED_LATE


def _summons_due_at(basis: Basis, notice: ReadyNotice) -> datetime | None:
    """From each notice anew; None where the act asks for no SIP (4:1 second para)."""
    stay = basis.stay
    if basis.rules is None or not needs_sip(stay, basis.sip):
        return None
    began = max(notice.sent_at, sip_needed_since(stay, basis.sip))
    rule = basis.rules.rule(SUMMONS, _day(began), stay.form)
    return reckon(rule, began, basis.calendar).due_at if rule else None


def _called_late(basis: Basis, notice: ReadyNotice) -> bool:
    due_at, called_at = _summons_due_at(basis, notice), basis.stay.called_at
    return due_at is not None and called_at is not None and due_at <= called_at


def _notice_late(basis: Basis) -> bool:
    stay = basis.stay
    if basis.rules is None or stay.judged_at is None or stay.notice_at is None:
        return False
    began = max(stay.admitted_at, stay.judged_at)
    rule = basis.rules.rule(NOTICE, _day(began), stay.form)
    return rule is not None and reckon(rule, began, basis.calendar).due_at <= stay.notice_at


def _periods(basis: Basis, now: datetime) -> Iterator[Period]:
    """One for each notice that could begin it: by a rule of its day, and with a summons in time."""
    for notice in basis.stay.ready:
        rule, agreed = _rule(basis, notice.sent_at)
        late_counts = agreed is not None and agreed.late_counts
        if rule is not None and (late_counts or not _called_late(basis, notice)):
            yield _period(basis, notice, now)


def _period(basis: Basis, notice: ReadyNotice, now: datetime) -> Period:
    """What was sent too late, where that counts, counts from when it was sent."""
    stay = basis.stay
    rule, agreed = _rule(basis, notice.sent_at)
    assert rule is not None, "a liability without a rule has no periods"
    late = [stay.notice_at] if _notice_late(basis) else []
    late += [stay.called_at] if _called_late(basis, notice) else []
    began = max((notice.sent_at, *(at for at in late if at)))
    found = reckon(rule, began, basis.calendar, agreement=agreed)
    starts_on = _day(found.due_at)
    ended_at, because = _end(basis, notice)
    days = (_day(min(ended_at or now, now)) - starts_on).days
    return Period(
        notice_at=notice.sent_at,
        counts_from=began,
        later_than_cutoff=found.later,
        starts_on=starts_on,
        ended_at=ended_at,
        because=because,
        days=max(0, days),
    )


def _end(
    basis: Basis, notice: ReadyNotice
) -> tuple[datetime | None, Literal["discharged", "died", "withdrawn"] | None]:
    """The first of withdrawal, discharge and death."""
    ends: dict[Literal["discharged", "died", "withdrawn"], datetime | None] = {
        "withdrawn": notice.withdrawn_at,
        "discharged": basis.stay.left_at,
        "died": basis.deceased_at,
    }
    found = [(at, because) for because, at in ends.items() if at is not None]
    return min(found, default=(None, None))


def _day(at: datetime) -> Day:
    return at.astimezone(STOCKHOLM).date()
