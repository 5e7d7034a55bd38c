"""One build of packbench whose core holds all mutants."""
import concurrent.futures
import glob
import os
import subprocess

from schemata import Writer

FLAGS = ["-std=c11", "-I.", "-ffreestanding", "-DNDEBUG"]
# What a set of parameters may hold, and how records are kept, is the business of unit tests and of the storage scenarios.
LEFT_OUT = {"bms_param.c", "record.c", "record_code.c"}
# The tables of the core lose their const, here only, so that a constructor can change an entry; bad habits of generated
# text are no news.
COMPILE = ["gcc", *FLAGS, "-O2", "-w", "-Dconst="]


def sources():
    return sorted(f for f in glob.glob("bms_core/*.c") if os.path.basename(f) not in LEFT_OUT)


def write_if_new(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    try:
        with open(path, encoding="ascii") as f:
            if f.read() == text:
                return False
    except FileNotFoundError:
        pass
    with open(path, "w", encoding="ascii") as f:
        f.write(text)
    return True


def generate(folder):
    """All mutants in order; their files lie in folder."""
    mutants = []
    for path in sources():
        writer = Writer(path, FLAGS, len(mutants) + 1)
        write_if_new(os.path.join(folder, path), writer.rewrite())
        mutants += writer.mutants
    return mutants


WRAPPED = ["bms_init", "bms_step", "bms_set_param"]  # what record.c stands before


def build(base, folder):
    """Makes folder/packbench, folder/play and folder/cover out of the libraries in base. Returns the mutants."""
    subprocess.run(["make", "-s", f"BUILD={base}", f"{base}/packbench"], check=True)
    mutants = generate(folder)

    def compile_one(job):
        source, out, extra = job
        out = os.path.join(folder, out)
        subprocess.run([*COMPILE, *extra, "-c", source, "-o", out], check=True)
        return out

    def core(kind, extra):
        hosted = [*extra, "-Uconst", "-fhosted", "-D_POSIX_C_SOURCE=200809L", f"-DMUTANTS={len(mutants)}"]
        jobs = [(f"tests/mutation/{name}.c", f"{kind}-{name}.o", hosted) for name in ("play", "deck", "record", "mutant")]
        return jobs + [(os.path.join(folder, s), f"{kind}-{os.path.basename(s)}.o", extra) for s in sources()]

    jobs = core("plain", []) + core("cover", ["-DMUTANT_COVER"])
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        made = list(pool.map(compile_one, jobs))
    (play, deck, record, *plain), (cover, covering_deck, _, *covering) = made[:len(made) // 2], made[len(made) // 2:]
    libraries = [f"{base}/lib{name}.a" for name in ("sim", "ports", "bus", "model", "bms_core")]
    libraries = [lib for lib in libraries if os.path.exists(lib)]
    linked = subprocess.run(["make", "-s", f"BUILD={base}", "print-LDLIBS"], check=True, stdout=subprocess.PIPE, text=True)
    wrap = ["-Wl," + ",".join(f"--wrap={name}" for name in WRAPPED)]
    subprocess.run(["gcc", f"{base}/sim/main.o", *plain, record, *libraries, *wrap, *linked.stdout.split(),
                    "-o", os.path.join(folder, "packbench")], check=True)
    for name, parts in (("play", [play, deck, *plain]), ("cover", [cover, covering_deck, *covering])):
        subprocess.run(["gcc", *parts, f"{base}/libbms_core.a", "-o", os.path.join(folder, name)], check=True)
    return mutants


def bench_parts(base):
    """The files that make the bench, without the mutated part of the core: a tape holds for as long as they do."""
    return ([f"{base}/lib{name}.a" for name in ("sim", "ports", "bus", "model")] + [f"{base}/sim/main.o"] + sorted(glob.glob("bms_core/*.h")) +
            sorted(f"bms_core/{name}" for name in LEFT_OUT) + ["tests/mutation/record.c", "tests/mutation/tape.h"])
