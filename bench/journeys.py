"""A caller of the API, and the commands of a journey from referral to close."""

from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any
from uuid import uuid4

import httpx

Json = dict[str, Any]

SENDER, RECEIVER, COLLEAGUE = "stroke-coordinator", "vasteras-rehab", "vasteras-ihr"
STROKE = "SE0000000000-TESTRVMSTROKE1"
REHAB = "SE0000000000-TESTK1980REH"
TEAM = "SE0000000000-TESTK1980IHR"
NURSES = "SE0000000000-TESTK1980HSV"
HOME_HELP = "SE0000000000-TESTK1980HTJ"
NUMBERS = cycle(["194408139089", "193012299263", "194001079120", "194502024732", "194504118359"])
TOOK_PART = {"patient": "took_part"}
SCORES = [
    {"instrument": "nihss", "score": 6},
    {"instrument": "katz", "score": "D"},
    {"instrument": "berg", "score": 31},
    {"instrument": "mrs", "score": 3},
]
ACCEPT = {"takes_over": {"when": "now"}}


class Caller:
    """One demo user over HTTP; every command gets a key of its own."""

    def __init__(self, address: str, token: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=f"{address}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=64),
            timeout=60,
        )

    async def post(self, path: str, body: Json | None = None) -> Json:
        """Submit. Raises `httpx.HTTPStatusError`, with the problem's code."""
        headers = {"Idempotency-Key": uuid4().hex}
        found: Json = _answer(await self._http.post(path, json=body, headers=headers))
        return found

    async def get(self, path: str) -> Any:
        """Read. Raises `httpx.HTTPStatusError`, with the problem's code."""
        return _answer(await self._http.get(path))

    async def close(self) -> None:
        """Hang up."""
        await self._http.aclose()


def _answer(response: httpx.Response) -> Any:
    found = response.json()
    if not response.is_success:
        message = f"{response.url.path}: {response.status_code} {found.get('code')}"
        raise httpx.HTTPStatusError(message, request=response.request, response=response)
    return found


def referral() -> Json:
    """What starts a journey."""
    return {
        "patient": {"number": next(NUMBERS), "name": "Testpatient 01"},
        "pathway": "stroke-rehab",
        "unit": STROKE,
        "referral": {"reason": "Stroke med svaghet.", "initiator": "hospital"},
        "overlap_reason": "Mätning",
    }


def assessment() -> Json:
    """Assessed need."""
    return {
        "kind": "assessment",
        "rehab_need": True,
        "need_level": "high",
        "participation": TOOK_PART,
        "psychosocial_support": "Maka i hemmet",
        "comorbidity": "Hypertoni",
        "motivation": "God",
        "summary": "Behöver hjälp vid förflyttning.",
        "measurements": SCORES,
    }


def plan() -> Json:
    """A plan with two goals."""
    day = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
    goal = {"baseline": "Med stöd", "target": "Själv", "target_date": day}
    return {
        "kind": "plan",
        "summary_assessment": "Nedsatt balans och kraft i höger sida.",
        "goals": [goal | {"own_words": "Gå i trappan"}, goal | {"own_words": "Klä mig själv"}],
        "measures": [{"text": "Gångträning", "profession": "FT", "frequency": "3 per vecka"}],
        "follow_up_on": day,
        "participation": TOOK_PART,
        "author_profession": "FT",
    }


def handover(to: str = REHAB) -> Json:
    """The rehab part, sent to a municipality."""
    content = {
        "what_matters": "Att klara trappan hemma.",
        "patient_goals": "Gå till brevlådan utan hjälp.",
        "reason": "Fortsatt rehabilitering i hemmet efter stroke.",
        "summary_evaluation": "Tränat förflyttning med god effekt.",
        "current_function": "Går med rollator.",
        "risks": "Fallrisk.",
        "requested": "Första hembesök inom en vardag.",
        "measurements": SCORES[1:],
        "sip": "not_needed",
        "legal_basis": "consent",
        "consent_ref": "Muntligt samtycke",
    }
    return {
        "part": "rehab",
        "purpose": "take_part",
        "step": "handover_rehab",
        "to": to,
        "content": content,
    }


def visit() -> Json:
    """A visit at home, just now."""
    return {
        "step": "intervention",
        "at": datetime.now(UTC).isoformat(),
        "minutes": 60,
        "place": "home",
        "professions": ["FT"],
    }


def intervention() -> Json:
    """An intervention that reached its planned end."""
    return {"kind": "intervention", "result": "Går 250 m.", "ended_because": "planned_end"}


def follow_up() -> Json:
    """A follow-up that closes the journey."""
    return {
        "kind": "follow_up",
        "measurements": SCORES[1:],
        "participation": TOOK_PART,
        "next": {"decision": "close", "reason": "goals_met"},
    }


def bundled() -> list[Json]:
    """Three parts, each for a receiver of its own."""
    content = handover()["content"]
    shared = {"purpose": "take_part", "content": content}
    return [
        shared | {"part": "rehab", "to": REHAB, "step": "handover_rehab"},
        shared | {"part": "home_health_care", "to": NURSES},
        shared | {"part": "home_help", "to": HOME_HELP},
    ]


def bundle() -> Json:
    """The same three in one sending."""
    items = [{k: v for k, v in one.items() if k != "content"} for one in bundled()]
    return {"content": handover()["content"], "items": items}


def pre_notice(estimated_at: datetime) -> Json:
    """Word to a municipality of what comes."""
    return {
        "part": "rehab",
        "purpose": "take_part",
        "to": REHAB,
        "estimated_at": estimated_at.isoformat(),
        "requested": "Första hembesök inom en vardag.",
        "legal_basis": "lag_2017_612",
    }


async def started(sender: Caller) -> str:
    """A journey that has just begun."""
    journey: str = (await sender.post("/journeys", referral()))["id"]
    return journey


async def announced(sender: Caller, journey: str, estimated_at: datetime) -> str:
    """A handover of which only word has been sent."""
    notice = pre_notice(estimated_at)
    announced: str = (await sender.post(f"/journeys/{journey}/pre-notices", notice))["id"]
    return announced


async def planned(sender: Caller) -> str:
    """A journey with a plan."""
    journey = await started(sender)
    for step, content in (("assessment", assessment()), ("plan", plan())):
        await sender.post(f"/journeys/{journey}/steps/{step}/complete", {"content": content})
    return journey


async def sent(sender: Caller) -> tuple[str, str]:
    """A journey, and a fresh handover in it that waits for its answer."""
    journey = await planned(sender)
    answer = await sender.post(f"/journeys/{journey}/handovers", handover())
    return journey, answer["id"]
