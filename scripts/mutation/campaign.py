"""Runs scenarios against mutants: only those that can tell the mutant from the sound core, likeliest killers first.

A scenario is first run on the sound core, with a tape of what was asked of the core and what it answered. Played to a
mutant (tests/mutation/play.c), the tape tells at a small part of the cost whether the scenario can notice at all.
"""
import concurrent.futures
import os
import shutil
import subprocess
import threading
import time

SLACK_s = 10.0    # a mutant may be slower than the sound core by this and SLOWER times
SLOWER = 20.0
HOW = {1: "failed", 3: "not judged"}
REFUSED = 2       # the scenario itself was: somebody changed it under the run


class Suite:
    """The scenario files, which mutants each can see, and how often each has killed."""

    def __init__(self, folder, files):
        self.folder, self.files = folder, files
        self.program, self.player = os.path.join(folder, "packbench"), os.path.join(folder, "play")
        self.cost_s, self.sees, self.tape = {}, {}, {}
        self.kills, self.tries, self.kills_in = {}, {}, {}
        self.lock = threading.Lock()

    def record(self, jobs, progress):
        """Runs the sound core once on each file. Raises RuntimeError if it does not pass."""
        tapes = os.path.join(self.folder, "tapes")
        shutil.rmtree(tapes, ignore_errors=True)
        os.makedirs(tapes)

        def one(place):
            path = self.files[place]
            tape, cover = (os.path.join(tapes, f"{place}.{kind}") for kind in ("tape", "cover"))
            began = time.monotonic()
            env = dict(os.environ, PACKBENCH_MUTANT_TAPE=tape, PACKBENCH_MUTANT_COVER=cover)
            run = subprocess.run([self.program, "run", "--quiet", path], env=env, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, text=True, check=False)
            if run.returncode not in (0, 77):
                raise RuntimeError(f"{path} does not pass on the sound core (exit {run.returncode}):\n{run.stdout}")
            with open(cover, encoding="ascii") as f:
                return path, time.monotonic() - began, tape, {int(n) for n in f.read().split()}

        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            for done, (path, cost_s, tape, seen) in enumerate(pool.map(one, range(len(self.files))), 1):
                self.cost_s[path], self.tape[path], self.sees[path] = cost_s, tape, seen
                progress(f"sound core: {done} of {len(self.files)} scenarios")
        sound = subprocess.run([self.player, self.tape[self.files[0]], "0"], stdout=subprocess.PIPE, text=True, check=False)
        if sound.stdout != "0 same\n":
            raise RuntimeError("a tape played to the sound core does not give its own answers")

    def order(self, mutant):
        """Files that see the mutant: what kills in this function, kills often and is quick comes first."""
        def worth(path):
            here = self.kills_in.get((path, mutant.function), 0)
            rate = (self.kills.get(path, 0) + 1) / (self.tries.get(path, 0) + 2)
            return (rate + here) / (self.cost_s[path] + 0.02)

        with self.lock:
            return sorted((p for p in self.files if mutant.number in self.sees[p]), key=lambda p: (-worth(p), p))

    def can_tell(self, mutant, path):
        """Does the mutant answer anything else than the sound core?"""
        run = subprocess.run([self.player, self.tape[path], str(mutant.number)], stdout=subprocess.PIPE, text=True,
                             stderr=subprocess.PIPE, check=False)
        if run.returncode != 0:
            raise RuntimeError(run.stderr)
        return run.stdout.split()[1] == "differs"

    def attempt(self, mutant, path):
        """Runs the file; None if it passed, else how the mutant was noticed."""
        env = dict(os.environ, PACKBENCH_MUTANT=str(mutant.number))
        try:
            run = subprocess.run([self.program, "run", "--quiet", "--fail-fast", path], env=env, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL, timeout=SLACK_s + SLOWER * self.cost_s[path], check=False)
        except subprocess.TimeoutExpired:
            return "hung"
        if run.returncode in (0, 77):
            return None
        if run.returncode == REFUSED:
            raise RuntimeError(f"{path} is refused now: do not change scenarios or sources during a run")
        return HOW.get(run.returncode, "crashed")

    def judge(self, mutant):
        """(how, by whom): how is None for a survivor, "not seen" if no scenario can tell it from the sound core."""
        told = False
        for path in self.order(mutant):
            if not self.can_tell(mutant, path):
                continue
            told, how = True, self.attempt(mutant, path)
            with self.lock:
                self.tries[path] = self.tries.get(path, 0) + 1
                if how is not None:
                    self.kills[path] = self.kills.get(path, 0) + 1
                    here = (path, mutant.function)
                    self.kills_in[here] = self.kills_in.get(here, 0) + 1
            if how is not None:
                return how, path
        return (None if told else "not seen"), ""


def run(suite, mutants, jobs, progress, note):
    """Judges all; note(mutant, how, by) is called as each ends."""
    done = 0
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        waiting = {pool.submit(suite.judge, m): m for m in mutants}
        for future in concurrent.futures.as_completed(waiting):
            done += 1
            note(waiting[future], *future.result())
            progress(f"{done} of {len(mutants)} mutants")
