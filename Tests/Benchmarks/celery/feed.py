"""Publishes chains before the workers start: COUNT chains of LENGTH hops, BYTES each."""

import sys

from celery import chain

from chain_app import app, hop

count, length, size = (int(word) for word in sys.argv[1:4])
body = "x" * size
with app.producer_pool.acquire(block=True) as producer:
    for _ in range(count):
        chain(hop.s(body), *(hop.s() for _ in range(length - 1))).apply_async(producer=producer)
