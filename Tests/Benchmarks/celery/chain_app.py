"""A Celery chain with late ack, confirms and quorum queues: at least once, and no journal."""

import os

from celery import Celery
from kombu import Exchange, Queue

app = Celery("chain_app", broker=os.environ["BENCH_AMQP_URL"])
app.conf.update(
    broker_connection_retry_on_startup=True,
    broker_transport_options={"confirm_publish": True},
    result_backend=None,
    task_acks_late=True,
    task_create_missing_queue_type="quorum",
    task_default_queue="chain",
    task_default_queue_type="quorum",
    task_ignore_result=True,
    task_queues=[
        Queue(
            "chain",
            Exchange("chain"),
            routing_key="chain",
            durable=True,
            queue_arguments={"x-queue-type": "quorum"},
        )
    ],
    task_default_exchange="chain",
    task_default_routing_key="chain",
    task_reject_on_worker_lost=True,
    worker_enable_remote_control=False,
    worker_prefetch_multiplier=int(os.environ.get("BENCH_PREFETCH", "8")),
    worker_send_task_events=False,
)


@app.task(name="hop")
def hop(body):
    """Hands its body to the next of the chain, and does nothing else."""
    return body
