"""What operators are written: counts and random ids, in both languages."""

from datetime import UTC, datetime
from email.message import EmailMessage

from channels.operators import OperatorMail
from domain.sweep import Finding, Trouble, swept


async def test_operators_read_how_much_was_found_and_which_journeys() -> None:
    posted = list[EmailMessage]()

    async def post(message: EmailMessage) -> None:
        posted.append(message)

    findings = (
        Finding(journey_id="j-1", trouble=Trouble.LOST, repaired=True),
        Finding(journey_id="j-2", trouble=Trouble.WAITING_FOR_FIX),
    )

    tell = OperatorMail(post, "handslag@example.invalid", "drift@example.invalid")
    await tell(datetime.now(UTC), swept(9, findings))

    (message,) = posted
    text = message.get_content()
    assert (message["To"], message["From"]) == ("drift@example.invalid", "handslag@example.invalid")
    assert message["Message-ID"].endswith("@handslag.invalid>")
    assert "öppna förlopp utan körning / open journeys without a run: 1" in text
    assert "lagat / repaired: 1" in text
    assert "j-1 lost (lagat / repaired)\nj-2 waiting_for_fix\n" in text
    assert "9" not in text
