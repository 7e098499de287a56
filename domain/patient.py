"""Person identifiers: kind, check, canonical form. Never shown in an error."""

import re
from datetime import date
from enum import StrEnum

from personnummer import personnummer  # type: ignore[import-untyped]

from domain.refusal import FieldProblem, Refused
from domain.value import ShortText, Value

_NRID = re.compile(r"^[0-9]{8}[A-HJ-NPR-UX-Z]{2}[0-9]{2}$")
_STOCKHOLM = re.compile(r"^99[0-9]{10}$")


class IdentifierSystem(StrEnum):
    """Identifier systems by the names of the Swedish FHIR base profiles."""

    PERSONNUMMER = "personnummer"
    SAMORDNINGSNUMMER = "samordningsnummer"
    NATIONAL_RESERVE = "nationelltReservnummer"
    STOCKHOLM_RESERVE = "reservnummerStockholm"


RESERVE = (IdentifierSystem.NATIONAL_RESERVE, IdentifierSystem.STOCKHOLM_RESERVE)


class Patient(Value):
    """Who the journey is about; lives in the patient table and in encrypted commands only."""

    system: IdentifierSystem
    value: ShortText
    name: ShortText

    @property
    def born(self) -> date | None:
        """The day of birth that the number tells; a reserve number tells none for sure."""
        if self.system in RESERVE:
            return None
        year, month, day = int(self.value[:4]), int(self.value[4:6]), int(self.value[6:8])
        return date(year, month, day - 60 if day > 60 else day)


def identify(number: str, name: str) -> Patient:
    """Classify and check a number. Raises `Refused("patient_invalid")` with the rule broken."""
    plain = re.sub(r"[\s-]", "", number).upper()
    if _NRID.match(plain):
        return Patient(system=IdentifierSystem.NATIONAL_RESERVE, value=plain, name=name)
    if _STOCKHOLM.match(plain):
        _check_stockholm(plain)
        return Patient(system=IdentifierSystem.STOCKHOLM_RESERVE, value=plain, name=name)
    if not re.fullmatch(r"[0-9]{12}", plain):
        raise _wrong("format")
    try:
        person = personnummer.Personnummer(plain)
    except personnummer.PersonnummerException:
        raise _wrong("check_digit") from None
    system = (
        IdentifierSystem.SAMORDNINGSNUMMER
        if person.is_coordination_number()
        else IdentifierSystem.PERSONNUMMER
    )
    return Patient(system=system, value=person.format(True), name=name)


def _check_stockholm(plain: str) -> None:
    """Luhn over positions 5 to 11; the check digit is the last."""
    total = 0
    for place, digit in enumerate(plain[4:11]):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled // 10 + doubled % 10
    if (10 - total % 10) % 10 != int(plain[11]):
        raise _wrong("check_digit")


def _wrong(rule: str) -> Refused:
    return Refused("patient_invalid", FieldProblem(field="person", rule=rule))
