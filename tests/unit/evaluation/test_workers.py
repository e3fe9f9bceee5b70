import operator
import os
import signal
import subprocess
import sys
import time

import pytest

from kgrec_gds.evaluation.workers import processes

INTERRUPTED = """
import os, time
from kgrec_gds.evaluation.workers import processes

def work():
    print(os.getpid(), flush=True)
    time.sleep(600)

if __name__ == "__main__":
    with processes(2) as pool:
        futures = [pool.submit(work) for _ in range(4)]
        futures[0].result()
"""

KILLED = """
import multiprocessing, os, time
from kgrec_gds.evaluation.workers import end_with_parent

def work():
    end_with_parent()
    print(os.getpid(), flush=True)
    time.sleep(600)

if __name__ == "__main__":
    multiprocessing.get_context("spawn").Process(target=work).start()
    time.sleep(600)
"""


def test_a_worker_ends_when_its_parent_is_killed(tmp_path):
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as parent:
        worker = int(parent.stdout.readline())
        parent.kill()
        try:
            parent.communicate(
                timeout=30
            )  # the worker writes to the same pipe, which ends with its last writer
        except subprocess.TimeoutExpired:
            os.kill(worker, signal.SIGKILL)
            raise


def test_an_interrupt_ends_workers_and_what_waits_for_them(tmp_path):
    script = tmp_path / "interrupted.py"
    script.write_text(INTERRUPTED)
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as parent:
        working = [int(parent.stdout.readline()) for _ in range(2)]
        os.killpg(parent.pid, signal.SIGINT)
        try:
            others, error = parent.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(parent.pid, signal.SIGKILL)
            raise
    assert len(set(working)) == 2
    assert not others  # nothing that waited was begun
    assert error.rstrip().endswith("KeyboardInterrupt")


def fail_beside_one_that_takes_long():
    with processes(2) as pool:
        pool.submit(time.sleep, 600)
        pool.submit(operator.truediv, 1, 0).result()


def test_one_that_fails_ends_the_others_and_says_why():
    started = time.monotonic()
    with pytest.raises(ZeroDivisionError):
        fail_beside_one_that_takes_long()
    assert time.monotonic() - started < 300  # it does not wait for the other
