import os
import signal
import subprocess
import sys

KILLED = """
import multiprocessing, os, time
from kgrec_gds.evaluate.workers import end_with_parent

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
