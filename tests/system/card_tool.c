/* SPDX-License-Identifier: Apache-2.0 */
/* Another program at a card: card_tool READER hold keeps a transaction until its standard input ends. */
#include <stdio.h>
#include <winscard.h>

int main(int argc, char **argv)
{
    SCARDCONTEXT context = 0;
    SCARDHANDLE card = 0;
    DWORD protocol = 0;

    if (argc != 3 || strcmp(argv[2], "hold") != 0) {
        (void)fprintf(stderr, "usage: card_tool READER hold\n");
        return 2;
    }
    LONG r = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
    if (r == SCARD_S_SUCCESS) {
        r = SCardConnect(context, argv[1], SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, &card, &protocol);
    }
    if (r == SCARD_S_SUCCESS) {
        r = SCardBeginTransaction(card);
    }
    if (r != SCARD_S_SUCCESS) {
        (void)fprintf(stderr, "card_tool: %08lx\n", (unsigned long)r);
        return 1;
    }
    (void)puts("held");
    (void)fflush(stdout);
    while (getchar() != EOF) {
    }
    (void)SCardEndTransaction(card, SCARD_LEAVE_CARD);
    (void)SCardDisconnect(card, SCARD_LEAVE_CARD);
    (void)SCardReleaseContext(context);
    return 0;
}
