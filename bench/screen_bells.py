"""Sends as many messages to the screening workers as its argument says; run by `bench/screen.py`."""

import sys

import django

django.setup()

from config.celery import app
from moderation.flow import jobs

for _ in range(int(sys.argv[1])):
    app.send_task(jobs.SCREEN.task_name, queue=jobs.SCREEN.queue, ignore_result=True)
