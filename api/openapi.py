"""Prints the API's document; needs no server."""

import json

from api.app import build

if __name__ == "__main__":
    print(json.dumps(build().openapi(), ensure_ascii=False, indent=2))  # noqa: T201
