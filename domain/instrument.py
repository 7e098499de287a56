"""Assessment instruments: name, range and unit. Scores only; item texts are never shipped.

Ranges from the references gathered in docs/decisions/instruments.md.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, NamedTuple

from pydantic import AllowInfNan, StrictFloat, StrictInt

from domain.refusal import FieldProblem
from domain.value import ShortText, Value


class Range(NamedTuple):
    """Numbers from `low` to `high` in steps of `step`."""

    low: Decimal
    high: Decimal
    step: Decimal

    def holds(self, value: Decimal) -> bool:
        """Whether the value is a possible score."""
        return self.low <= value <= self.high and (value - self.low) % self.step == 0


class Instrument(NamedTuple):
    """A number range, or a set of letters; exactly one of the two."""

    name: str
    numbers: Range | None = None
    letters: str = ""

    def holds(self, score: float | str) -> bool:
        """Whether the score is possible for this instrument."""
        if isinstance(score, str):
            return len(score) == 1 and score in self.letters
        return self.numbers is not None and self.numbers.holds(Decimal(str(score)))


def _range(low: str, high: str, step: str = "1") -> Range:
    return Range(Decimal(low), Decimal(high), Decimal(step))


INSTRUMENTS: dict[str, Instrument] = {
    "katz": Instrument("Katz ADL-index", letters="ABCDEFG"),
    "barthel": Instrument("Barthel index", _range("0", "100", "5")),
    "fim": Instrument("FIM", _range("18", "126")),
    "berg": Instrument("Bergs balansskala", _range("0", "56")),
    "tug": Instrument("Timed Up and Go (s)", _range("0.1", "300", "0.1")),
    "sppb": Instrument("SPPB", _range("0", "12")),
    "10mwt": Instrument("10 meters gångtest (m/s)", _range("0", "5", "0.01")),
    "6mwt": Instrument("6 minuters gångtest (m)", _range("0", "1000")),
    "copm_p": Instrument("COPM utförande", _range("1", "10", "0.1")),
    "copm_s": Instrument("COPM tillfredsställelse", _range("1", "10", "0.1")),
    "gas": Instrument("GAS (T-poäng)", _range("0", "100", "0.1")),
    "eq_vas": Instrument("EQ VAS", _range("0", "100")),
    "moca": Instrument("MoCA", _range("0", "30")),
    "nihss": Instrument("NIHSS", _range("0", "42")),
    "mrs": Instrument("Modifierad Rankinskala", _range("0", "6")),
    "dfri": Instrument("Downton Fall Risk Index", _range("0", "11")),
    "norton_m": Instrument("Modifierad Nortonskala", _range("7", "28")),
    "mna_sf": Instrument("MNA-SF", _range("0", "14")),
    "roag": Instrument("ROAG (grad)", _range("1", "3")),
    "fes_i_short": Instrument("Kort FES-I", _range("7", "28")),
}


class Measurement(Value):
    """One result: a score, or why it could not be done (a value of its own, never 0)."""

    instrument: ShortText
    score: StrictInt | Annotated[StrictFloat, AllowInfNan(False)] | ShortText | None = None
    not_possible: ShortText | None = None
    measured_on: date | None = None
    profession: ShortText | None = None
    aid_used: ShortText | None = None


def problems(measurements: tuple[Measurement, ...], path: str) -> list[FieldProblem]:
    """What is wrong with a list of measurements: unknown, out of range, neither or both given."""
    found = []
    for index, measurement in enumerate(measurements):
        rule = _broken_rule(measurement)
        if rule:
            found.append(FieldProblem(field=f"{path}.{index}", rule=rule))
    return found


def missing(
    measurements: tuple[Measurement, ...], required: tuple[str, ...], path: str
) -> list[FieldProblem]:
    """Instruments that the pathway asks for and that have neither score nor reason (R-023)."""
    given = {m.instrument for m in measurements}
    return [
        FieldProblem(field=path, rule=f"instrument_missing:{key}")
        for key in required
        if key not in given
    ]


def _broken_rule(measurement: Measurement) -> str | None:
    instrument = INSTRUMENTS.get(measurement.instrument)
    if instrument is None:
        return "instrument_unknown"
    if (measurement.score is None) == (measurement.not_possible is None):
        return "score_or_reason"
    if measurement.score is not None and not instrument.holds(measurement.score):
        return "score_out_of_range"
    return None
