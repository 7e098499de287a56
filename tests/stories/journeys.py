"""Journeys for stories, brought to where a story begins, over real HTTP."""

from itertools import cycle
from typing import Any

from tests.world import Json, World

STROKE = "SE0000000000-TESTRVMSTROKE1"
REHAB = "SE0000000000-TESTK1980REH"
IHR = "SE0000000000-TESTK1980IHR"
SALA = "SE0000000000-TESTK1981REH"
SENDER, RECEIVER, OUTSIDER = "stroke-coordinator", "vasteras-rehab", "sala-rehab"

NUMBERS = cycle(["194408139089", "193012299263", "194001079120", "194502024732", "194504118359"])
INSTRUMENTS = [
    {"instrument": "nihss", "score": 6},
    {"instrument": "katz", "score": "D"},
    {"instrument": "berg", "score": 31},
    {"instrument": "mrs", "not_possible": "Patienten för trött"},
]
ASSESSMENT = {
    "kind": "assessment",
    "rehab_need": True,
    "need_level": "high",
    "participation": {"patient": "took_part"},
    "psychosocial_support": "Maka i hemmet",
    "comorbidity": "Hypertoni",
    "motivation": "God",
    "summary": "Behöver hjälp vid förflyttning.",
    "measurements": INSTRUMENTS,
}
PLAN = {
    "kind": "plan",
    "summary_assessment": "Nedsatt balans och kraft i höger sida.",
    "goals": [
        {
            "own_words": "Gå i trappan",
            "baseline": "Går med stöd",
            "target": "Går själv",
            "target_date": "2030-03-01",
        },
        {
            "own_words": "Klä mig själv",
            "baseline": "Behöver hjälp",
            "target": "Klarar själv",
            "target_date": "2030-03-01",
        },
    ],
    "measures": [{"text": "Gångträning", "profession": "FT", "frequency": "3 per vecka"}],
    "follow_up_on": "2030-03-15",
    "participation": {"patient": "took_part"},
    "author_profession": "FT",
}


async def start(world: World, pathway: str = "stroke-rehab") -> str:
    """A started journey at the stroke unit."""
    journey = await world.caller(SENDER).post(
        "/journeys",
        {
            "patient": {"number": next(NUMBERS), "name": "Testpatient 01"},
            "pathway": pathway,
            "unit": STROKE,
            "referral": {"reason": "Stroke med svaghet.", "initiator": "hospital"},
            "overlap_reason": "Prov",
        },
    )
    identifier: str = journey["id"]
    return identifier


async def complete(world: World, journey: str, step: str, content: Json, by: str = SENDER) -> Json:
    """Complete a step, and expect success."""
    path = f"/journeys/{journey}/steps/{step}/complete"
    return await world.caller(by).post(path, {"content": content})


async def planned(world: World, pathway: str = "stroke-rehab") -> str:
    """A journey with assessed need and a plan."""
    journey = await start(world, pathway)
    await complete(world, journey, "assessment", ASSESSMENT)
    await complete(world, journey, "plan", PLAN)
    return journey


def handover(to: str = REHAB, **changes: Any) -> Json:
    """The body of a handover of the rehab part."""
    content = {
        "what_matters": "Att klara trappan hemma.",
        "patient_goals": "Gå till brevlådan utan hjälp.",
        "reason": "Fortsatt rehabilitering i hemmet efter stroke.",
        "summary_evaluation": "Tränat förflyttning med god effekt.",
        "current_function": "Går med rollator.",
        "risks": "Fallrisk.",
        "requested": "Första hembesök inom en vardag.",
        "measurements": INSTRUMENTS[1:],
        "sip": "not_needed",
        "legal_basis": "consent",
        "consent_ref": "Muntligt samtycke",
    }
    body: Json = {
        "part": "rehab",
        "purpose": "take_part",
        "step": "handover_rehab",
        "to": to,
        "content": content | changes.pop("content", {}),
    }
    return body | changes


async def sent(world: World, to: str = REHAB, **changes: Any) -> tuple[str, str]:
    """A planned journey, and a handover of its rehab part that waits for an answer."""
    journey = await planned(world)
    answer = await world.caller(SENDER).post(
        f"/journeys/{journey}/handovers", handover(to, **changes)
    )
    return journey, answer["id"]


async def holder(world: World, journey: str, part: str = "rehab") -> str:
    """The unit that holds a part now, as the journey's own units are told."""
    whole = await world.caller(SENDER).get(f"/journeys/{journey}")
    found: str = next(p["holder"] for p in whole["parts"] if p["key"] == part)
    return found


async def told(
    world: World, journey: str, subject: str | None = None
) -> list[tuple[str, str, str]]:
    """Everything that anybody was told about a journey, in order: what, which unit, function.

    Stories compare the whole list, so a notice that nobody expected fails the story.
    """
    rows = await world.rows(
        "SELECT kind, unit, function, seq, subject FROM notice WHERE journey_id = :journey"
        " ORDER BY ordinal",
        journey=journey,
    )
    wanted = [r for r in rows if subject in (None, r["subject"])]
    seen = dict.fromkeys((r["seq"], r["kind"], r["unit"], r["function"]) for r in wanted)
    return [(kind, unit, function) for _, kind, unit, function in seen]
