"""A cluster of two workers on this machine, one of which is killed; and the queries of
docs/SWEEP.md. HALFLINK names the binary."""

import contextlib
import io
import os
import re
import signal
import tempfile
import threading
import time
import unittest
from pathlib import Path

import dask
import duckdb
from distributed import Client, LocalCluster

import sweep_dask

HALFLINK = os.path.abspath(os.environ["HALFLINK"])
DOC = Path(__file__).parents[2] / "docs" / "SWEEP.md"

SLOW = """halflink-sweep = 1
scenarios = ["cloudflare-2020"]
protocols = ["raft", "etcd-raft"]
seeds = { from = 1, count = 600 }
"""

QUICK = SLOW.replace("600", "5")

# Stands in for the binary: what it prints and how it ends when asked what is missing, and else.
STAND_IN = """#!/bin/sh
case "$*" in *--check*) {check} ;; esac
{shard}
"""

# Writes down that it was called, and fails once for a shard that the test names.
WRAPPER = """#!/bin/sh
case "$*" in *--shard\\ *)
  echo "$*" >> {log}
  if rm {fails} 2>/dev/null; then exit 75; fi ;;
esac
exec {halflink} "$@"
"""


def files(folder):
    """Names and bytes of all that is whole."""
    return {path.name: path.read_bytes() for path in sorted(Path(folder).glob("*.parquet"))}


class OnTwoWorkers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
        cls.client = Client(cls.cluster)

    @classmethod
    def tearDownClass(cls):
        cls.client.close()
        cls.cluster.close()

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="halflink-sweep-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.plan = self.folder / "plan.toml"
        self.log, self.fails = self.folder / "log", self.folder / "fails"
        self.halflink = self.folder / "halflink"
        self.halflink.write_text(
            WRAPPER.format(log=self.log, fails=self.fails, halflink=HALFLINK), encoding="utf-8"
        )
        self.halflink.chmod(0o755)

    def sweep(self, out, shards):
        return sweep_dask.sweep(
            self.client,
            self.plan,
            self.folder / out,
            shards,
            halflink=str(self.halflink),
            told=lambda line: None,
        )

    def calls(self):
        return self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []

    def test_a_killed_worker_changes_no_byte(self):
        self.plan.write_text(SLOW, encoding="utf-8")
        shards = 6
        self.assertEqual(self.sweep("calm", shards), [])
        self.assertEqual(len(self.calls()), shards)
        self.log.unlink()
        victim = next(iter(self.client.run(os.getpid).values()))
        missing = []
        thread = threading.Thread(target=lambda: missing.append(self.sweep("killed", shards)))
        thread.start()
        while len(self.calls()) < 2:
            time.sleep(0.005)
        os.kill(victim, signal.SIGKILL)
        thread.join(timeout=120)
        self.assertEqual(missing, [[]])
        self.assertGreater(len(self.calls()), shards, "what it was about was run again")
        self.assertEqual(files(self.folder / "calm"), files(self.folder / "killed"))
        self.assertEqual(len(files(self.folder / "calm")), shards)

    def ended(self, *more, shards=2):
        """Of the command line: its exit code, and what it says."""
        arguments = [str(self.plan), "--out", str(self.folder / "out"), "--shards", str(shards)]
        if "--scheduler" not in more:
            arguments += ["--scheduler", self.cluster.scheduler_address]
        out, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
            code = sweep_dask.main([*arguments, *more])
        return code, out.getvalue(), errors.getvalue()

    def stand_in(self, check, shard):
        self.halflink.write_text(STAND_IN.format(check=check, shard=shard), encoding="utf-8")
        return self.ended("--halflink", str(self.halflink))

    def test_exit_codes_are_those_of_the_binary(self):
        self.plan.write_text(QUICK, encoding="utf-8")
        unseen = self.stand_in("echo no such folder >&2; exit 75", "exit 0")
        self.assertEqual(unseen[:2], (75, ""))
        self.assertIn("no such folder", unseen[2])
        self.assertEqual(self.stand_in("exit 101", "exit 0")[:2], (75, ""))
        self.assertEqual(self.stand_in("exit 2", "exit 0")[:2], (2, ""))
        two = "echo 0/2; echo 1/2; exit 75"
        code, out, errors = self.stand_in(two, f"echo >> {self.log}; echo too many >&2; exit 2")
        self.assertEqual((code, out), (2, ""))
        self.assertIn("too many", errors)
        self.assertLessEqual(len(self.calls()), 2, "it is not tried again")
        self.assertEqual(self.stand_in(two, "exit 75")[:2], (75, "0/2\n1/2\n"))
        code, out, errors = self.ended("--halflink", str(self.folder / "nobody"))
        self.assertEqual((code, out), (75, ""))
        self.assertIn("nobody", errors)
        with dask.config.set({"distributed.comm.timeouts.connect": "200ms"}):
            self.assertEqual(self.ended("--scheduler", "tcp://127.0.0.1:1")[0], 75)

    def test_a_path_to_the_binary_is_that_of_whoever_asks(self):
        self.plan.write_text(QUICK, encoding="utf-8")
        here = os.getcwd()
        os.chdir(self.folder)
        self.addCleanup(os.chdir, here)
        for path in ["./halflink", str(self.halflink)]:
            self.assertEqual(self.ended("--halflink", path)[:2], (0, ""), path)

    def test_a_shard_that_fails_is_tried_again_and_a_bad_plan_is_not(self):
        self.plan.write_text(QUICK, encoding="utf-8")
        self.fails.touch()
        self.assertEqual(self.sweep("again", 2), [])
        self.assertEqual(len(self.calls()), 3)
        # What is there already is not run again.
        self.assertEqual(self.sweep("again", 2), [])
        self.assertEqual(len(self.calls()), 3)
        self.plan.write_text(SLOW.replace("etcd-raft", "etc"), encoding="utf-8")
        with self.assertRaisesRegex(sweep_dask.BadPlan, "plan.toml:3:22"):
            self.sweep("bad", 2)

    def test_the_queries_of_the_documentation(self):
        text = DOC.read_text(encoding="utf-8")
        [plan] = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
        self.plan.write_text(plan.replace("count = 100", "count = 20"), encoding="utf-8")
        # Two shardings, so each run is there twice.
        self.assertEqual(self.sweep("results", 4), [])
        self.assertEqual(self.sweep("results", 3), [])
        view, *queries = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
        self.assertGreaterEqual(len(queries), 4)
        here = os.getcwd()
        os.chdir(self.folder)
        self.addCleanup(os.chdir, here)
        base = duckdb.connect()
        self.addCleanup(base.close)
        counts = "SELECT count(*), count(DISTINCT run) FROM "
        runs = 2 * 3 * 2 * 20
        counted = base.sql(counts + "'results/*.parquet'").fetchall()
        self.assertEqual(counted, [(2 * runs, runs)])
        base.execute(view)
        self.assertEqual(base.sql(counts + "runs").fetchall(), [(runs, runs)])
        both = [base.sql(query).fetchall() for query in queries]
        self.assertEqual(sum(row[3] for row in both[0]), runs)
        # The same where there is one sharding alone.
        for path in Path("results").glob("*-of-00003.parquet"):
            path.unlink()
        for query, rows in zip(queries, both):
            self.assertGreater(len(rows), 0, query)
            self.assertEqual(rows, base.sql(query).fetchall(), query)


if __name__ == "__main__":
    unittest.main()
