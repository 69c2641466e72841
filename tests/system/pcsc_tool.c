/* SPDX-License-Identifier: Apache-2.0 */
/* pcsc_tool: PC/SC for test scripts. Each line of standard input is a command, each is answered by one line: "ok ..."
 * or "error 0x8010...". One context, one card at a time.
 *
 *   readers            the names, with ", " between
 *   state READER       "present" or "empty", and the count of insertions and removals so far
 *   connect READER     "ok PROTOCOL"
 *   reconnect          after somebody's reset
 *   begin, end         a transaction
 *   apdu HEX           the answer in hex, status word last
 *   leave              disconnect, and reset the card
 */
#include <winscard.h>

#include "base/base_text.h"

enum { LINE_MAX_BYTES = 140000, APDU_MAX = 65544 };

struct session {
    SCARDCONTEXT context;
    SCARDHANDLE card;
    DWORD protocol;
};

static void tell(LONG code)
{
    if (code == SCARD_S_SUCCESS) {
        (void)puts("ok");
    } else {
        (void)printf("error 0x%08lx\n", (unsigned long)code & 0xffffffffUL);
    }
}

static void do_readers(struct session *s)
{
    char names[2048];
    DWORD len = sizeof(names);
    const LONG code = SCardListReaders(s->context, NULL, names, &len);

    if (code != SCARD_S_SUCCESS) {
        tell(code);
        return;
    }
    (void)fputs("ok ", stdout);
    for (const char *p = names; *p != '\0'; p += strlen(p) + 1) {
        (void)printf("%s%s", p == names ? "" : ", ", p);
    }
    (void)puts("");
}

static void do_state(struct session *s, const char *reader)
{
    SCARD_READERSTATE state = {.szReader = reader, .dwCurrentState = SCARD_STATE_UNAWARE};
    const LONG code = SCardGetStatusChange(s->context, 0, &state, 1);

    if (code != SCARD_S_SUCCESS) {
        tell(code);
        return;
    }
    (void)printf("ok %s %lu\n", (state.dwEventState & SCARD_STATE_PRESENT) != 0 ? "present" : "empty",
                 (unsigned long)state.dwEventState >> 16);
}

static void do_connect(struct session *s, const char *reader)
{
    const LONG code = SCardConnect(s->context, reader, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
                                   &s->card, &s->protocol);

    if (code != SCARD_S_SUCCESS) {
        tell(code);
        return;
    }
    (void)printf("ok T=%d\n", s->protocol == SCARD_PROTOCOL_T0 ? 0 : 1);
}

static void do_apdu(const struct session *s, const char *hex)
{
    static uint8_t apdu[APDU_MAX];
    static uint8_t answer[APDU_MAX];
    const size_t n = strlen(hex) / 2;
    DWORD len = sizeof(answer);

    if (n > sizeof(apdu) || text_hex_decode(span_str(hex), apdu, n, "hex").code != CS_OK) {
        (void)puts("error hex");
        return;
    }
    const LONG code = SCardTransmit(s->card, s->protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1, apdu,
                                    (DWORD)n, NULL, answer, &len);
    if (code != SCARD_S_SUCCESS) {
        tell(code);
        return;
    }
    (void)fputs("ok ", stdout);
    for (DWORD i = 0; i < len; i++) {
        (void)printf("%02x", answer[i]);
    }
    (void)puts("");
}

static void obey(struct session *s, const char *verb, const char *rest)
{
    if (strcmp(verb, "readers") == 0) {
        do_readers(s);
    } else if (strcmp(verb, "state") == 0) {
        do_state(s, rest);
    } else if (strcmp(verb, "connect") == 0) {
        do_connect(s, rest);
    } else if (strcmp(verb, "reconnect") == 0) {
        tell(SCardReconnect(s->card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, SCARD_LEAVE_CARD,
                            &s->protocol));
    } else if (strcmp(verb, "begin") == 0) {
        tell(SCardBeginTransaction(s->card));
    } else if (strcmp(verb, "end") == 0) {
        tell(SCardEndTransaction(s->card, SCARD_LEAVE_CARD));
    } else if (strcmp(verb, "apdu") == 0) {
        do_apdu(s, rest);
    } else if (strcmp(verb, "leave") == 0) {
        tell(SCardDisconnect(s->card, SCARD_RESET_CARD));
    } else {
        (void)puts("error no such command");
    }
}

int main(void)
{
    static char line[LINE_MAX_BYTES];
    struct session s = {0};
    const LONG code = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &s.context);

    tell(code);
    (void)fflush(stdout);
    while (code == SCARD_S_SUCCESS && fgets(line, sizeof(line), stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *rest = strchr(line, ' ');
        if (rest != NULL) {
            *rest++ = '\0';
        }
        obey(&s, line, rest == NULL ? "" : rest);
        (void)fflush(stdout);
    }
    return code == SCARD_S_SUCCESS ? 0 : 1;
}
