"""How long this process works on something, however busy the machine is."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable


def measure_least(work: Callable[[], object], times: int = 3) -> float:
    """The least CPU seconds of several turns: what else runs on the machine only ever adds to them. Measuring
    coverage, which doubles them, waits, and so does collecting garbage: how long that takes is a matter of
    everything this process holds, thousands of tests' leftovers, and not of the work.
    """
    seconds, tracer, collects = [], sys.gettrace(), gc.isenabled()
    sys.settrace(None)
    gc.collect()
    gc.disable()
    try:
        for _ in range(times):
            began = time.process_time()
            work()
            seconds.append(time.process_time() - began)
    finally:
        sys.settrace(tracer)
        if collects:
            gc.enable()
    return min(seconds)
