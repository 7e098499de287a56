"""Plumbing: settings, logs, keys, Temporal, identity, servers. Knows nothing of handovers."""
