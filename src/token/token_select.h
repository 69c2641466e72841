/* SPDX-License-Identifier: Apache-2.0 */
/* Which of several keys? All of them blink, and the first that is touched is meant. */
#ifndef TOKEN_SELECT_H
#define TOKEN_SELECT_H

#include "token/token_devices.h"
#include "token/token_hid.h"

/*
 * Asks every FIDO2 key of the list for a touch and returns when one was touched, or when it has ended otherwise. Keys
 * that are taken out, held by others or silent are left out; a key that is put in meanwhile is not asked. The first
 * touch that is read decides; the other keys are told to stop and closed, and what they say then is not looked at.
 *
 * wait->wait must return TOKEN_WAKE_READY also when the list has changed. *ret_outcome is always written: TOKEN_OK and
 * the device, or the code; TOKEN_NO_TOKEN without a key, else with none left what was wrong with the last one.
 */
void token_select_run(const struct token_devices *devices, uint32_t timeout_ms, const struct token_wait *wait,
                      struct token_outcome *ret_outcome);

#endif
