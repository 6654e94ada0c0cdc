# The talk bot for amd64 and arm64: nothing is compiled, every dependency is a wheel with a known hash.
# PostgreSQL: --build-arg LOCK=requirements-postgres.lock. A nearer registry: --build-arg PIP_INDEX_URL=…
FROM python:3.13-slim AS packages
ARG LOCK=requirements.lock
ARG PIP_INDEX_URL
COPY ${LOCK} /requirements.lock
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --only-binary=:all: --require-hashes -r /requirements.lock \
    && /venv/bin/pip uninstall --yes pip

FROM python:3.13-slim
RUN useradd --uid 1000 --create-home bot && install --directory --owner=bot /app/data
WORKDIR /app
COPY --from=packages /venv /venv
COPY LICENSE pyproject.toml bot.py ./
COPY db db
COPY plugins plugins
RUN /venv/bin/python -m compileall -q bot.py db plugins
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 1000
VOLUME /app/data
EXPOSE 8080
HEALTHCHECK --interval=60s --timeout=10s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ.get(\"PORT\", 8080)}/health', timeout=8)"]
ENTRYPOINT ["python", "bot.py"]
