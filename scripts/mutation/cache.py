"""Keeps each scenario's tape and cover between runs, for as long as nothing changes that they depend on.

A tape hangs on the scenario, the data it names, the bench and the answers of the core. When only the core changes the old
tape is played to the new core: answers that are all the same mean that the bench would have done the same throughout.
"""
import glob
import hashlib
import json
import os
import re
import subprocess

DATA = ("model/cells/*.json", "model/packs/*.json", "bms_core/params/*.json")
TABLES = "scenarios/requirements/*.json"


def read(path):
    with open(path, "rb") as f:
        return f.read()


def digest(*parts):
    h = hashlib.sha256()
    for part in parts:
        h.update(len(part).to_bytes(8, "big") + part)
    return h.hexdigest()


def run_for_cost(command, env=None):
    """(exit code, output, seconds of processor)"""
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        text = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, text.decode(errors="replace"), usage.ru_utime + usage.ru_stime


class Dependencies:
    """What a scenario hangs on besides the bench: the rows and the packs, cells and parameter sets that it names."""

    def __init__(self):
        self.data = {os.path.basename(p)[:-5]: read(p) for pattern in DATA for p in sorted(glob.glob(pattern))}
        self.rows = {}
        for path in sorted(glob.glob(TABLES)):
            table = json.loads(read(path))
            head = json.dumps({k: v for k, v in table.items() if k != "rows"})
            for row in table["rows"]:
                self.rows[row["id"]] = self.rows.get(row["id"], "") + head + json.dumps(row)

    def key(self, text):
        """A name counts as named wherever it stands: too many is harmless."""
        words = set(re.findall(rb"[A-Za-z0-9_-]+", text))
        parts = [self.rows[w].encode() for w in sorted(x.decode() for x in words) if w in self.rows]
        known, new = set(), words
        while new:
            found = {w for w in (x.decode() for x in new) if w in self.data and w not in known}
            known |= found
            new = {x for w in found for x in re.findall(rb"[A-Za-z0-9_-]+", self.data[w])}
        return digest(text, *parts, *(self.data[w] for w in sorted(known)))


class Cache:
    """Tapes and covers in folder/cache, one of each for a path."""

    def __init__(self, folder, parts):
        self.folder = os.path.join(folder, "cache")
        self.program, self.coverer = os.path.join(folder, "packbench"), os.path.join(folder, "cover")
        self.dependencies = Dependencies()
        self.bench = digest(*(read(p) for p in parts))
        self.core = digest(read(self.coverer))
        os.makedirs(self.folder, exist_ok=True)

    def get(self, path):
        """(tape, seconds, {mutant: first entry that sees it}); RuntimeError if the sound core does not pass."""
        name = os.path.join(self.folder, hashlib.sha256(path.encode()).hexdigest()[:16])
        tape, note = name + ".tape", name + ".json"
        key = digest(self.bench.encode(), self.dependencies.key(read(path)).encode())
        try:
            old = json.loads(read(note))
        except (FileNotFoundError, ValueError):
            old = {}
        if old.get("key") == key and old.get("core") == self.core and os.path.exists(tape):
            return tape, old["cost_s"], {int(n): first for n, first in old["sees"].items()}
        cost_s, sees = old.get("cost_s"), None
        if old.get("key") == key and os.path.exists(tape):
            sees = self.cover(tape)
        if sees is None:
            cost_s = self.record(path, tape)
            sees = self.cover(tape)
        if sees is None:
            raise RuntimeError(f"{path}: its tape played to the sound core does not give its own answers")
        with open(note + ".new", "w", encoding="ascii") as f:
            json.dump({"path": path, "key": key, "core": self.core, "cost_s": cost_s, "sees": sees}, f)
        os.replace(note + ".new", note)
        return tape, cost_s, sees

    def record(self, path, tape):
        env = dict(os.environ, PACKBENCH_MUTANT_TAPE=tape)
        code, text, cost_s = run_for_cost([self.program, "run", "--quiet", path], env)
        if code not in (0, 77):
            raise RuntimeError(f"{path} does not pass on the sound core (exit {code}):\n{text}")
        return cost_s

    def cover(self, tape):
        """{mutant: first entry}, or None if the core answers otherwise now."""
        code, text, _ = run_for_cost([self.coverer, tape])
        lines = text.split()
        if code == 2 or not lines:
            raise RuntimeError(text)
        return {int(n): int(first) for n, _, first in (x.partition("@") for x in lines[1:])} if lines[0] == "same" else None
