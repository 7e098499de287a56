"""The rules of time as they stand: what is promised by law or by local choice, since when."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query

from api.house import CallerDep
from domain.calendar import STOCKHOLM
from domain.rulebook import Agreement, CareForm, Rule
from domain.value import Day, Value

router = APIRouter(prefix="/api/v1", tags=["rules"])


class Rules(Value):
    """Every version of every rule with the agreements, and which of them hold on a day."""

    version: str
    on: Day
    holding: tuple[str, ...]
    rules: tuple[Rule, ...]
    agreements: tuple[Agreement, ...]


@router.get("/rules")
async def read(
    caller: CallerDep,
    on: Annotated[Day | None, Query(description="A local day; today when left out.")] = None,
    form: CareForm = CareForm.SOMATIC,
) -> Rules:
    """The rulebook; `holding` names the versions that a clock would go by that began that day."""
    book = caller.catalogue.rules
    day = on or datetime.now(UTC).astimezone(STOCKHOLM).date()
    keys = dict.fromkeys(rule.key for rule in book.rules)
    found = (book.rule(key, day, form) for key in keys)
    return Rules(
        version=book.version,
        on=day,
        holding=tuple(rule.name for rule in found if rule is not None),
        rules=book.rules,
        agreements=book.agreements,
    )
