"""Threads: frames are rendered side by side, each by one thread of its own, rather than one frame by many threads.

Several OpenMP threads in one small operation wait for each other at every step, and many times longer when another program
runs beside them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import torch


def single_threaded() -> None:
    """Sets the calling thread up to compute by itself; tiny numbers count as 0, which is much faster."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)


@contextmanager
def torch_threads(threads: int) -> Iterator[None]:
    """The calling thread's networks use `threads` cores until it ends: right for few large operations."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def parallel_map(work: Callable, items: Iterable, threads: int) -> Iterator:
    """What `work` makes of each item, in their order, `threads` at a time; no further ahead than that is anything taken or kept."""
    with ThreadPoolExecutor(threads, initializer=single_threaded) as pool:
        waiting: deque = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) == threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)
