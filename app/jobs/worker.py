"""The worker: takes jobs from the queue and, each minute, looks at the clock and for what a crash left."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from asgiref.sync import sync_to_async
from flask import Flask
from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ProcrastinateException
from procrastinate.jobs import Job as QueuedJob

from app.database.addresses import libpq_address
from app.jobs.performing import Again, perform
from app.jobs.planning import plan_due_jobs
from app.jobs.queue import TASK

log = logging.getLogger("sinergi.jobs")

SECONDS_TO_FINISH = 20
"""How long a job may go on after the worker was asked to end."""

SECONDS_WITHOUT_HEARTBEAT = 30
SECONDS_AFTER_TROUBLE = 60
TURNS_IN_TROUBLE = 50
RELEASE_KEY = "UPDATE procrastinate_jobs SET queueing_lock = NULL WHERE id = %(id)s"
JOBS_AT_ONCE = 3
"""So that a long job holds up neither mail nor the look at the clock. Each has its own context and session."""


class _AsAsked(BaseRetryStrategy):
    """Again when the job asks for it; and after trouble of ours, such as a database that went away."""

    def get_retry_decision(self, *, exception: BaseException, job: QueuedJob) -> RetryDecision | None:
        if isinstance(exception, Again):
            return RetryDecision(retry_in={"seconds": max(0, round(exception.seconds))})
        if job.attempts >= TURNS_IN_TROUBLE:
            return None
        return RetryDecision(retry_in={"seconds": SECONDS_AFTER_TROUBLE})


def worker_app(app: Flask, database_url: str, *, periodic: bool = True) -> App:
    """Procrastinate's application over ours; without ``periodic`` it does not look at the clock."""
    connector = PsycopgConnector(conninfo=libpq_address(database_url), min_size=1, max_size=JOBS_AT_ONCE + 2)
    queue = App(connector=connector)

    @queue.task(name=TASK, retry=_AsAsked())
    def perform_one(institution_id: int, run_id: int) -> None:
        perform(app, institution_id, run_id)

    if periodic:

        @queue.periodic(cron="* * * * *")
        @queue.task(name="sinergi.tick", queueing_lock="sinergi.tick", lock="sinergi.tick")
        async def tick(timestamp: int) -> None:  # noqa: ARG001  # procrastinate passes it
            await sync_to_async(_look_at_the_clock, thread_sensitive=False)(app)

    return queue


async def take_up_stalled(queue: App, seconds: float = SECONDS_WITHOUT_HEARTBEAT) -> int:
    """Queue again what a worker held that has not been heard of for ``seconds``; returns how many jobs."""
    stalled = list(await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=seconds))
    for item in stalled:
        log.warning("job %s: its worker is gone; it is queued again", item.task_kwargs.get("run_id"))
        # Its key may be another's by now: nobody waits by it any more.
        await queue.connector.execute_query_async(RELEASE_KEY, id=item.id)
        await queue.job_manager.retry_job(item)
    return len(stalled)


def _look_at_the_clock(app: Flask) -> None:
    from app.mail.recovery import recover_mail

    with app.app_context():
        plan_due_jobs()
        recover_mail()


async def _look_for_stalled(queue: App) -> None:
    # Not a job itself: it must go on also when the job that looks at the clock is what a crash left.
    while True:
        try:
            await take_up_stalled(queue)
        except ProcrastinateException as error:
            log.warning("the look for stalled jobs failed: %s", type(error).__name__)
        await asyncio.sleep(SECONDS_WITHOUT_HEARTBEAT)


async def _work(queue: App, *, alone: bool = False, **options: Any) -> None:
    async with queue.open_async():
        watching = None if alone else asyncio.create_task(_look_for_stalled(queue))
        try:
            await queue.run_worker_async(
                concurrency=JOBS_AT_ONCE,
                delete_jobs="always",  # the run log is ours; the queue holds only what is still to be done
                shutdown_graceful_timeout=SECONDS_TO_FINISH,
                stalled_worker_timeout=SECONDS_WITHOUT_HEARTBEAT,
                **options,
            )
        finally:
            if watching is not None:
                watching.cancel()


def run_worker(app: Flask, database_url: str) -> None:
    """Work until asked to end by a signal; a job under way is finished first."""
    asyncio.run(_work(worker_app(app, database_url)))


def run_waiting_jobs(app: Flask, database_url: str) -> None:
    """Do what is queued now, then return: for tests and for a look by hand."""
    queue = worker_app(app, database_url, periodic=False)
    asyncio.run(_work(queue, alone=True, wait=False, listen_notify=False, install_signal_handlers=False))
