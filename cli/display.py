"""What people read on a terminal: harmless text, Swedish time, tables; and lists page by page."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer
from rich import box
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cli.client import ApiClient, console
from domain.calendar import STOCKHOLM

PAGE = 200
NOTHING = "–"
UNBROKEN = (
    "id",
    "patient and handover",
    "at",
    "since",
    "started",
    "opened",
    "ended",
    "closed",
    "due",
    "next due",
)

Json = Annotated[bool, typer.Option("--json", help="JSON for machines.")]
Limit = Annotated[int, typer.Option(min=1, help="At most so many.")]
ShowNumber = Annotated[bool, typer.Option("--patient", help="Show the person number too.")]


class Names(dict[str, str]):
    """Names of units by HSA id; a unit without a name goes by its id."""

    def __missing__(self, hsa_id: str | None) -> str:
        return hsa_id or NOTHING


def plain(value: object) -> Text:
    """A value as inert text: no markup is read in it, no control character leaves it."""
    if value is None or value == "":
        return Text(NOTHING)
    if isinstance(value, bool):
        return Text("yes" if value else "no")
    return Text("".join(c if c.isprintable() or c == "\n" else " " for c in str(value)))


def say(*parts: object, style: str = "", indent: int = 0) -> None:
    """One line, its parts set apart."""
    line = Text(" · ").join(plain(p) for p in parts)
    console.print(Padding.indent(line, indent), style=style)


def words(code: str | None) -> str:
    """A code as people read it."""
    return (code or NOTHING).replace("_", " ")


def local(instant: str | None) -> str:
    """An instant on the wall clock in Stockholm."""
    if instant is None:
        return NOTHING
    return datetime.fromisoformat(instant).astimezone(STOCKHOLM).strftime("%Y-%m-%d %H:%M")


def lasting(span: timedelta) -> str:
    """A length of time in the two units that matter."""
    minutes = int(abs(span).total_seconds() // 60)
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table; nothing at all when it has no rows."""
    drawn = Table(
        title=title,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for name in columns:
        drawn.add_column(name, no_wrap=name in UNBROKEN, overflow="fold")
    for row in rows:
        drawn.add_row(*(plain(cell) for cell in row))
    if drawn.row_count:
        console.print(drawn, "")


def clocks(
    found: Sequence[dict[str, Any]], units: Names, handovers: Sequence[str], now: datetime
) -> None:
    """The clocks that run or rest, first due first."""
    columns = ("clock", "for", "owner", "due", "")
    rows = [
        (
            words(c["kind"]),
            f"handover of {c['part']}" if c["subject"] in handovers else c["subject"],
            units[c["owner"]],
            local(c["due_at"]),
            _standing(c, now),
        )
        for c in sorted(found, key=due)
    ]
    table("Clocks", columns, rows)


def due(clock: dict[str, Any]) -> datetime:
    """When a clock is due."""
    return datetime.fromisoformat(clock["due_at"])


def next_clock(found: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The running clock that is due first."""
    return min((c for c in found if not c["paused"]), key=due, default=None)


def _standing(clock: dict[str, Any], now: datetime) -> str:
    """Whether a clock rests, is late, or how much is left."""
    if clock["paused"]:
        return "paused"
    left = due(clock) - now
    return f"{lasting(left)} late" if left <= timedelta() else f"in {lasting(left)}"


def unit_names(api: ApiClient) -> Names:
    """The names of units by HSA id."""
    return Names({unit["hsa_id"]: unit["name"] for unit in api.get("/units")})


def listed(api: ApiClient, path: str, limit: int, **params: Any) -> Any:
    """Pages put together until there are enough items, in the shape of one page."""
    items: list[Any] = []
    place: dict[str, str] = {}
    while True:
        page = api.get(path, limit=min(limit - len(items), PAGE), **params, **place)
        items += page["items"]
        if page["next"] is None or len(items) >= limit:
            return page | {"items": items}
        place = {"next": page["next"]}


def say_if_more(page: dict[str, Any]) -> None:
    """Never let a cut list look like a whole one."""
    if page["next"]:
        say(f"The first {len(page['items'])}; there are more: --limit", style="yellow")


def masked(view: dict[str, Any], number: bool) -> dict[str, Any]:
    """The view without the person number, unless it is asked for."""
    if number:
        return view
    patient = {key: value for key, value in view["patient"].items() if key != "value"}
    return view | {"patient": patient}


def patient_line(patient: dict[str, str]) -> str:
    """A patient's name, and the number when it was asked for."""
    return " ".join(patient[key] for key in ("name", "value") if key in patient)
