"""Whether this container's API can serve, store and engine included; the exit code says it."""

import sys

import httpx

from runtime import settings

if __name__ == "__main__":
    url = f"http://127.0.0.1:{settings.load().api_port}/health/ready"
    try:
        sys.exit(0 if httpx.get(url, timeout=4).status_code == 200 else 1)
    except httpx.HTTPError:
        sys.exit(1)
