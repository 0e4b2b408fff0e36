ARG BASE_IMAGE=ubuntu:24.04
ARG TOOLS_IMAGE=example.org/tools:2.9.0
ARG SOLVER=uv LAYERS=0 PACKAGES=wheels

FROM ${TOOLS_IMAGE} AS tools

FROM ${BASE_IMAGE} AS base
RUN --mount=type=bind,source=scripts,target=/scripts \
    --mount=type=bind,source=apt-runtime.txt,target=/lists/apt-runtime.txt \
    /scripts/apt-install.sh --list /lists/apt-runtime.txt tini

FROM base AS environment-uv
RUN --mount=type=bind,source=scripts,target=/scripts \
    --mount=type=bind,source=python.txt,target=/lists/python.txt \
    --mount=type=bind,source=python.txt,target=/lists/python.txt \
    /scripts/environment-uv.sh /lists/python.txt /lists/pylock.toml

FROM base AS environment-conda
RUN --mount=type=bind,source=scripts,target=/scripts \
    --mount=type=bind,from=tools,source=/bin/tools,target=/usr/local/bin/tools \
    --mount=type=bind,source=conda.json,target=/lists/conda.json \
    /scripts/environment-conda.sh /lists/conda.json

FROM environment-${SOLVER} AS environment

FROM base AS runtime
COPY --from=environment /opt/env /opt/env
COPY project /opt/project/python-project
COPY --chmod=0755 run/entrypoint.sh /opt/entrypoint.sh
USER 1000:1000
ENTRYPOINT ["/usr/bin/tini", "-g", "--", "/opt/entrypoint.sh"]
CMD ["python"]

FROM runtime AS dev
USER 0:0
RUN --mount=type=bind,source=scripts,target=/scripts \
    --mount=type=bind,source=apt-dev.txt,target=/lists/apt-dev.txt \
    /scripts/apt-install.sh --list /lists/apt-dev.txt
USER 1000:1000
RUN echo '[31mdone[0m'
