# One image for every part of Lightfast; compose.yaml says which part a container is.
FROM python:3.13-slim-bookworm AS build
ENV UV_PROJECT_ENVIRONMENT=/opt/venv UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /app
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-dev

FROM python:3.13-slim-bookworm
# git reads the repositories. Pinned by the distribution's release, whose security updates are wanted.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home lightfast \
    && install --directory --owner=lightfast /var/lib/lightfast /app/staticfiles
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 STATE_DIR=/var/lib/lightfast
COPY --from=build /opt/venv /opt/venv
COPY . /app
WORKDIR /app
USER 10001
VOLUME /var/lib/lightfast
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]
# SIGTERM lets requests and batches under way end.
ENTRYPOINT ["python", "manage.py"]
CMD ["up", "--host", "0.0.0.0"]
