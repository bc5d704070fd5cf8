# Keepsake in a container, on the CPU: the HTTP API, or the page. docs/serve.md tells how to run it.
#   docker build -t keepsake .
#   docker run -p 127.0.0.1:8000:8000 -v keepsake:/data keepsake            # the API; its token is printed
#   docker run --network host keepsake page --no-browser                    # the page, for this computer
# TORCH_INDEX holds PyTorch without CUDA; the exact versions are those of constraints.txt.
ARG PYTHON=3.11

FROM python:${PYTHON}-slim-bookworm AS build
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
WORKDIR /source
RUN python -m venv /opt/keepsake
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY weights weights
COPY animate animate
RUN /opt/keepsake/bin/pip install --no-cache-dir --constraint constraints.txt --extra-index-url "${TORCH_INDEX}" ".[app,serve]"

FROM python:${PYTHON}-slim-bookworm
# what the wheel of opencv-python expects of the system
RUN apt-get update && apt-get install -y --no-install-recommends libgl1 libglib2.0-0 && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --create-home keepsake && install -d -o keepsake -g keepsake -m 700 /data
COPY --from=build /opt/keepsake /opt/keepsake
ENV PATH=/opt/keepsake/bin:${PATH} PYTHONUNBUFFERED=1 KEEPSAKE_CONFIG=/data/config KEEPSAKE_CACHE=/data/cache
USER keepsake
WORKDIR /data
VOLUME /data
EXPOSE 8000 7860
HEALTHCHECK --interval=30s --timeout=15s --start-period=60s --retries=3 CMD ["python", "-c", "import http.client, sys\nfor port, path in ((8000, '/health'), (7860, '/')):\n    try:\n        line = http.client.HTTPConnection('127.0.0.1', port, timeout=5)\n        line.request('GET', path)\n        sys.exit(line.getresponse().status != 200)\n    except OSError:\n        pass\nsys.exit(1)"]
ENTRYPOINT ["keepsake"]
CMD ["serve", "--host", "0.0.0.0", "--folder", "/data/serve"]
