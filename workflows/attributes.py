"""Search attributes of a journey: what operators may look for; never anything about a person."""

from temporalio.common import SearchAttributeKey

PATHWAY = SearchAttributeKey.for_keyword("HandslagPathway")
UNIT = SearchAttributeKey.for_keyword("HandslagUnit")
SEARCH_ATTRIBUTES = {PATHWAY.name: "Keyword", UNIT.name: "Keyword"}
