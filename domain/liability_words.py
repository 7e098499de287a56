"""How a payment liability is said: every reason has its words, and what is not known is said."""

from collections.abc import Iterable, Mapping

from domain.liability import Liability, WhyNot
from domain.value import Labels


class Shown(Liability):
    """The ledger of a stay with the words of its reasons, in their order, and with remarks."""

    reason_texts: tuple[Labels, ...]
    remarks: tuple[Labels, ...]


def _words(sv: str, en: str) -> Labels:
    return Labels(sv=sv, en=en)


WORDS: Mapping[WhyNot, Labels] = {
    WhyNot.RULES_MISSING: _words("Inga regler är inlästa.", "No rules have been loaded."),
    WhyNot.MUNICIPALITY_UNKNOWN: _words(
        "Patientens kommun är inte känd här.", "The patient's municipality is not known here."
    ),
    WhyNot.AFTERCARE_NOT_JUDGED: _words(
        "Läkaren har inte bedömt att insatser kan behövas (2 kap. 1 §).",
        "The physician has not judged that efforts may be needed (2:1).",
    ),
    WhyNot.NO_MUNICIPAL_EFFORTS: _words(
        "Inga kommunala insatser är bedömda (2 kap. 1 §).",
        "No efforts of the municipality have been judged to be needed (2:1).",
    ),
    WhyNot.ADMISSION_NOTICE_MISSING: _words(
        "Inget inskrivningsmeddelande är sänt (5 kap. 3 §).",
        "No admission notice has been sent (5:3).",
    ),
    WhyNot.ADMISSION_NOTICE_LATE: _words(
        "Inskrivningsmeddelandet kom för sent; en person behöver bedöma det (5 kap. 3 §).",
        "The admission notice came too late; a person has to judge (5:3).",
    ),
    WhyNot.NOT_READY: _words(
        "Ingen underrättelse om utskrivningsklar är sänd (5 kap. 3 §).",
        "No notice of readiness for discharge has been sent (5:3).",
    ),
    WhyNot.READY_WITHDRAWN: _words(
        "Underrättelsen om utskrivningsklar är återtagen.",
        "The notice of readiness for discharge has been taken back.",
    ),
    WhyNot.SIP_NOT_CALLED: _words(
        "Ingen är kallad till den samordnade planeringen (5 kap. 3 §).",
        "Nobody has been called to the coordinated planning (5:3).",
    ),
    WhyNot.SIP_CALLED_LATE: _words(
        "Kallelsen till planeringen kom för sent; en person behöver bedöma det (5 kap. 3 §).",
        "The summons to the planning came too late; a person has to judge (5:3).",
    ),
    WhyNot.NO_RULE: _words(
        "Ingen regel om betalningsansvar gäller den dagen.",
        "No rule on payment liability holds on that day.",
    ),
    WhyNot.ENDED_BEFORE: _words(
        "Vistelsen tog slut innan ansvaret hann inträda.",
        "The stay ended before the liability could begin.",
    ),
    WhyNot.REGION_CARE_MISSING: _words(
        "Regionens öppna vård saknas (5 kap. 5 §).",
        "The region's open care is missing (5:5).",
    ),
    WhyNot.REGION_CARE_UNCLEAR: _words(
        "Det är oklart om regionens öppna vård finns (5 kap. 5 §).",
        "It is unclear whether the region's open care is there (5:5).",
    ),
}
AMOUNT_UNKNOWN = _words(
    "Beloppet per dygn är inte känt här.", "The amount per day is not known here."
)
DISCHARGE_DAY = _words(
    "Dagen för utskrivningen räknas inte.", "The day of the discharge is not counted."
)


def shown(found: Liability) -> Shown:
    """The ledger as it is read."""
    reasons = tuple(WORDS[why] for why in found.reasons)
    return Shown(**dict(found), reason_texts=reasons, remarks=tuple(_remarks(found)))


JUDGE = _words(
    "Det sades när ansvaret redan hade inträtt; en person behöver bedöma det.",
    "That was said when the liability had begun; a person has to judge.",
)


def _remarks(found: Liability) -> Iterable[Labels]:
    for doubt in found.doubts:
        yield WORDS[doubt]
        yield JUDGE
    if found.status in ("counting", "started", "ended"):
        yield from (() if found.amount_sek is not None else (AMOUNT_UNKNOWN,))
        yield DISCHARGE_DAY
