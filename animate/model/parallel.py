"""Threads: frames are rendered side by side, each by one thread of its own, rather than one frame by many threads.

Several OpenMP threads in one small operation wait for each other at every step, and many times longer when another
program runs beside them.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager

import torch

_END = object()


def use_one_thread() -> None:
    """From here on the calling thread computes by itself; tiny numbers count as 0, which is much faster."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)


@contextmanager
def torch_threads(threads: int) -> Iterator[None]:
    """Within it the calling thread's networks use `threads` cores, and tiny numbers count as 0; afterwards as before.

    One core is right for many small operations, several for few large ones.
    """
    before, flushed = torch.get_num_threads(), _flushes()
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_num_threads(before)
        torch.set_flush_denormal(flushed)


def computed_within(settings: Callable[[], AbstractContextManager], items: Iterable) -> Iterator:
    """The items of an iterable that computes them as it goes: each with `settings` in force, handed on without them."""
    computing = iter(items)
    while True:
        with settings():
            item = next(computing, _END)
        if item is _END:
            return
        yield item


def parallel_map(work: Callable, items: Iterable, threads: int) -> Iterator:
    """What `work` makes of each item, in their order, `threads` at a time; nothing is taken or kept further ahead."""
    before = torch.get_num_threads()

    def result(one: Future):
        made = one.result()
        torch.set_num_threads(before)  # the pool's threads change what new threads begin with
        return made

    with ThreadPoolExecutor(threads, initializer=use_one_thread) as pool:
        waiting: deque[Future] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) == threads:
                    yield result(waiting.popleft())
            while waiting:
                yield result(waiting.popleft())
        finally:
            pool.shutdown(cancel_futures=True)
            torch.set_num_threads(before)


def _flushes() -> bool:
    """Whether the calling thread takes the smallest floats for 0."""
    return sys.float_info.min * 0.5 == 0.0
