"""One stream of logs for everything in a process, on standard error, with nobody's number in it."""

import logging
import re
import sys
from collections.abc import Sequence
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger
from temporalio.runtime import LogForwardingConfig, LoggingConfig, TelemetryFilter

MASK = "‹masked›"

# A UUID is tried first and kept: its groups can look like a number by chance.
_NUMBER = re.compile(
    r"""
    (?P<uuid> [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12} )
    | (?<![0-9A-Za-z]) (?<!\d\.)
      (?: \d{8} (?: [-+ ] | %2B )? \d{4}        # personal, coordination, regional reserve
        | \d{6} (?: [-+] | %2B ) \d{4}          # the short form
        | \d{8} -? [A-Z][A-Z0-9] \d{2} )        # national reserve number, regional with letters
      (?![0-9A-Za-z])
    """,
    re.VERBOSE | re.IGNORECASE,
)


def configure(log_json: bool | None, service: str) -> None:
    """Send structlog's and every library's records through one chain.

    ``log_json`` None means: JSON unless a person sits at a terminal.
    """
    as_json = not sys.stderr.isatty() if log_json is None else log_json
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(as_json, service))
    _route_everything_to(handler)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_gathered(service),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def drop_personal(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Mask whatever looks like a person's number. The last defence, not the first."""
    return {key: _masked(value) for key, value in event.items()}


def temporal_logging() -> LoggingConfig:
    """Temporal's core writes into the same stream, through the logger ``temporalio.core``."""
    return LoggingConfig(
        filter=TelemetryFilter(core_level="WARN", other_level="ERROR"),
        forwarding=LogForwardingConfig(
            logger=logging.getLogger("temporalio.core"), append_target_to_name=False
        ),
    )


def _formatter(as_json: bool, service: str) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_gathered(service),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *_rendering(as_json),
        ],
    )


def _gathered(service: str) -> list[Processor]:
    def name_service(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        return {"service": service, **event}

    return [
        structlog.contextvars.merge_contextvars,
        name_service,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]


def _rendering(as_json: bool) -> Sequence[Processor]:
    if as_json:
        # Local variables would carry what a patient's record holds into the log.
        without_locals = ExceptionDictTransformer(show_locals=False)
        return [
            structlog.processors.ExceptionRenderer(without_locals),
            drop_personal,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    plain = structlog.dev.plain_traceback
    return [
        structlog.processors.format_exc_info,
        drop_personal,
        structlog.dev.ConsoleRenderer(exception_formatter=plain),
    ]


def _route_everything_to(handler: logging.Handler) -> None:
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "sqlalchemy", "temporalio"):
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = True
    # Every request would be written twice: once here, once by the API with its correlation id.
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.captureWarnings(True)


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return _NUMBER.sub(lambda found: found[0] if found["uuid"] else MASK, value)
    if isinstance(value, dict):
        return {_masked(key): _masked(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_masked(inner) for inner in value]
    if value is None or isinstance(value, (bool, float)):
        return value
    text = str(value)
    hidden = _masked(text)
    return hidden if hidden != text or not isinstance(value, int) else value
