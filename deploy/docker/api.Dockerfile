# The API, Flower and the reconciler: no engine, no TensorFlow. Build from the project's root.
FROM ghcr.io/astral-sh/uv:0.13 AS uv

FROM python:3.12-slim AS build
COPY --from=uv /uv /usr/local/bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /app
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN --mount=type=cache,target=/root/.cache/uv uv sync --frozen --no-dev --no-install-project
COPY api api
COPY worker worker
COPY shared shared
COPY deploy deploy
RUN --mount=type=cache,target=/root/.cache/uv uv sync --frozen --no-dev

FROM python:3.12-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin dreamqueue \
    && install -d -o dreamqueue /artifacts /data
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
WORKDIR /app
USER 10001
EXPOSE 8000
CMD ["uvicorn", "--factory", "api.main:create_app_from_environment", "--host", "0.0.0.0", "--port", "8000"]
