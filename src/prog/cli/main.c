/* SPDX-License-Identifier: Apache-2.0 */
/* countersign: the command line. One row a subcommand; docs/man/countersign.1. */
#include "cli_pipe.h"

static const struct cli_command commands[] = {
    {"init", "make the state directory of a new log", cli_init},
    {"policy", "check a policy, compile it, try it on requests, compare it with another", cli_policy},
    {"propose", "ask the officers for another policy, or for a change of people and keys", cli_propose},
    {"submit", "ask for approval of one change", cli_submit},
    {"evidence", "send a file about a change: test report, findings, plan, readings", cli_evidence},
    {"compare", "read such a file again: does the log say what is in it?", cli_compare},
    {"wait", "wait until a request is decided", cli_wait},
    {"redeem", "use an approval, once, and verify its receipt", cli_redeem},
    {"receipt", "get and verify the receipt again", cli_receipt},
    {"report", "say how the deployment went", cli_report},
    {"status", "say how a request stands, or the core on this machine (--local)", cli_status},
    {"explain", "say what a request needs, and which rule asks for it", cli_explain},
    {"withdraw", "take a request back", cli_withdraw},
    {"directory", "read a directory of people, and say whom it has in which roles", cli_directory},
    {"export", "the log as a mirror, for countersign-audit and the tools of others", cli_export},
};

static int help(FILE *to, int status)
{
    (void)fputs("usage: countersign COMMAND [options]\n\n", to);
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        (void)fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].summary);
    }
    (void)fputs("\n`countersign COMMAND --help` says more; `countersign --version` says which version this is.\n", to);
    return status;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        return help(stderr, CLI_USAGE);
    }
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0) {
        return help(stdout, CLI_OK);
    }
    if (strcmp(argv[1], "--version") == 0) {
        (void)printf("countersign %s\n", COUNTERSIGN_VERSION);
        return CLI_OK;
    }
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(argv[1], commands[i].name) == 0) {
            return commands[i].run(argc - 1, argv + 1);
        }
    }
    (void)fprintf(stderr, "countersign: there is no command %s\n", argv[1]);
    return help(stderr, CLI_USAGE);
}
