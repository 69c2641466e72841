/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base_result.h"

const char *cs_code_name(enum cs_code code)
{
#define NAME(name, text) [name] = #name,
    static const char *const names[CS_CODE_COUNT] = {CS_CODES(NAME)};
#undef NAME
    return (unsigned)code < CS_CODE_COUNT ? names[code] : "unknown";
}

const char *cs_code_text(enum cs_code code)
{
#define TEXT(name, text) [name] = text,
    static const char *const texts[CS_CODE_COUNT] = {CS_CODES(TEXT)};
#undef TEXT
    return (unsigned)code < CS_CODE_COUNT ? texts[code] : "unknown";
}
