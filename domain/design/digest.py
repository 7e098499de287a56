"""The hash of a definition or an addition: the same content, the same hash, whatever the release.

Only what was said counts: a field that a later release adds, and that a file says nothing of, does
not change what was published.
"""

import hashlib
import json

from domain.value import Value


def digest(content: Value) -> str:
    """SHA-256 over what differs from the defaults, in one order."""
    said = content.model_dump(mode="json", exclude_defaults=True)
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
