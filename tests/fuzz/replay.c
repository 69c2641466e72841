/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target over every file of a corpus directory, where libFuzzer is not linked. */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { REPLAY_MAX_BYTES = 1 << 20 };

static int replay_one(int dir, const char *name)
{
    const int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -1;
    }
    uint8_t *buf = malloc(REPLAY_MAX_BYTES);
    const ssize_t n = buf != NULL ? read(fd, buf, REPLAY_MAX_BYTES) : -1;
    (void)close(fd);
    if (n >= 0) {
        /* an exact-size copy lets ASan see a read one past the end */
        uint8_t *exact = malloc(n > 0 ? (size_t)n : 1U);
        if (exact != NULL) {
            memcpy(exact, buf, (size_t)n);
            (void)LLVMFuzzerTestOneInput(exact, (size_t)n);
            free(exact);
        }
    }
    free(buf);
    return n >= 0 ? 0 : -1;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        (void)fprintf(stderr, "usage: %s CORPUS-DIRECTORY\n", argv[0]);
        return 2;
    }
    DIR *dir = opendir(argv[1]);
    if (dir == NULL) {
        (void)fprintf(stderr, "%s: cannot open %s\n", argv[0], argv[1]);
        return 1;
    }
    unsigned runs = 0;
    int bad = 0;
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        if (e->d_name[0] != '.') {
            bad |= replay_one(dirfd(dir), e->d_name);
            runs++;
        }
    }
    (void)closedir(dir);
    (void)printf("%u inputs replayed\n", runs);
    return (bad != 0 || runs == 0) ? 1 : 0;
}
