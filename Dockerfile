# One image for all parts of the service; docker-compose.yml says which part runs where.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /app

COPY requirements.txt .
RUN python -m pip install --require-hashes --no-deps --only-binary :all: --no-input -r requirements.txt

COPY manage.py pyproject.toml ./
COPY config config
COPY moderation moderation

# Collecting static files reads the settings, and production's need values; these are gone afterwards.
RUN DJANGO_ENV=production SECRET_KEY=build-only ALLOWED_HOSTS=build.invalid PUBLIC_URL=https://build.invalid \
    DATABASE_URL=postgres://build.invalid/none \
    EMAIL_KEYS=build:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
    EMAIL_INDEX_KEY=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
    python manage.py collectstatic --no-input

RUN useradd --uid 10001 --no-create-home app && install -d -o app -g app -m 0700 /app/var
USER app
VOLUME /app/var
EXPOSE 8000
CMD ["python", "manage.py", "run_part", "web"]
