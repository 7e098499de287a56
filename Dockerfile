# One image for migrate, api and worker; the command says which. No compiler, no tests, no servers.
FROM python:3.11.14-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
COPY requirements-production.lock /tmp/
RUN /opt/venv/bin/pip install --require-hashes -r /tmp/requirements-production.lock \
    && /opt/venv/bin/pip uninstall --yes pip setuptools

FROM python:3.11.14-slim-bookworm
RUN groupadd --gid 10001 handslag \
    && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin handslag
COPY --from=build /opt/venv /opt/venv
WORKDIR /srv/handslag
COPY . .
ENV PATH="/opt/venv/bin:$PATH" \
    PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    HANDSLAG_MODE=production HANDSLAG_LOG_JSON=true
USER 10001:10001
ENTRYPOINT ["python", "-m", "cli.main"]
CMD ["--help"]
