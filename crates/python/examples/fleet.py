"""A whole store decided again on Ray and on Dask, with one worker and with two: Runs a second.

    python fleet.py runs.db
"""

import logging
import sys
import time
from collections.abc import Callable

import samebits.dask
import samebits.ray
from samebits.dask import Answers


def timed(work: Callable[[], Answers]) -> tuple[float, Answers]:
    begun = time.perf_counter()
    answers = work()
    return time.perf_counter() - begun, answers


def on_ray(place: str, workers: int) -> tuple[float, Answers]:
    import ray

    ray.init(num_cpus=workers, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    try:
        # Workers are started, and the store is opened, before the clock.
        samebits.ray.replay(place, times=workers, end="2017-02-10")
        return timed(lambda: samebits.ray.replay(place))
    finally:
        ray.shutdown()


def on_dask(place: str, workers: int) -> tuple[float, Answers]:
    from distributed import Client, LocalCluster

    cluster = LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None)
    with cluster, Client(cluster) as client:
        samebits.dask.replay(place, client, times=workers, end="2017-02-10")
        return timed(lambda: samebits.dask.replay(place, client))


def main(place: str) -> None:
    spent, alone = timed(lambda: samebits.dask.local(place))
    print(f"this process: {len(alone) / spent:.0f} Runs/s, identical {alone.identical}")
    for name, engine in (("Ray", on_ray), ("Dask", on_dask)):
        times = []
        for workers in (1, 2):
            spent, answers = engine(place, workers)
            assert answers.to_bytes() == alone.to_bytes()
            times.append(spent)
            print(f"{name}, {workers} worker(s): {len(answers) / spent:.0f} Runs/s")
        print(f"{name}: two workers are {times[0] / times[1]:.2f} times one")


if __name__ == "__main__":
    main(sys.argv[1])
