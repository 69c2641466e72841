/* SPDX-License-Identifier: Apache-2.0 */
/* countersign-audit: checks what left the box, with nothing of the box; docs/man/countersign-audit.1. */
#include "audit.h"

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *what;
} commands[] = {
    {"verify", audit_verify, "check a receipt, a range or a whole log"},
    {"extract", audit_extract, "take a receipt or a range out of a whole log"},
    {"assertion", audit_spot, "check one answer of a FIDO2 key"},
    {"consistency", audit_spot, "check that one tree is the beginning of another"},
    {"dsse", audit_spot, "check a DSSE envelope"},
    {"inclusion", audit_spot, "check that a leaf is in a tree"},
    {"json", audit_spot, "check that a file is canonical"},
    {"note", audit_spot, "check the signatures of a signed note or checkpoint"},
    {"proof", audit_spot, "check a .tlog-proof of an entry"},
    {"signature", audit_spot, "check a bare signature"},
    {"tile", audit_spot, "check a tile or an entry bundle"},
};

static int usage(FILE *to, int status)
{
    (void)fprintf(to, "usage: countersign-audit COMMAND ...\n");
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        (void)fprintf(to, "  %-11s %s\n", commands[i].name, commands[i].what);
    }
    (void)fprintf(to, "  --help, --version\ncountersign-audit COMMAND --help says more.\n");
    return status;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        return usage(stderr, AUDIT_USAGE);
    }
    if (strcmp(argv[1], "--help") == 0) {
        return usage(stdout, 0);
    }
    if (strcmp(argv[1], "--version") == 0) {
        (void)printf("countersign-audit %s\n", COUNTERSIGN_VERSION);
        return 0;
    }
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(argv[1], commands[i].name) == 0) {
            const int status = commands[i].run(argc - 1, argv + 1);
            /* what could not be written was not said */
            return fflush(stdout) == 0 && ferror(stdout) == 0 ? status : judge_finding_exit(FINDING_CANNOT_TELL);
        }
    }
    (void)fprintf(stderr, "countersign-audit: there is no command %s\n", argv[1]);
    return usage(stderr, AUDIT_USAGE);
}
