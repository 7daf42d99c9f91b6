#!/usr/bin/env python3
"""Runs `halflink sweep` on a Dask cluster: a task a shard.

    python sweep_dask.py plan.toml --out /shared/results --shards 100 --scheduler tcp://host:8786

Plan and folder are seen by every worker under the same path, and so is the binary if it is named by
one; a bare name is looked for by each. A shard whose worker dies is run again on another one; what
it writes is the same, byte for byte, and a file has its name only when it is whole. Without
--scheduler a cluster of this machine is used, and ended.

Exit codes as `halflink sweep` has them: 0 done; 2 a bad plan or shard, which another try does not
mend; 75 some shards are missing, or it could not be seen which, or the cluster could not be
reached; then the same command runs what is missing.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from distributed import Client, LocalCluster, as_completed

BAD = 2
TRY_AGAIN = 75


class BadPlan(Exception):
    """What the binary says of it."""


class TryAgain(Exception):
    """Why a shard could not be written this time, or could not be looked at."""


def run_shard(halflink, plan, out, shard, threads):
    """On a worker: runs one shard; returns True and where its file is, or False and why never."""
    arguments = [halflink, "sweep", plan, "--out", out, "--shard", shard]
    done = subprocess.run(
        [*arguments, "--threads", str(threads)], capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return True, done.stdout.strip()
    why = f"shard {shard}: exit code {done.returncode}: {done.stderr.strip()}"
    if done.returncode == BAD:
        # No exception: Dask would try it again.
        return False, why
    raise TryAgain(why)


def missing_shards(halflink, plan, out, shards):
    """The shards that are missing or not whole: all of them at first."""
    Path(out).mkdir(parents=True, exist_ok=True)
    arguments = [halflink, "sweep", plan, "--out", out, "--check", "--shards", str(shards)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    missing = done.stdout.split()
    if done.returncode == BAD:
        raise BadPlan(done.stderr.strip())
    if (done.returncode, bool(missing)) not in ((0, False), (TRY_AGAIN, True)):
        raise TryAgain(f"--check: exit code {done.returncode}: {done.stderr.strip()}")
    return missing


def sweep(client, plan, out, shards, *, halflink="halflink", threads=1, retries=3, told=print):
    """Runs what is missing on the cluster of `client`; returns the shards that still are."""
    plan, out = os.path.abspath(plan), os.path.abspath(out)
    if os.path.dirname(halflink):
        halflink = os.path.abspath(halflink)
    missing = missing_shards(halflink, plan, out, shards)
    tasks = [
        client.submit(
            run_shard, halflink, plan, out, shard, threads, retries=retries, pure=False
        )
        for shard in missing
    ]
    for count, (task, result) in enumerate(
        as_completed(tasks, with_results=True, raise_errors=False), start=1
    ):
        if task.status != "finished":
            told(f"{count} of {len(tasks)}: {result[1] if isinstance(result, tuple) else result}")
            continue
        is_written, what = result
        if not is_written:
            client.cancel(tasks)
            raise BadPlan(what)
        told(f"{count} of {len(tasks)}: {what}")
    return missing_shards(halflink, plan, out, shards)


def main(arguments=None):
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("plan")
    parser.add_argument("--out", required=True, help="the folder for the results")
    parser.add_argument("--shards", required=True, type=int, help="of how many parts")
    parser.add_argument("--scheduler", help="address of a Dask scheduler")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="else so many here")
    parser.add_argument("--halflink", default="halflink", help="the binary")
    parser.add_argument("--threads", type=int, default=1, help="of one shard")
    options = parser.parse_args(arguments)
    try:
        missing = on_cluster(options)
    except BadPlan as bad:
        print(bad, file=sys.stderr)
        return BAD
    except (TryAgain, OSError, TimeoutError) as trouble:
        print(f"{trouble or type(trouble).__name__}; try again", file=sys.stderr)
        return TRY_AGAIN
    print("\n".join(missing), end="\n" if missing else "")
    return TRY_AGAIN if missing else 0


def on_cluster(options):
    """Runs what is missing, on a cluster of this machine if no other was named."""
    cluster = None
    if options.scheduler is None:
        cluster = LocalCluster(
            n_workers=options.workers, threads_per_worker=1, dashboard_address=None
        )
    try:
        with Client(options.scheduler or cluster) as client:
            return sweep(
                client,
                options.plan,
                options.out,
                options.shards,
                halflink=options.halflink,
                threads=options.threads,
                told=lambda line: print(line, file=sys.stderr),
            )
    finally:
        if cluster is not None:
            cluster.close()


if __name__ == "__main__":
    sys.exit(main())
