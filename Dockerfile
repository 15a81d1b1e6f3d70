# The service, built from this repository: docker build -t recurring-schedule .
FROM python:3.13-slim AS build
RUN python -m venv /opt/service
WORKDIR /build
COPY pyproject.toml README.md LICENSE constraints.txt ./
COPY recurring_schedule recurring_schedule
RUN /opt/service/bin/pip install --no-cache-dir --constraint constraints.txt ".[business,service]"

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/recurring-schedule --create-home service
COPY --from=build /opt/service /opt/service
ENV PATH=/opt/service/bin:$PATH PYTHONUNBUFFERED=1
USER 10001
# The files of SQLite and of the sandbox are created here.
WORKDIR /var/lib/recurring-schedule
VOLUME /var/lib/recurring-schedule
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health', timeout=4)"]
ENTRYPOINT ["recurring-schedule"]
CMD ["serve", "--host", "0.0.0.0"]
