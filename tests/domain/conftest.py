"""How hard the promises are tried."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "promises",
    max_examples=200,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile("instants", max_examples=300, deadline=None)
