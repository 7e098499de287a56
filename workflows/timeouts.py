"""Every timeout and retry policy of the shell, by name."""

from datetime import timedelta

from temporalio.common import RetryPolicy

# A hung store holds even refusals while a local activity waits, so it may not wait long.
RECORD_AT_ONCE = timedelta(seconds=3)
ONCE = RetryPolicy(maximum_attempts=1)

# When the store is away: until it is back.
RECORD_PATIENTLY = timedelta(seconds=10)
RECORD_PATIENTLY_RETRY = RetryPolicy(
    initial_interval=timedelta(milliseconds=500), maximum_interval=timedelta(seconds=5)
)

RECORD_AGAIN = timedelta(seconds=5)

DELIVER_AT_ONCE = timedelta(seconds=8)
DELIVER = timedelta(seconds=30)
DELIVER_FOR = timedelta(days=3)
DELIVER_RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=5),
    backoff_coefficient=3.0,
    maximum_interval=timedelta(hours=4),
)
BURY_RETRY = RetryPolicy(maximum_interval=timedelta(minutes=1))

# Twice the age that the doors' shelf may have.
SHELF_IS_FRESH = timedelta(seconds=20)
TELL_PAGE = timedelta(minutes=10)
PROVE = timedelta(hours=2)
# A store or engine that is away: until it is back.
TELL_RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1)
)

# One sweep; a page of it with journeys that do not answer takes its time.
SWEEP = timedelta(minutes=30)
SWEEP_PAGE = timedelta(minutes=5)
SWEEP_NOTE = timedelta(seconds=15)
SWEEP_CATCH_UP = timedelta(minutes=1)
SCHEDULE = timedelta(seconds=10)
SWEEP_RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30)
)
SWEEP_MAIL_RETRY = RetryPolicy(initial_interval=timedelta(seconds=5), maximum_attempts=3)

# Past this many events a journey goes on in a new run with the same state.
HISTORY_EVENTS = 4000
