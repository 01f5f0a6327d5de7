"""A random SIGKILL, as a bad night deals it: to a search's own process or to one of its workers."""

import os
import random
import signal
import subprocess

import psutil


def kill_something(chance: random.Random, sweeper: "subprocess.Popen[bytes]") -> str:
    """Kills one process of a running search; returns which kind it was."""
    workers = psutil.Process(sweeper.pid).children()
    if workers and chance.random() < 0.5:
        os.kill(chance.choice(workers).pid, signal.SIGKILL)
        return "worker"
    sweeper.kill()
    sweeper.wait()
    return "parent"
