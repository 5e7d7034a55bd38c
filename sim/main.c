/* packbench: a bench for battery-management systems. Everything is in the command table (sim/cmd.c). */
#include "sim/cmd.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    const int code = cmd_dispatch(argc - 1, argv + 1);

    /* A full disk behind a redirection must not look like success. */
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("packbench: standard output");
        return code == CMD_USAGE ? CMD_USAGE : CMD_INCONCLUSIVE;
    }
    return code;
}
