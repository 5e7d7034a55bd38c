/* Runs the built program: exit codes, what goes to stdout and what to stderr. PACKBENCH names it. */
#include "tests/support/check_run.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define OUTPUT_SIZE 65536
#define GOOD "tests/data/scenarios/over_voltage.json"
#define ROOT "--root tests/data/root "

struct outcome {
    int code;
    char out[OUTPUT_SIZE]; /* stdout, or stderr */
};

static const char *program(void)
{
    const char *path = getenv("PACKBENCH");

    return path != NULL ? path : "build/packbench";
}

/* Runs the program with arguments and redirections; keeps one of its outputs. */
static struct outcome run(const char *before, const char *arguments, const char *keep)
{
    static struct outcome o;
    char command[1024];
    size_t used;
    FILE *pipe;

    (void)snprintf(command, sizeof command, "%s %s %s %s", before, program(), arguments,
                   strcmp(keep, "stderr") == 0 ? "2>&1 >/dev/null" : "2>/dev/null");
    pipe = popen(command, "r"); // NOLINT(cert-env33-c): the test is the one who writes the command
    ck_assert_ptr_nonnull(pipe);
    used = fread(o.out, 1, sizeof o.out - 1, pipe);
    o.out[used] = '\0';
    o.code = WEXITSTATUS(pclose(pipe));
    return o;
}

/* clang-format off */
static const struct {
    const char *before, *arguments;
    int code;
    const char *keep, *says;
} uses[] = {
    { "", "", 2, "stdout", "usage: packbench COMMAND" },
    { "", "help", 0, "stdout", "commands:" },
    { "", "--help", 0, "stdout", "explain" },
    { "", "help run", 0, "stdout", "usage: packbench run [--out DIR]" },
    { "", "run --help", 0, "stdout", "--jobs N" },
    { "", "help format", 0, "stdout", "rest voltage" },
    { "", "help signals", 0, "stdout", "cell.voltage.max" },
    { "", "help faults", 0, "stdout", "sense wire open" },
    { "", "help formt", 2, "stderr", "did you mean format?" },
    { "", "help run check", 2, "stderr", "one word too many" },
    { "", "version", 0, "stdout", "packbench " },
    { "", "--version", 0, "stdout", "packbench " },
    { "", "chek " GOOD, 2, "stderr", "did you mean check?" },
    { "", "check", 2, "stderr", "PATH... is missing" },
    { "", "check --tga x " GOOD, 2, "stderr", "did you mean --tag?" },
    { "", "check -x " GOOD, 2, "stderr", "usage: packbench check" },
    { "", "check " GOOD " --tag", 2, "stderr", "--tag needs a value" },
    { "", "list --json=1 " GOOD, 2, "stderr", "takes no value" },
    { "", "check " ROOT GOOD, 0, "stdout", GOOD ": ok, 1 case" },
    { "", "check " GOOD " " ROOT, 0, "stdout", "ok, 1 case" },
    { "", "check --root=tests/data/root -- " GOOD, 0, "stdout", "ok, 1 case" },
    { "", "check " ROOT "-- --tag", 2, "stderr", "--tag: error: No such file" },
    { "PACKBENCH_ROOT=tests/data/root", "check " GOOD, 0, "stdout", "ok, 1 case" },
    { "", "check --root tests/data " GOOD, 2, "stderr", "no folder model/packs" },
    { "", "check " ROOT "tests/data/scenarios", 0, "stdout", "sweep.json: ok, 4 cases" },
    { "", "check " ROOT "tests/data/scenarios", 0, "stdout", "tests/data/scenarios/acts.json: ok, 1 case\ntests/data/scenarios/cases.json: ok" },
    { "", "check " ROOT "tests/data/root/scenarios", 4, "stderr", "no scenario was selected" }, /* only requirements there */
    { "", "check " ROOT "--tag slice tests/data/scenarios", 0, "stdout", "over_voltage" },
    { "", "check " ROOT "--tag nothing tests/data/scenarios", 4, "stderr", "no scenario was selected" },
    { "", "check " ROOT "tests/data/missing.json", 2, "stderr", "tests/data/missing.json: error: No such file" },
    { "", "check " ROOT "model/cells/lfp100.json", 2, "stderr", "unknown key \"schema\"" },
    { "cat " GOOD " |", "check " ROOT "-", 0, "stdout", "<stdin>: ok, 1 case" },
    { "sed s/T-OV/T-OW/ " GOOD " |", "check " ROOT "-", 2, "stderr", "<stdin>:17:22: expect[0].requirement: error: no requirement \"T-OW\"" },
    { "sed s/T-OV/T-OW/ " GOOD " |", "check " ROOT "-", 2, "stdout", NULL },
    { "", "check " ROOT "/dev/null", 2, "stderr", "empty" },
    { "", "explain " ROOT GOOD, 0, "stdout", "charge.allowed must become false" },
    { "", "explain " ROOT GOOD, 0, "stderr", NULL },
    { "", "list " ROOT "tests/data/scenarios", 0, "stdout", "over_voltage.json  1 case  A cell above 3.70 V stops charging, and only charging\n    T-OV, T-ACT, T-HARM\n" },
    { "", "list --json " ROOT GOOD, 0, "stdout", "\"tags\":[\"slice\",\"voltage\"],\"rows\":[\"T-OV\",\"T-ACT\",\"T-HARM\"]}" },
};
/* clang-format on */

START_TEST(the_program_answers_as_it_should)
{
    const struct outcome o = run(uses[_i].before, uses[_i].arguments, uses[_i].keep);

    ck_assert_msg(o.code == uses[_i].code, "packbench %s: exit %d, not %d\n%s", uses[_i].arguments, o.code,
                  uses[_i].code, o.out);
    if (uses[_i].says == NULL) {
        ck_assert_str_eq(o.out, "");
    } else {
        ck_assert_msg(strstr(o.out, uses[_i].says) != NULL, "packbench %s: \"%s\" is not in:\n%s", uses[_i].arguments,
                      uses[_i].says, o.out);
    }
}
END_TEST

/* Runs a shell command in which $P is the program. */
static int shell(const char *text)
{
    char command[1200];

    (void)snprintf(command, sizeof command, "P=$(realpath %s); %s", program(), text);
    return WEXITSTATUS(system(command)); // NOLINT(cert-env33-c): the test is the one who writes the command
}

START_TEST(a_full_disk_is_not_a_success)
{
    ck_assert_int_eq(shell("$P check " ROOT GOOD " >/dev/full 2>/dev/null"), 3);
    ck_assert_int_eq(shell("$P help >/dev/full 2>/dev/null"), 3);
}
END_TEST

START_TEST(data_are_found_above_the_executable_from_any_folder)
{
    ck_assert_int_eq(shell("D=$(mktemp -d) && mkdir -p $D/model/packs $D/scenarios/requirements && mkdir $D/build && "
                           "cp $P $D/build/ && cd / && "
                           "$D/build/packbench list >/dev/null 2>&1; code=$?; rm -r $D; exit $code"),
                     4); /* found, and there are no scenarios in it */
}
END_TEST

int main(void)
{
    Suite *s = suite_create("cli");
    TCase *t = tcase_create("cli");

    tcase_add_loop_test(t, the_program_answers_as_it_should, 0, (int)(sizeof uses / sizeof uses[0]));
    tcase_add_test(t, a_full_disk_is_not_a_success);
    tcase_add_test(t, data_are_found_above_the_executable_from_any_folder);
    suite_add_tcase(s, t);
    return check_run(s);
}
