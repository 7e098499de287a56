"""A workflow in a file of its own, as the sandbox wants it: nothing else is imported there."""

from pydantic import BaseModel
from temporalio import workflow
from temporalio.exceptions import ApplicationError


class Greeting(BaseModel):
    """A message with something that nobody else may read."""

    words: str


@workflow.defn(name="Greeter")
class Greeter:
    """Answers, or fails, with what it was told."""

    @workflow.run
    async def run(self, greeting: Greeting) -> Greeting:
        """Fail on purpose when asked to."""
        if greeting.words.startswith("fail"):
            raise ApplicationError(f"refused: {greeting.words}", greeting)
        return Greeting(words=greeting.words.upper())
