#include "bus/holder.h"

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define FOLDER_SIZE 512

/* Is one of the links in the folder the device? */
static bool has_open(const char *folder, const char *device)
{
    DIR *d = opendir(folder);
    bool found = false;
    const struct dirent *entry;

    while (d != NULL && !found && (entry = readdir(d)) != NULL) {
        char to[PATH_MAX];
        const ssize_t size = readlinkat(dirfd(d), entry->d_name, to, sizeof to - 1);

        if (size > 0) {
            to[size] = '\0';
            found = strcmp(to, device) == 0;
        }
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    return found;
}

/* Who has locked it (flock): the one who speaks on it, where several have it open, as the maker of a pty has. */
static long locker(const char *system, const char *device)
{
    char path[FOLDER_SIZE], line[256], file[64];
    struct stat status;
    long found = 0;

    (void)snprintf(path, sizeof path, "%s/proc/locks", system);
    FILE *f = stat(device, &status) == 0 ? fopen(path, "r") : NULL;

    if (f == NULL) {
        return 0;
    }
    (void)snprintf(file, sizeof file, " %02x:%02x:%lu ", major(status.st_dev), minor(status.st_dev),
                   (unsigned long)status.st_ino);
    while (found == 0 && fgets(line, sizeof line, f) != NULL) { /* "7: FLOCK  ADVISORY  WRITE 4321 00:18:5 0 EOF" */
        const char *const at = strstr(line, file), *number = at;

        while (number != NULL && number > line && number[-1] != ' ') {
            number--;
        }
        found = number != NULL && strstr(line, "FLOCK") != NULL ? strtol(number, NULL, 10) : 0;
    }
    (void)fclose(f);
    return found != (long)getpid() ? found : 0;
}

static void read_name(const char *system, long process, char *name, size_t size)
{
    char path[FOLDER_SIZE];

    (void)snprintf(path, sizeof path, "%s/proc/%ld/comm", system, process);
    FILE *f = fopen(path, "r");

    if (f == NULL || fgets(name, (int)size, f) == NULL) {
        (void)snprintf(name, size, "a program");
    }
    name[strcspn(name, "\n")] = '\0';
    if (f != NULL) {
        (void)fclose(f);
    }
}

long bus_holder(const char *system, const char *device, char *name, size_t size)
{
    char path[FOLDER_SIZE], real[PATH_MAX];
    long holder = 0;
    const struct dirent *entry;

    if (realpath(device, real) == NULL) {
        return 0;
    }
    holder = locker(system, real);
    (void)snprintf(path, sizeof path, "%s/proc", system);
    DIR *d = opendir(path);

    while (d != NULL && holder == 0 && (entry = readdir(d)) != NULL) {
        const long process = strtol(entry->d_name, NULL, 10);

        (void)snprintf(path, sizeof path, "%s/proc/%ld/fd", system, process);
        if (process > 0 && process != (long)getpid() && has_open(path, real)) {
            holder = process;
        }
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    if (holder != 0) {
        read_name(system, holder, name, size);
    }
    return holder;
}

void bus_holder_say(const char *device, char *error, size_t size)
{
    char name[64];
    const long holder = bus_holder("", device, name, sizeof name);

    if (holder != 0) {
        (void)snprintf(error, size, "%s: in use by another program: %s, process %ld", device, name, holder);
    } else {
        (void)snprintf(error, size, "%s: in use by another program (a second bench on one port?)", device);
    }
}
