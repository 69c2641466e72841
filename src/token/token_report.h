/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the agent's own processes for cards say to it (docs/adr/0045-token-cards.md). They talk to the card service and
 * read what cards give, so the agent believes their form no more than it believes a card. Pure.
 *
 *   report  = kind:u8 body                      in a frame of docs/formats/ipc.md
 *   stage   = stage:u8                          kind 1
 *   done    = code:u8 has_tries:u8 tries:u8 denied:u8 pin:u8 touch:u8 channel:u32
 *             credential sig key certificate x5c_count:u8 x5c...   kind 2; each of these n:u16 n bytes
 *   readers = epoch:u32 count:u8 (name_n:u8 name insertion:u16 channel:u32)...   kind 3
 */
#ifndef TOKEN_REPORT_H
#define TOKEN_REPORT_H

#include "base/base_digest.h"
#include "token/token_cardkey.h"
#include "token/token_piv.h"

enum { TOKEN_REPORT_MAX = 65536 };

enum token_report_kind { TOKEN_REPORT_NONE, TOKEN_REPORT_STAGE, TOKEN_REPORT_DONE, TOKEN_REPORT_READERS };

/* A card in a reader. */
struct token_reader {
    char name[TOKEN_PLACE_MAX + 1];
    uint16_t insertion; /* the card service's count; another one is another insertion */
    uint32_t channel;   /* SCARD_ATTR_CHANNEL_ID, 0 if unknown */
};

struct token_report {
    enum token_report_kind kind;
    enum token_stage stage;
    /* done */
    struct token_outcome outcome; /* spans in the arena; without device and port */
    bool denied;
    uint32_t channel;
    /* readers */
    uint32_t epoch; /* grows with every connection to the card service: its counts began anew */
    const struct token_reader *readers;
    size_t reader_count;
};

/* Each appends one report. CS_E_FULL, CS_E_NOMEM, CS_E_RANGE. */
CS_RESULT token_report_stage(enum token_stage stage, struct writer *w);
CS_RESULT token_report_done(const struct token_outcome *out, bool denied, uint32_t channel, struct writer *w);
CS_RESULT token_report_readers(uint32_t epoch, const struct token_reader *readers, size_t count, struct writer *w);

/*
 * Errors: CS_E_SHORT, CS_E_TRAILING; CS_E_UNKNOWN, CS_E_RANGE for a value that none of the above writes; CS_E_MISSING
 * for an ok without a credential; CS_E_NOMEM. *ret_report is untouched then.
 */
CS_RESULT token_report_decode(struct span in, struct arena *arena, struct token_report *ret_report);

#endif
