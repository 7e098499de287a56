"""From the shipped files to the database: organisations, units, calendar, ladders, pathways."""

from datetime import date
from pathlib import Path
from typing import Any

import holidays
import yaml

from domain.design.publication import Published
from domain.ladder import Ladders
from domain.pathway import Definition
from domain.rulebook import Agreement, Rule
from domain.unit import Unit
from store import catalogue, database, drafts

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "catalogue"
PATHWAYS = ROOT / "pathways"
YEARS_BACK, YEARS_AHEAD = 1, 5


async def load(owner_url: str, today: date, *, demo: bool) -> None:
    """Load the shipped reference data; running it again changes nothing.

    Demo units go only where they are asked for. Raises `AlreadyPublished` when a published file
    was edited in place, and `NobodyTold` when a rule's clocks would tell nobody.
    """
    engine = database.connect(owner_url, pool_size=1)
    try:
        async with engine.begin() as connection:
            if demo:
                await catalogue.put_organisations(connection, organisations())
                await catalogue.put_units(connection, units())
            await catalogue.put_calendar(connection, days_off(today))
            for path in sorted((CATALOGUE / "ladders").glob("v*.yaml")):
                await catalogue.publish_ladders(connection, Ladders.model_validate(read(path)))
            await catalogue.put_rules(connection, rules(), agreements())
            for path in sorted(PATHWAYS.glob("*/v*.yaml")):
                definition = Definition.model_validate(read(path))
                version = Published(definition=definition, valid_from=today)
                text = path.read_text(encoding="utf-8")
                await drafts.publish(connection, version, text)
    finally:
        await engine.dispose()


def organisations() -> list[dict[str, Any]]:
    """The shipped demo organisations, as the table has them."""
    return [
        {
            "key": o["key"],
            "name": o["name"],
            "kind": o["principal_kind"],
            "municipality": o["municipality"],
        }
        for o in read(CATALOGUE / "organisations.yaml")["organisations"]
    ]


def units() -> list[Unit]:
    """The shipped demo units."""
    return [Unit.model_validate(u) for u in read(CATALOGUE / "units.yaml")["units"]]


def rules() -> list[Rule]:
    """Every shipped version of every rule of time."""
    files = sorted((CATALOGUE / "rules").glob("*.yaml"))
    return [Rule.model_validate(rule) for path in files for rule in read(path).get("rules", ())]


def agreements() -> list[Agreement]:
    """What region and municipalities have agreed instead of the act."""
    listed = read(CATALOGUE / "rules" / "agreements.yaml")["agreements"]
    return [Agreement.model_validate(agreed) for agreed in listed]


def days_off(today: date) -> list[date]:
    """Public and de facto holidays that fall on a weekday, some years around today."""
    years = range(today.year - YEARS_BACK, today.year + YEARS_AHEAD + 1)
    days = holidays.country_holidays("SE", categories=("public", "de_facto"), years=years)
    return sorted(day for day in days if day.weekday() < 5)


def read(path: Path) -> Any:
    """A YAML file's content."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))
