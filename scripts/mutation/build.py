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


def build(base, folder):
    """Makes folder/packbench out of the libraries in base. Returns (program, mutants)."""
    subprocess.run(["make", "-s", f"BUILD={base}", f"{base}/packbench"], check=True)
    mutants = generate(folder)
    objects = []

    def compile_one(pair):
        source, extra = pair
        out = os.path.join(folder, os.path.basename(source) + ".o")
        subprocess.run([*COMPILE, *extra, "-c", source, "-o", out], check=True)
        return out

    jobs = [("tests/mutation/mutant.c", ["-Uconst", "-fhosted", f"-DMUTANTS={len(mutants)}"])]
    jobs += [(os.path.join(folder, s), []) for s in sources()]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        objects = list(pool.map(compile_one, jobs))
    libraries = [f"{base}/lib{name}.a" for name in ("sim", "bus", "model", "bms_core")]
    libraries = [lib for lib in libraries if os.path.exists(lib)]
    program = os.path.join(folder, "packbench")
    linked = subprocess.run(["make", "-s", f"BUILD={base}", "print-LDLIBS"], check=True, stdout=subprocess.PIPE, text=True)
    subprocess.run(["gcc", f"{base}/sim/main.o", *objects, *libraries, *linked.stdout.split(), "-o", program], check=True)
    return program, mutants
