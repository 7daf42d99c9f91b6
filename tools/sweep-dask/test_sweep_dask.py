"""A cluster of two workers on this machine, one of which is killed; and the queries of
docs/SWEEP.md. HALFLINK names the binary."""

import os
import re
import signal
import tempfile
import threading
import time
import unittest
from pathlib import Path

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

    def test_a_full_disk_is_tried_again_and_a_bad_plan_is_not(self):
        self.plan.write_text(SLOW.replace("600", "5"), encoding="utf-8")
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
        self.assertEqual(self.sweep("results", 4), [])
        queries = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
        self.assertGreaterEqual(len(queries), 3)
        here = os.getcwd()
        os.chdir(self.folder)
        self.addCleanup(os.chdir, here)
        for query in queries:
            rows = duckdb.sql(query).fetchall()
            self.assertGreater(len(rows), 0, query)
        counted = duckdb.sql("SELECT count(*), count(DISTINCT run) FROM 'results/*.parquet'")
        self.assertEqual(counted.fetchall(), [(2 * 3 * 2 * 20,) * 2])


if __name__ == "__main__":
    unittest.main()
