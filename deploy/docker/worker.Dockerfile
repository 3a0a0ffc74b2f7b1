# A worker with its engine, videos too; EXTRA=cpu, or EXTRA=gpu for NVIDIA GPUs. Build from the project's root.
FROM ghcr.io/astral-sh/uv:0.13 AS uv

FROM python:3.12-slim AS build
ARG EXTRA=cpu
COPY --from=uv /uv /usr/local/bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /app
COPY pyproject.toml uv.lock README.md LICENSE ./
# TensorFlow, with CUDA several gigabytes, is a layer of its own that a change of our code leaves alone.
RUN --mount=type=cache,target=/root/.cache/uv uv sync --frozen --no-dev --no-install-project --extra "$EXTRA" --extra video

FROM python:3.12-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin dreamqueue \
    && install -d -o dreamqueue /artifacts /data /weights
WORKDIR /app
COPY --from=build /app/.venv /app/.venv
COPY pyproject.toml uv.lock README.md LICENSE ./
COPY api api
COPY worker worker
COPY shared shared
COPY deploy deploy
ARG EXTRA=cpu
RUN --mount=from=uv,source=/uv,target=/usr/local/bin/uv \
    UV_PYTHON_DOWNLOADS=never uv sync --frozen --no-dev --no-cache --extra "$EXTRA" --extra video
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
USER 10001
CMD ["dreamqueue-worker", "start", "--name", "cpu0"]
