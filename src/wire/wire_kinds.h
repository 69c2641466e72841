/* SPDX-License-Identifier: Apache-2.0 */
/* The members of each kind of command; private to this room. The object is open, cmd and id are the kind's to place. */
#ifndef WIRE_KINDS_H
#define WIRE_KINDS_H

#include "wire/wire_command.h"

#define WIRE_COMMAND_CALLS(name, text, kind)                                                                           \
    CS_RESULT wire_##kind##_get(struct json_in *in, struct wire_command *c);                                           \
    void wire_##kind##_put(struct json_out *o, const struct wire_command *c);
WIRE_COMMANDS(WIRE_COMMAND_CALLS)
#undef WIRE_COMMAND_CALLS

/* Reads over the cmd that was looked up before. */
CS_RESULT wire_get_cmd(struct json_in *in);
CS_RESULT wire_get_id(struct json_in *in, struct wire_command *c);
/* Printable ASCII, at least min and at most WIRE_WORD_MAX bytes. */
CS_RESULT wire_get_word(struct json_in *in, const char *what, size_t min, struct span *ret_word);
/* The member if it is there, else an empty span. */
CS_RESULT wire_get_word_opt(struct json_in *in, const char *what, struct span *ret_word);
/* authenticatorData of a FIDO2 key; the member is absent for a card, and never empty. */
CS_RESULT wire_get_auth_data(struct json_in *in, const char *what, struct span *ret_data);
void wire_put_auth_data(struct json_out *o, struct span data);
CS_RESULT wire_get_index(struct json_in *in, const char *what, uint64_t *ret_index);

void wire_put_cmd(struct json_out *o, const struct wire_command *c);
void wire_put_id(struct json_out *o, const struct wire_command *c);
/* Nothing when s is empty. */
void wire_put_opt(struct json_out *o, const char *key, struct span s);

/* artifacts, an array of {name, sha256} */
CS_RESULT wire_get_artifacts(struct json_in *in, struct redeem *x);
void wire_put_artifacts(struct json_out *o, const struct redeem *x);

#endif
