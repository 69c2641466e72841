/* SPDX-License-Identifier: Apache-2.0 */
#include "softkey_piv.h"

#include "softcard/softcard_rack.h"

/* True when the command was obeyed. */
static bool tell(struct softcard_rack *cards, const char *verb, const char *name, const char *word, uint64_t now_ms)
{
    char line[SOFTKEY_LINE_MAX];
    char answer[SOFTKEY_LINE_MAX];

    (void)snprintf(line, sizeof(line), "%s %s %s", verb, name, word);
    softcard_rack_command(cards, line, now_ms, answer);
    return strncmp(answer, "ok", 2) == 0;
}

bool softkey_piv_insert(struct softcard_rack *cards, const char *name, uint64_t now_ms)
{
    char reader[16];

    for (unsigned i = 0; cards != NULL && i < SOFTCARD_READERS_MAX; i++) {
        (void)snprintf(reader, sizeof(reader), "%u", i);
        if (tell(cards, "insert", name, reader, now_ms)) {
            return true;
        }
    }
    return cards == NULL;
}

void softkey_piv_remove(struct softcard_rack *cards, const char *name, uint64_t now_ms)
{
    if (cards != NULL) {
        (void)tell(cards, "remove", name, "", now_ms); /* a fault may have taken it out before */
    }
}

bool softkey_piv_touch(struct softcard_rack *cards, const char *name, uint64_t now_ms)
{
    return cards != NULL && tell(cards, "touch", name, "", now_ms);
}

void softkey_piv_touch_auto(struct softcard_rack *cards, const char *name, bool on, uint64_t now_ms)
{
    if (cards != NULL) {
        (void)tell(cards, "touch-auto", name, on ? "on" : "off", now_ms);
    }
}

void softkey_piv_command(struct softcard_rack *cards, const char *line, uint64_t now_ms,
                         char ret_answer[SOFTKEY_LINE_MAX])
{
    static const char *const keys_own[] = {"insert", "remove", "swap", "touch", "touch-auto", "quit"};
    const size_t verb = strcspn(line, " ");
    bool own = cards == NULL;

    for (size_t i = 0; i < sizeof(keys_own) / sizeof(keys_own[0]); i++) {
        own = own || (strlen(keys_own[i]) == verb && strncmp(line, keys_own[i], verb) == 0);
    }
    if (own) {
        (void)snprintf(ret_answer, SOFTKEY_LINE_MAX, "error %s\n",
                       cards == NULL ? "no vpcd" : "that is the key's to do");
        return;
    }
    softcard_rack_command(cards, line, now_ms, ret_answer);
}
