"""Who may see what became of notices, and have one sent again; where a webhook is a route."""

import pytest
from pydantic import ValidationError

from domain.delivery import NEVER_DIGESTED, deliveries_seen_by, must_resend
from domain.journey import Actor, Role
from domain.notice import NoticeKind
from domain.refusal import Refused
from domain.unit import ChannelKind, Contact, Function, Route
from tests.samples import ALICE, BOB, unit, units

KNOWN = units()
BOBS_ORGANISATION = {k for k, u in KNOWN.items() if u.organisation == KNOWN[BOB].organisation}


def actor(*roles: Role, at: str = BOB) -> Actor:
    """Somebody at a unit."""
    return Actor(subject="u-1", unit=at, roles=roles)


def test_operators_see_the_deliveries_of_all() -> None:
    assert deliveries_seen_by(actor(Role.OPERATOR), (), KNOWN) == tuple(KNOWN)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.UNIT_MANAGER])
def test_who_works_at_a_unit_sees_its_own(role: Role) -> None:
    assert deliveries_seen_by(actor(role), (BOB,), KNOWN) == (BOB,)


@pytest.mark.parametrize("role", [Role.CATALOGUE, Role.OPERATIONS_MANAGER])
def test_who_keeps_an_organisation_sees_that_of_its_units(role: Role) -> None:
    seen = deliveries_seen_by(actor(role), (), KNOWN)

    assert set(seen) == BOBS_ORGANISATION
    assert ALICE not in seen


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.DESIGNER, Role.REGIONAL])
def test_others_see_none(role: Role) -> None:
    with pytest.raises(Refused, match="role_not_enough"):
        deliveries_seen_by(actor(role), (BOB,), KNOWN)


def test_operators_and_the_keeper_of_the_unit_have_it_sent_again() -> None:
    must_resend(actor(Role.OPERATOR, at=ALICE), BOB, KNOWN)
    must_resend(actor(Role.CATALOGUE), BOB, KNOWN)
    with pytest.raises(Refused, match="not_your_unit"):
        must_resend(actor(Role.CATALOGUE, at=ALICE), BOB, KNOWN)
    with pytest.raises(Refused, match="role_not_enough"):
        must_resend(actor(Role.COORDINATOR), BOB, KNOWN)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.CATALOGUE])
def test_what_went_to_a_unit_that_is_not_known_yet_is_no_delivery(role: Role) -> None:
    with pytest.raises(Refused, match="delivery_unknown"):
        must_resend(actor(role), "SE0000000000-NYSS", KNOWN)


@pytest.mark.parametrize("mail", ["a@example.org", "a.b+c_d-e@xn--rebro-3wa.example.se", "o'x@b"])
def test_an_address_that_any_server_takes(mail: str) -> None:
    assert Contact(function=Function.INBOX, mail=mail).mail == mail


@pytest.mark.parametrize(
    "mail",
    [
        "åsa@example.se",
        "a@örebro.se",
        ".a@b.se",
        "a..b@c.se",
        "a.@b.se",
        "a@b..se",
        "a@-b.se",
        "x:a@b.se",
        "a(b@c.se",
        '"a@b.se',
        "a@b.se\x07",
        "a@b.se\n",
        "=?utf-8?q?x?=@b.se",
        "a@[1.2.3.4]",
        "a\u2028b@c.se",
        f"a@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.{'f' * 60}",
    ],
)
def test_an_address_that_a_server_or_a_header_might_not_take(mail: str) -> None:
    with pytest.raises(ValidationError):
        Contact(function=Function.INBOX, mail=mail)


def test_a_webhook_is_a_route_where_the_contact_says_so() -> None:
    contact = Contact(function=Function.INBOX, mail="a@example.invalid", webhook=True)
    told = unit(BOB, contacts=(contact,))
    far_off = unit(BOB, connected=False, contacts=(contact.model_copy(update={"mail": None}),))

    assert [r.channel for r in told.routes(Function.INBOX)] == list(ChannelKind)
    assert far_off.routes(Function.INBOX) == (Route(ChannelKind.WEBHOOK),)
    assert far_off.routes(Function.MANAGER) == ()


def test_an_alarm_is_never_gathered_and_a_reminder_may_be() -> None:
    assert NoticeKind.ALARM in NEVER_DIGESTED
    assert NoticeKind.REMINDER not in NEVER_DIGESTED
