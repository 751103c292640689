# The image: the bot and what it needs to run. Nothing to build with, and no shell is needed.
#
#   make image                           # docker build, with the version and the commit as labels
#   docker run --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges --stop-timeout 15 \
#       -v rollout-bot:/var/lib/rollout-bot \
#       -v ./rollout-bot.yaml:/etc/rollout-bot/rollout-bot.yaml:ro \
#       -e SLACK_BOT_TOKEN -e SLACK_APP_TOKEN rollout-bot
#
# tests/image carries out these very steps without a container engine: it reads this file.

ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS build
WORKDIR /src
COPY requirements-build.txt requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements-build.txt
RUN python -m venv --without-pip /opt/rollout-bot
RUN pip --python /opt/rollout-bot/bin/python install --no-cache-dir --no-compile --require-hashes -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY bot ./bot
RUN pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /src/dist .
RUN pip --python /opt/rollout-bot/bin/python install --no-cache-dir --no-compile --no-deps --no-index --find-links /src/dist rollout-bot
# Of the Kubernetes client only the connection and the credentials are used: its classes for every kind,
# more than all the rest together, are left out, and so are tests and sources that packages bring.
RUN find /opt/rollout-bot/lib -path '*/kubernetes/*client/*' \( -path '*/models/*' -o -path '*/api/*' \) \
        -type f ! -name __init__.py -delete
RUN find /opt/rollout-bot/lib -depth \( -type d \( -name tests -o -name testing \) -o -name 'test_*.py' \
        -o -name '*.pyx' -o -name '*.pxd' -o -name '*.c' -o -name '*.h' \) -exec rm -r {} +
RUN rm -r /opt/rollout-bot/include
# Compiled here, because nothing can be written where it runs.
RUN /opt/rollout-bot/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/rollout-bot/lib

FROM python:${PYTHON}-slim
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="rollout-bot" \
      org.opencontainers.image.description="The Slack bot with which on-call engineers control Argo Rollouts releases" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# Nothing is written but the state; a volume takes its owner and its mode from here.
RUN install -d -o 10001 -g 10001 -m 0700 /var/lib/rollout-bot
COPY --from=build /opt/rollout-bot /opt/rollout-bot
# The user has no entry in passwd, and a library asks for a home when it is loaded.
ENV HOME=/var/lib/rollout-bot \
    PATH=/opt/rollout-bot/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ROLLOUT_BOT_CONFIG=/etc/rollout-bot/rollout-bot.yaml \
    ROLLOUT_BOT_STATE_DIR=/var/lib/rollout-bot
USER 10001:10001
VOLUME /var/lib/rollout-bot
EXPOSE 8080
# Asks where `health.listen` is unless it is configured otherwise. Kubernetes has probes of its own.
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8080, timeout=2); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
# The bot is process 1: it handles SIGTERM and SIGINT itself, and has no children to wait for.
STOPSIGNAL SIGTERM
ENTRYPOINT ["rollout-bot"]
CMD ["run"]
