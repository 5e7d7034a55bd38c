"""Runs scenarios against mutants: only those that can tell the mutant from the sound core, likeliest killers first.

A scenario is first run on the sound core, with a tape of what was asked of the core and what it answered (cache.py). Played
to a mutant (tests/mutation/play.c), the tape tells at a small part of the cost whether the scenario can notice at all.

Each mutant first meets, one by one, what is likeliest to kill it, for LOOK_s of scenarios. Those that live on go through
the rest of the suite together, cheap scenarios first: a tape is then played once for many of them. What has lived through
the given number of scenarios that can tell it is let go as a survivor: that can only lower the score.
"""
import concurrent.futures
import os
import re
import resource
import signal
import subprocess
import threading

from notice import promise

SLACK_s = 3.0     # a mutant may take this of the processor, and SLOWER times as much as the sound core
SLOWER = 5.0
LOOK_s = 2.0      # the first look: scenarios that cost as much together
GROWTH = 4.0      # and in each round after it
# What the expectations of a scenario speak of when it is about the work of a file: asked first for that file's mutants.
ABOUT = {
    "access": r"bms\.(access|write)", "act": r"bms\.(trips|locked|record|mode|fet)", "balance": r"bms\.(balanc|wire)",
    "blink": r"bms\.(led|buzzer)", "bms": r"bms\.(runtime|heater|balanc|cycles|remaining|soc|write)",
    "control": r"bms\.(updating|write|charges|runtime|record)", "display": r"bms\.display", "display_pages": r"bms\.display",
    "fault_engine": r"bms\.(protection|alarm)", "keys": r"bms\.(power|wake|master|display)", "limiter": r"bms\.limiter",
    "limits": r"\.limit\b", "measure": r"bms\.protection\.(sense_wire|sensor|cell_ov|pack_ov|chg_oc)|bms\.soc",
    "panel": r"bms\.(led|buzzer|contact)", "power": r"bms\.(power|wake|fet)", "sense": r"bms\.protection|bms\.locked",
    "soc": r"bms\.(soc|remaining|capacity|cycles|full)"}
ABOUT_IT = 0.5    # as much as half a kill for each such expectation, of at most ABOUT_MOST
ABOUT_MOST = 4
FIXED_s = 0.1     # added to the cost of a scenario: the cheapest is not the likeliest
HANGS = 2.0       # more than any promise
HOW = {1: "failed", 3: "not judged"}
OUT_OF_TIME = (-signal.SIGXCPU, -signal.SIGKILL)
REFUSED = 2       # the scenario itself was


class Suite:
    """The scenario files, which mutants each can see, and how often each has killed."""

    def __init__(self, folder, files, cheap_s=None, tries=None):
        self.files, self.cheap_s, self.most = files, cheap_s, tries
        self.program, self.player = os.path.join(folder, "packbench"), os.path.join(folder, "play")
        self.cost_s, self.sees, self.tape = {}, {}, {}
        self.kills, self.tries, self.kills_in = {}, {}, {}
        self.lock = threading.Lock()
        self.text = {}
        for path in files:
            with open(path, encoding="utf-8") as f:
                self.text[path] = f.read()
        self.about = {(p, f): n for p in files for f, n in self._about(p)}

    def _about(self, path):
        text = self.text[path].partition('"expect"')[2]
        for name, words in ABOUT.items():
            yield f"bms_core/{name}.c", min(ABOUT_MOST, len(re.findall(words, text)))

    def record(self, cache, jobs, progress):
        """Runs the sound core once on each file that is new. Raises RuntimeError if it does not pass."""
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            for done, (path, got) in enumerate(zip(self.files, pool.map(cache.get, self.files)), 1):
                self.tape[path], self.cost_s[path], self.sees[path] = got
                progress(f"sound core: {done} of {len(self.files)} scenarios")
        if self.cheap_s is not None:
            self.files = [p for p in self.files if self.cost_s[p] <= self.cheap_s]

    def order(self, mutant):
        """Files that see the mutant: what is about this file, kills in this function, kills often and is quick comes first."""
        def worth(path):
            here = self.kills_in.get((path, mutant.function), 0) + 0.2 * self.kills_in.get((path, mutant.file), 0)
            rate = (self.kills.get(path, 0) + 1) / (self.tries.get(path, 0) + 2)
            here += ABOUT_IT * self.about.get((path, mutant.file), 0)
            return (rate + here) / (self.cost_s[path] + FIXED_s)

        with self.lock:
            return sorted((p for p in self.files if mutant.number in self.sees[p]), key=lambda p: (-worth(p), p))

    def who_can_tell(self, path, mutants):
        """Those of the mutants whose other answers the scenario may notice: {mutant: its promise (notice.py), or HANGS}."""
        asked = [f"{m.number}@{self.sees[path][m.number]}" for m in mutants]
        run = subprocess.run([self.player, self.tape[path], *asked], stdout=subprocess.PIPE, text=True,
                             stderr=subprocess.PIPE, check=False)
        if run.returncode != 0:
            raise RuntimeError(run.stderr)
        said = {int(n): what for n, *what in (line.split() for line in run.stdout.splitlines())}
        tell = {m: HANGS if said[m.number][0] == "hangs" else promise(self.text[path], said[m.number][1:])
                for m in mutants if said[m.number][0] != "same"}
        return {m: likely for m, likely in tell.items() if likely > 0.0}

    def attempt(self, mutant, path):
        """Runs the file; None if it passed, else how the mutant was noticed."""
        env = dict(os.environ, PACKBENCH_MUTANT=str(mutant.number))
        with subprocess.Popen([self.program, "run", "--quiet", "--fail-fast", path], env=env, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as run:
            most_s = int(SLACK_s + SLOWER * self.cost_s[path])
            resource.prlimit(run.pid, resource.RLIMIT_CPU, (most_s, most_s + 1))
            code = run.wait()
        if code == REFUSED:
            raise RuntimeError(f"{path} is refused with a mutant, and was not without")
        how = None if code in (0, 77) else "hung" if code in OUT_OF_TIME else HOW.get(code, "crashed")
        with self.lock:
            self.tries[path] = self.tries.get(path, 0) + 1
            if how is not None:
                self.kills[path] = self.kills.get(path, 0) + 1
                for here in ((path, mutant.function), (path, mutant.file)):
                    self.kills_in[here] = self.kills_in.get(here, 0) + 1
        return how


class Trial:
    """One mutant on its way through the suite."""

    def __init__(self, suite, mutant):
        self.suite, self.mutant = suite, mutant
        self.met, self.tries, self.how, self.by = set(), 0, None, ""

    def next_files(self, budget_s):
        """The likeliest of those not met yet, up to a cost together; at least one if there is any."""
        chosen, spent_s = [], 0.0
        for path in self.suite.order(self.mutant):
            if path not in self.met:
                spent_s += self.suite.cost_s[path]
                if chosen and spent_s > budget_s:
                    break
                chosen.append(path)
        return chosen

    def attempt(self, path, likely):
        """Is it killed? What hangs the core would hang the bench at the same place."""
        self.tries += 1
        how = "hung" if likely == HANGS else self.suite.attempt(self.mutant, path)
        if how is not None:
            self.how, self.by = how, path
        return how is not None

    def is_given_up(self):
        return self.suite.most is not None and self.tries >= self.suite.most

    def attempts(self, tell):
        """Those that may notice, the most promising first. Is it killed?"""
        cost_s = self.suite.cost_s
        order = sorted(tell, key=lambda p: (-tell[p] / (cost_s[p] + FIXED_s), p))
        return any(not self.is_given_up() and self.attempt(path, tell[path]) for path in order)

    def look(self):
        """A few at a time, the order made anew after each."""
        spent_s = 0.0
        while spent_s < LOOK_s:
            files = self.next_files(LOOK_s / 8)
            if not files:
                return True
            self.met.update(files)
            spent_s += sum(self.suite.cost_s[path] for path in files)
            tell = {path: self.suite.who_can_tell(path, [self.mutant]).get(self.mutant) for path in files}
            if self.attempts({path: likely for path, likely in tell.items() if likely is not None}):
                return True
        return False

    def verdict(self):
        """(how, by, tries): how is None for a survivor, "not seen" if no scenario can tell it from the sound core."""
        return (self.how if self.tries > 0 else "not seen"), self.by, self.tries


def rounds(suite, trials, pool, ended):
    """The rest of the suite for those that live on."""
    budget_s = LOOK_s
    while trials:
        budget_s *= GROWTH
        plan, by_file, tell = {t: t.next_files(budget_s) for t in trials}, {}, {t: {} for t in trials}
        for t, files in plan.items():
            t.met.update(files)
            for path in files:
                by_file.setdefault(path, []).append(t)

        def play(path, by_file=by_file, tell=tell):
            them = {t.mutant.number: t for t in by_file[path]}
            for m, likely in suite.who_can_tell(path, [t.mutant for t in by_file[path]]).items():
                tell[them[m.number]][path] = likely

        list(pool.map(play, sorted(by_file, key=lambda p: -suite.cost_s[p])))

        def attempts(t, plan=plan, tell=tell):
            return t.attempts(tell[t]) or not plan[t] or t.is_given_up()

        over = dict(zip(trials, pool.map(attempts, trials)))
        for t in trials:
            if over[t]:
                ended(t)
        trials = [t for t in trials if not over[t]]


def run(suite, mutants, jobs, progress, note):
    """Judges all; note(mutant, how, by, tries) is called as each ends."""
    done, left = 0, []

    def ended(trial):
        nonlocal done
        done += 1
        note(trial.mutant, *trial.verdict())
        progress(f"{done} of {len(mutants)} mutants")

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        waiting = {pool.submit(t.look): t for t in (Trial(suite, m) for m in mutants)}
        for future in concurrent.futures.as_completed(waiting):
            if future.result():
                ended(waiting[future])
            else:
                left.append(waiting[future])
        rounds(suite, sorted(left, key=lambda t: t.mutant.number), pool, ended)
