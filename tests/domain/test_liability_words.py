"""A ledger is read in words: each reason, and what is not known."""

from domain.liability import Liability, WhyNot
from domain.liability_words import AMOUNT_UNKNOWN, DISCHARGE_DAY, WORDS, shown


def test_every_reason_has_its_words_in_both_languages() -> None:
    assert set(WORDS) == set(WhyNot)
    assert all(words.sv and words.en and words.sv != words.en for words in WORDS.values())


def test_reasons_are_said_in_their_order_and_without_remarks_when_nothing_counts() -> None:
    reasons = (WhyNot.NOT_READY, WhyNot.REGION_CARE_MISSING)

    found = shown(Liability(stay=1, status="not_started", reasons=reasons))

    assert found.reason_texts == tuple(WORDS[why] for why in reasons)
    assert found.remarks == ()


def test_an_amount_that_is_not_known_is_said() -> None:
    known = shown(Liability(stay=1, status="started", days=2, amount_sek=8200))
    unknown = shown(Liability(stay=1, status="started", days=2))

    assert known.remarks == (DISCHARGE_DAY,)
    assert unknown.remarks == (AMOUNT_UNKNOWN, DISCHARGE_DAY)
