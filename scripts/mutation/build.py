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
    """Makes folder/packbench and folder/play out of the libraries in base. Returns the mutants."""
    subprocess.run(["make", "-s", f"BUILD={base}", f"{base}/packbench"], check=True)
    mutants = generate(folder)

    def compile_one(pair):
        source, extra = pair
        out = os.path.join(folder, os.path.basename(source) + ".o")
        subprocess.run([*COMPILE, *extra, "-c", source, "-o", out], check=True)
        return out

    hosted = ["-Uconst", "-fhosted", "-D_POSIX_C_SOURCE=200809L", f"-DMUTANTS={len(mutants)}"]
    jobs = [(os.path.join(folder, s), []) for s in sources()]
    jobs += [(f"tests/mutation/{name}.c", hosted) for name in ("mutant", "record", "play")]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        *core, record, play = pool.map(compile_one, jobs)
    libraries = [f"{base}/lib{name}.a" for name in ("sim", "bus", "model", "bms_core")]
    libraries = [lib for lib in libraries if os.path.exists(lib)]
    linked = subprocess.run(["make", "-s", f"BUILD={base}", "print-LDLIBS"], check=True, stdout=subprocess.PIPE, text=True)
    wrap = ["-Wl," + ",".join(f"--wrap={name}" for name in WRAPPED)]
    subprocess.run(["gcc", f"{base}/sim/main.o", *core, record, *libraries, *wrap, *linked.stdout.split(),
                    "-o", os.path.join(folder, "packbench")], check=True)
    subprocess.run(["gcc", play, *core, f"{base}/libbms_core.a", "-o", os.path.join(folder, "play")], check=True)
    return mutants
