"""What a unit has to know when the system is away, before anybody has given it a shape.

Masking is done before: of a protected patient these values hold what the reader may see.
"""

from domain.value import HsaId, Instant, Labels, Value

DEMO_OWNER = "SE0000000000-"
GROUP, GROUPS = 4, 3


def short_reference(opaque: str) -> str:
    """The first twelve characters of an opaque id, to read aloud and write by hand."""
    plain = "".join(c for c in opaque if c.isalnum()).upper()
    groups = (plain[at : at + GROUP] for at in range(0, GROUP * GROUPS, GROUP))
    return "-".join(group for group in groups if group)


class Side(Value):
    """A unit and its telephones, within and outside its hours."""

    name: str
    phone: str | None = None
    out_of_hours: str | None = None


class Patient(Value):
    """Whom it is about, as the reader may see it; a mask has no number."""

    name: str
    number: str = ""
    deceased: bool = False


class Due(Value):
    """A promise: what, and by when; or when it was done. A paused one stands still."""

    label: Labels
    at: Instant | None = None
    done_at: Instant | None = None
    paused: bool = False

    @property
    def waits(self) -> bool:
        """Whether it is still owed by an instant."""
        return self.at is not None and self.done_at is None and not self.paused


class Item(Value):
    """One thing that is open: its reference, its patient, its part, and what is owed."""

    reference: str
    patient: Patient
    part: Labels
    dues: tuple[Due, ...] = ()

    @property
    def first_due(self) -> Instant | None:
        """The earliest instant that is still owed."""
        return min((d.at for d in self.dues if d.waits and d.at), default=None)


class Incoming(Item):
    """A handover to the unit; `receipts` are received, acknowledged and accepted."""

    sender: Side
    holder: Side | None
    purpose: Labels
    state: Labels
    sent_at: Instant | None
    receipts: tuple[Due, ...]
    requested: str

    @property
    def first_due(self) -> Instant | None:
        """The earliest of receipts and further promises."""
        every = (*self.receipts, *self.dues)
        return min((d.at for d in every if d.waits and d.at), default=None)


class Outgoing(Item):
    """A handover from the unit."""

    receiver: Side
    purpose: Labels
    state: Labels
    sent_at: Instant | None


class Held(Item):
    """A part that the unit holds, with its open steps; `pathway` is masked as None."""

    pathway: Labels | None
    meeting_at: Instant | None = None


class Ringing(Item):
    """An alarm, a safety call, or another promise; `other` is whom to ring about it."""

    kind: Labels
    other: Side | None
    said: str = ""


class Call(Item):
    """A unit without a system that is to be called, since when."""

    receiver: Side
    since: Instant


class Pack(Value):
    """Everything that is open at a unit at an instant."""

    unit: str
    hsa_id: HsaId
    as_of: Instant
    incoming: tuple[Incoming, ...] = ()
    outgoing: tuple[Outgoing, ...] = ()
    held: tuple[Held, ...] = ()
    ringing: tuple[Ringing, ...] = ()
    calls: tuple[Call, ...] = ()

    @property
    def demo(self) -> bool:
        """Whether the unit is invented: no real organisation has this number."""
        return self.hsa_id.startswith(DEMO_OWNER)
