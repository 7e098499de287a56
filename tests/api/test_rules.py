"""The rules of time over HTTP."""

from datetime import date

from tests.samples import rules
from tests.world import World


class TestRules:
    async def test_every_version_is_there_with_its_paragraph(self, world: World) -> None:
        found = await world.caller("stroke-coordinator").get("/rules")

        shown = {f"{r['key']}@{r['version']}": r["reference"] for r in found["rules"]}
        assert shown == {rule.name: rule.reference for rule in rules().rules}
        assert found["agreements"] == []
        assert "payment_start@1" in found["holding"]

    async def test_what_holds_depends_on_the_day_and_the_form_of_care(self, world: World) -> None:
        caller = world.caller("stroke-coordinator")

        in_2018 = await caller.get("/rules", on=str(date(2018, 6, 1)), form="psychiatric")
        in_2019 = await caller.get("/rules", on=str(date(2019, 6, 1)), form="psychiatric")
        compulsory = await caller.get("/rules", form="compulsory")

        assert "payment_start@2" in in_2018["holding"]
        assert "payment_start@1" in in_2019["holding"]
        assert not [name for name in compulsory["holding"] if name.startswith("sip_summons")]
