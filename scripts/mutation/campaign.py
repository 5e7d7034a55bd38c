"""Runs scenarios against mutants: only those that can tell the mutant from the sound core, likeliest killers first."""
import concurrent.futures
import os
import subprocess
import tempfile
import threading
import time

SINGLY = 4        # scenarios that are tried one by one before the rest run in one process
SLACK_s = 10.0    # a mutant may be slower than the sound core by this and SLOWER times
SLOWER = 20.0
HOW = {1: "failed", 3: "not judged", 2: "refused"}


class Suite:
    """The scenario files, which mutants each can see, and how often each has killed."""

    def __init__(self, program, files):
        self.program, self.files = program, files
        self.cost_s, self.sees = {}, {}
        self.kills, self.tries, self.kills_in = {}, {}, {}
        self.lock = threading.Lock()

    def cover(self, jobs, progress):
        """Runs the sound core once on each file. Raises RuntimeError if it does not pass."""

        def one(path):
            with tempfile.NamedTemporaryFile(prefix="cover") as f:
                began = time.monotonic()
                env = dict(os.environ, PACKBENCH_MUTANT_COVER=f.name)
                run = subprocess.run([self.program, "run", "--quiet", path], env=env, stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT, text=True, check=False)
                if run.returncode not in (0, 77):
                    raise RuntimeError(f"{path} does not pass on the sound core (exit {run.returncode}):\n{run.stdout}")
                seen = {int(n) for n in f.read().split()}
                return path, time.monotonic() - began, seen

        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            for done, (path, cost_s, seen) in enumerate(pool.map(one, self.files), 1):
                self.cost_s[path], self.sees[path] = cost_s, seen
                progress(f"coverage {done} of {len(self.files)}")

    def order(self, mutant):
        """Files that see the mutant: what kills in this function, kills often and is quick comes first."""
        def worth(path):
            here = self.kills_in.get((path, mutant.function), 0)
            rate = (self.kills.get(path, 0) + 1) / (self.tries.get(path, 0) + 2)
            return (rate + here) / (self.cost_s[path] + 0.02)

        with self.lock:
            return sorted((p for p in self.files if mutant.number in self.sees[p]), key=lambda p: (-worth(p), p))

    def attempt(self, mutant, paths):
        """Runs the files; None if all passed, else how the mutant was noticed."""
        limit_s = SLACK_s + SLOWER * sum(self.cost_s[p] for p in paths)
        env = dict(os.environ, PACKBENCH_MUTANT=str(mutant.number))
        try:
            run = subprocess.run([self.program, "run", "--quiet", "--fail-fast", *paths], env=env, timeout=limit_s,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        except subprocess.TimeoutExpired:
            return "hung"
        if run.returncode in (0, 77):
            return None
        return HOW.get(run.returncode, "crashed")

    def judge(self, mutant):
        """(how, by whom): how is None for a survivor, "not seen" if no scenario can tell."""
        paths = self.order(mutant)
        if not paths:
            return "not seen", ""
        groups = [[p] for p in paths[:SINGLY]]
        rest = sorted(paths[SINGLY:], key=lambda p: (self.cost_s[p], p))
        groups += [rest] if rest else []
        for group in groups:
            how = self.attempt(mutant, group)
            with self.lock:
                for p in group if len(group) == 1 else []:
                    self.tries[p] = self.tries.get(p, 0) + 1
                    if how is not None:
                        self.kills[p] = self.kills.get(p, 0) + 1
                        key = (p, mutant.function)
                        self.kills_in[key] = self.kills_in.get(key, 0) + 1
            if how is not None:
                return how, group[0] if len(group) == 1 else f"one of {len(group)}"
        return None, ""


def run(suite, mutants, jobs, progress, note):
    """Judges all; note(mutant, how, by) is called as each ends."""
    done = 0
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        waiting = {pool.submit(suite.judge, m): m for m in mutants}
        for future in concurrent.futures.as_completed(waiting):
            done += 1
            note(waiting[future], *future.result())
            progress(f"{done} of {len(mutants)} mutants")
