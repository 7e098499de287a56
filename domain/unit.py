"""A unit as the rules see it: what it is, whom it answers to, and who can be told."""

from datetime import date, time
from enum import StrEnum
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from domain.profession import Profession
from domain.value import Day, HsaId, Key, LongText, ShortText, Value


class UnitKind(StrEnum):
    """Kinds of units; they drive routing and which parts a unit may hold."""

    INPATIENT_WARD = "inpatient_ward"
    STROKE_UNIT = "stroke_unit"
    ORTHOPAEDIC_WARD = "orthopaedic_ward"
    HOSPITAL_REHAB = "hospital_rehab"
    SPECIALIST_REHAB_CLINIC = "specialist_rehab_clinic"
    HEALTH_CENTRE = "health_centre"
    HEALTH_CENTRE_REHAB = "health_centre_rehab"
    HABILITATION = "habilitation"
    ASSISTIVE_DEVICE_CENTRE = "assistive_device_centre"
    MUNICIPAL_REHAB = "municipal_rehab"
    HOME_HEALTH_CARE = "home_health_care"
    CARE_ASSESSMENT = "care_assessment"
    HOME_HELP = "home_help"
    SPECIAL_HOUSING = "special_housing"
    SHORT_TERM_HOUSING = "short_term_housing"
    PRIVATE_REHAB = "private_rehab"
    SCHOOL = "school"
    REGIONAL_COORDINATION = "regional_coordination"


class Sector(StrEnum):
    """The body of law that a unit works under; it decides which parts it may hold."""

    HEALTH = "health"
    SOCIAL = "social"
    SCHOOL = "school"


SOCIAL_KINDS = frozenset(
    {
        UnitKind.CARE_ASSESSMENT,
        UnitKind.HOME_HELP,
        UnitKind.SPECIAL_HOUSING,
        UnitKind.SHORT_TERM_HOUSING,
    }
)


# Where patients are admitted; the others only hear of it.
INPATIENT = frozenset({UnitKind.INPATIENT_WARD, UnitKind.STROKE_UNIT, UnitKind.ORTHOPAEDIC_WARD})


class Function(StrEnum):
    """A function at a unit that can be told something; never a named person (R-005)."""

    INBOX = "inbox"
    COORDINATOR = "coordinator"
    MANAGER = "manager"
    OPERATIONS = "operations"
    PRINCIPAL = "principal"
    OUT_OF_HOURS = "out_of_hours"


class ChannelKind(StrEnum):
    """Ways to tell somebody."""

    INBOX = "inbox"
    MAIL = "mail"
    WEBHOOK = "webhook"


class Route(NamedTuple):
    """A channel, and the address where it needs one."""

    channel: ChannelKind
    address: str | None = None


Municipality = Annotated[str, Field(pattern=r"^\d{4}$")]
# One address of one mailbox: no list, no line break.
# A dot-atom at a name, in ASCII (RFC 5321); not what a header would read as something encoded.
_ATOM, _LABEL = r"[A-Za-z0-9!#$%&'*+/^_{|}~-]", r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = rf"^{_ATOM}(?:\.?{_ATOM}){{0,63}}@{_LABEL}(?:\.{_LABEL})*$"
Mail = Annotated[str, Field(pattern=_ADDRESS, max_length=254)]
Phone = Annotated[str, Field(pattern=r"^\+?[0-9][0-9 ()-]{1,38}$")]


class Contact(Value):
    """How a function is reached besides the inbox; `webhook`: at the endpoint of its unit."""

    function: Function
    mail: Mail | None = None
    phone: Phone | None = None
    webhook: bool = False


class Hours(Value):
    """When a unit is open on one day of the week; Monday is 0, and the wall clock is local."""

    day: Annotated[int, Field(ge=0, le=6)]
    opens: time
    closes: time

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("closes_before_it_opens")
        return self


class Closure(Value):
    """Whole days on which a unit is closed, both ends included, and the unit that covers."""

    first: Day
    last: Day
    covered_by: HsaId | None = None
    reason: ShortText | None = None

    @model_validator(mode="after")
    def _first_before_last(self) -> Self:
        if self.first > self.last:
            raise ValueError("ends_before_it_begins")
        return self


class Standing(Value):
    """A yes given beforehand: to one part, from one organisation, perhaps until a day."""

    part: Key
    organisation: Key
    takes_over: Literal["now", "on_discharge"]
    until: Day | None = None


class Substitute(Value):
    """Another function for a period, both days included: here, or at a unit of the same owner."""

    function: Function
    by: Function
    unit: HsaId | None = None
    first: Day
    last: Day

    @model_validator(mode="after")
    def _somebody_else(self) -> Self:
        if self.first > self.last:
            raise ValueError("ends_before_it_begins")
        if self.unit is None and self.by is self.function:
            raise ValueError("substitutes_itself")
        return self


class Unit(Value):
    """Facts about a unit, resolved when it becomes part of a journey and pinned there.

    A unit without `hours` never closes, but for its closures. `area` are the municipalities and
    `pathways` the keys of those that it serves; empty means all. `target_groups` is for reading.
    `stands_in_for` are units of other organisations that this one has agreed to cover, to call
    for, or to succeed. `protected_group` are the pseudonymous subjects who may see a patient with
    protected identity.
    """

    hsa_id: HsaId
    version: Annotated[int, Field(ge=1)] = 1
    name: ShortText
    kind: UnitKind
    organisation: Key
    principal: Key
    municipality: Municipality | None = None
    connected: bool = True
    agreement_until: Day | None = None
    contacts: Annotated[tuple[Contact, ...], Field(max_length=20)] = ()
    assignment: LongText | None = None
    target_groups: Annotated[tuple[ShortText, ...], Field(max_length=30)] = ()
    pathways: Annotated[tuple[Key, ...], Field(max_length=100)] = ()
    min_age: Annotated[int, Field(ge=0, le=120)] | None = None
    max_age: Annotated[int, Field(ge=0, le=120)] | None = None
    exclusions: Annotated[tuple[ShortText, ...], Field(max_length=30)] = ()
    professions: Annotated[tuple[Profession, ...], Field(max_length=20)] = ()
    area: Annotated[tuple[Municipality, ...], Field(max_length=300)] = ()
    operated_by: Literal["own", "agreement", "national_rates"] = "own"
    takes_self_referrals: bool = False
    hours: Annotated[tuple[Hours, ...], Field(max_length=30)] = ()
    closures: Annotated[tuple[Closure, ...], Field(max_length=100)] = ()
    standing: Annotated[tuple[Standing, ...], Field(max_length=50)] = ()
    proxy_owner: HsaId | None = None
    substitutes: Annotated[tuple[Substitute, ...], Field(max_length=50)] = ()
    stands_in_for: Annotated[tuple[HsaId, ...], Field(max_length=100)] = ()
    protected_group: Annotated[tuple[ShortText, ...], Field(max_length=20)] = ()
    successor: HsaId | None = None

    @property
    def sector(self) -> Sector:
        """Social services, school or health care, from the kind."""
        if self.kind is UnitKind.SCHOOL:
            return Sector.SCHOOL
        return Sector.SOCIAL if self.kind in SOCIAL_KINDS else Sector.HEALTH

    def contact(self, function: Function) -> Contact | None:
        """The contact of a function, or None when nobody holds it."""
        return next((c for c in self.contacts if c.function is function), None)

    def substitute(self, function: Function, day: date) -> Substitute | None:
        """Who stands in for a function on a day."""
        found = (s for s in self.substitutes if s.function is function)
        return next((s for s in found if s.first <= day <= s.last), None)

    def routes(self, function: Function, *, protected: bool = False) -> tuple[Route, ...]:
        """How a function can be told something now: none means that nobody can be told.

        The inbox reaches a connected unit; mail reaches a function with an address, a webhook one
        that says so. A telephone alone is no route: nobody here dials it. About a patient with
        `protected` identity only the inbox tells.
        """
        contact = self.contact(function)
        found = []
        if self.connected and (contact or function is Function.INBOX):
            found.append(Route(ChannelKind.INBOX))
        if contact and contact.mail and not protected:
            found.append(Route(ChannelKind.MAIL, contact.mail))
        if contact and contact.webhook and not protected:
            found.append(Route(ChannelKind.WEBHOOK))
        return tuple(found)
