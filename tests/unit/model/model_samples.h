/* SPDX-License-Identifier: Apache-2.0 */
/* One good text of each kind, for rows that spoil it. */
#ifndef MODEL_SAMPLES_H
#define MODEL_SAMPLES_H

#define A10  "AAAAAAAAAA"
#define A40  A10 A10 A10 A10
#define B16  A10 A10 "AA"     /* base64url of 16 bytes */
#define B32  A40 "AAA"        /* 32 bytes: a root, the log's key */
#define B37  A40 A10          /* 37 bytes: authenticatorData without extensions */
#define B91  A40 A40 A40 "AA" /* 91 bytes: a P-256 SubjectPublicKeyInfo */
#define SIG  A10 "A"          /* 8 bytes */
#define H10  "0123456789"
#define HEX  H10 H10 H10 H10 H10 H10 "0123" /* 32 bytes */
#define HEX2 H10 H10 H10 H10 H10 H10 "abcd"
#define GUID "00112233445566778899aabbccddeeff"
#define T0   "2024-05-01T10:00:00.000Z"
#define T1   "2024-05-01T10:02:00.000Z"

#define POLICY_HEAD "{\"change_types\":[\"normal\"],\"environments\":[\"production\",\"test\"],\"name\":\"main\","
#define POLICY_OFFICERS                                                                                                \
    "\"officers\":{\"sign_by_s\":86400,\"threshold\":2},\"roles\":[\"officer\",\"tech\"],\"rules\":["
#define POLICY_RULE                                                                                                    \
    "{\"id\":\"prod\",\"require\":{\"bind\":[\"artifacts\",\"plan\"],\"fields\":[\"documentation.backout\",\"title\"]" \
    ","                                                                                                                \
    "\"reason\":{\"approve\":0,\"reject\":15},\"seats\":[{\"count\":1,\"id\":\"tech\",\"role\":\"tech\"},"             \
    "{\"after\":\"tech\",\"count\":2,\"id\":\"second\",\"role\":\"tech\"}],\"separate\":[\"authors\",\"initiator\"],"  \
    "\"sign_by_s\":3600,\"use_by_s\":600},\"when\":[{\"is\":[\"production\"],\"name\":\"environment\"}]}"
#define POLICY_TAIL "],\"v\":1,\"version\":1}"
#define POLICY      POLICY_HEAD POLICY_OFFICERS POLICY_RULE POLICY_TAIL

#define PERSON                                                                                                         \
    "{\"op\":\"put_person\",\"person\":{\"accounts\":[\"git:ab\"],\"id\":\"alice\",\"roles\":[\"officer\",\"tech\"]}}"
#define CREDENTIAL                                                                                                     \
    "{\"credential\":{\"aaguid\":\"" GUID "\",\"attestation\":{\"auth_data\":\"" B37 "\",\"nonce\":\"" B16             \
    "\",\"sig\":\"" SIG "\",\"x5c\":[\"AA\"]},\"id\":\"" B16 "\",\"key\":\"" B91                                       \
    "\",\"nickname\":\"blue key\"},\"op\":\"add_credential\",\"person\":\"alice\"}"
#define CLIENT                                                                                                         \
    "{\"client\":{\"id\":\"ci\",\"scopes\":[\"audit\",\"outcome\",\"request\"],\"tls\":[\"spiffe://example.org/ci\"]," \
    "\"tokens\":[\"" HEX "\",\"" HEX2 "\"]},\"op\":\"put_client\"}"
#define MODEL                                                                                                          \
    "{\"model\":{\"aaguid\":\"" GUID "\",\"name\":\"Example Key "                                                      \
    "5\",\"roots\":[\"AA\",\"AAAA\"]},\"op\":\"put_model\"}"
#define CARD_WITH(attestation, declared, key)                                                                          \
    "{\"card\":{" attestation "\"certificate\":\"AA\",\"declared\":" declared ",\"issuer\":\"corp\",\"key\":\"" key    \
    "\",\"nickname\":\"badge\",\"proof\":{\"nonce\":\"" B16 "\",\"sig\":\"" SIG                                        \
    "\"}},\"op\":\"add_card\",\"person\":\"alice\"}"
#define DECLARED(pin, touch) "{\"pin_policy\":\"" pin "\",\"touch_policy\":\"" touch "\"}"
#define ATTESTED(x5c)        "\"attestation\":{\"x5c\":[" x5c "]},"
#define CARD                 CARD_WITH("", DECLARED("always", "never"), B91)
#define CARD_ATTESTED        CARD_WITH(ATTESTED("\"AA\",\"AAAA\""), DECLARED("unknown", "cached"), B91)
#define ISSUER                                                                                                         \
    "{\"issuer\":{\"attestation_roots\":[\"AA\"],\"certification\":\"fips-140-3-2\",\"id\":\"corp\",\"name\":"         \
    "\"Example Corp\",\"roots\":[\"AA\",\"AAAA\",\"AAAA\",\"AAAA\"]},\"op\":\"put_issuer\"}"
#define CARDS                                                                                                          \
    "[" ISSUER "," CARD "," CARD_ATTESTED                                                                              \
    ",{\"crl\":\"AAAA\",\"issuer\":\"corp\",\"op\":\"put_crl\"},{\"id\":\"corp\",\"op\":\"remove_issuer\"}]"
#define CHANGES                                                                                                        \
    "[" MODEL "," PERSON "," CREDENTIAL "," CLIENT ",{\"id\":\"ci\",\"op\":\"remove_client\"},"                        \
    "{\"id\":\"bob\",\"op\":\"remove_person\"},{\"aaguid\":\"" GUID "\",\"op\":\"remove_model\"},"                     \
    "{\"credential\":\"" HEX "\",\"op\":\"revoke_credential\"}]"

#define GENESIS_STATEMENT                                                                                              \
    "{\"changes\":" CHANGES ",\"created\":\"" T0 "\",\"log_key\":\"" B32 "\",\"origin\":\"approval.example/log1\","    \
    "\"outcome_key\":\"" B91 "\",\"policy\":" POLICY ",\"rp_id\":\"approval.example\",\"v\":1}"
#define GENESIS                                                                                                        \
    "{\"signatures\":[{\"auth_data\":\"" B37 "\",\"credential\":\"" HEX "\",\"person\":\"alice\",\"sig\":\"" SIG       \
    "\"}],\"statement\":\"{}\"}"

#define STATEMENT_HEAD                                                                                                 \
    "{\"anchor\":{\"root\":\"" B32 "\",\"size\":7},\"credential\":\"" HEX "\",\"decision\":\"approve\","
#define STATEMENT_MID                                                                                                  \
    "\"kiosk\":\"k1\",\"nonce\":\"" B16 "\",\"origin\":\"approval.example/log1\",\"person\":\"alice\","                \
    "\"policy\":{\"index\":0,\"sha256\":\"" HEX "\"},"
#define STATEMENT_TAIL                                                                                                 \
    "\"reason\":\"looks \\\"good\\\"\",\"request\":{\"index\":5,\"leaf_sha256\":\"" HEX "\",\"revision\":1},"          \
    "\"roster\":0,\"seat\":\"prod/tech\",\"sheet_sha256\":\"" HEX "\","                                                \
    "\"subject\":[{\"name\":\"app\",\"sha256\":\"" HEX "\"}],\"v\":1}"
#define STATEMENT_TIMES "\"expires_at\":\"" T1 "\",\"issued_at\":\"" T0 "\","
#define STATEMENT                                                                                                      \
    STATEMENT_HEAD "\"environment\":\"production\"," STATEMENT_TIMES "\"kind\":\"deploy\"," STATEMENT_MID              \
                   "\"previous\":\"" HEX "\"," STATEMENT_TAIL

#define DEPLOY_SMALL                                                                                                   \
    "{\"artifacts\":[{\"name\":\"app\",\"sha256\":\"" HEX "\"}],\"change_type\":\"normal\",\"environment\":\"test\","  \
    "\"initiator\":\"git:ab\",\"service\":\"shop\",\"title\":\"Roll out\"}"
#define DEPLOY_FULL                                                                                                    \
    "{\"artifacts\":[{\"name\":\"app\",\"sha256\":\"" HEX "\"},{\"name\":\"db\",\"sha256\":\"" HEX2                    \
    "\"}],\"attributes\":{\"count\":3,\"on\":true,\"region\":\"true\"},\"change_type\":\"normal\",\"config_sha256\":"  \
    "\"" HEX "\",\"documentation\":{\"backout\":\"undo\\n\"},\"environment\":\"test\",\"evidence\":[{\"failed\":0,"    \
    "\"kind\":\"junit\",\"name\":\"unit tests\",\"passed\":9,\"sha256\":\"" HEX "\",\"size\":10,\"skipped\":1}],"      \
    "\"initiator\":\"git:ab\",\"plan_sha256\":\"" HEX                                                                  \
    "\",\"rollback\":{\"artifacts\":[{\"name\":\"app\",\"sha256\":\"" HEX2 "\"}],\"config_sha256\":\"" HEX             \
    "\",\"plan_sha256\":\"" HEX "\",\"triggers\":[\"error_rate\",\"p99\"]},"                                           \
    "\"service\":\"shop\",\"source\":{\"authors\":[\"git:aa\","                                                        \
    "\"git:ab\"],\"commit\":\"" H10 H10 H10 H10 "\",\"commits\":2,\"files_changed\":3,\"lines_added\":4,"              \
    "\"lines_removed\":5,\"protected\":true,\"pull_request\":{\"number\":12,\"state\":\"merged\"},"                    \
    "\"ref\":\"refs/heads/main\",\"repository\":\"https://git.example/shop.git\",\"reviewers\":[\"anna\"],"            \
    "\"since\":\"root\"},\"ticket\":\"OPS-1\",\"ticket_state\":\"implement\",\"ticket_system\":\"snow\",\"title\":"    \
    "\"Roll \xc3\xbc out\",\"trigger\":\"bob\"}"

#define GRANT_HEAD                                                                                                     \
    "{\"artifacts\":[{\"name\":\"app\",\"sha256\":\"" HEX                                                              \
    "\"}],\"bypassed\":[{\"holders\":2,\"role\":\"business\",\"seats\":1},{\"holders\":3,\"role\":\"tech\","           \
    "\"seats\":2}]"
#define GRANT_TAIL                                                                                                     \
    ",\"clock_trusted\":true,\"due\":\"" T1 "\",\"environment\":\"production\",\"grants\":5,\"kind\":\"outage\","      \
    "\"over_budget\":false,\"prev\":0,\"request\":6,\"service\":\"shop\",\"use_by\":\"" T1 "\",\"used\":1"

#define EMERGENCY_HEAD                                                                                                 \
    "{\"anchor\":\"INC-1\",\"initiator\":\"alice\",\"justification\":\"it is down\",\"kind\":\"outage\",\"request\":5"
#define VOUCHER_HEAD "{\"environments\":[\"production\"],\"initiator\":\"eve\",\"kinds\":[\"outage\"],\"life_s\":3600,"
#define VOUCHER_TAIL ",\"seat\":\"endorse\""

#define SEAT_OPERATOR "{\"count\":1,\"id\":\"operator\",\"role\":\"tech\",\"self\":true,\"voucher\":false}"
#define SEAT_ENDORSE  "{\"count\":1,\"id\":\"endorse\",\"role\":\"officer\",\"self\":false,\"voucher\":true}"
#define SEAT_SECOND   "{\"count\":1,\"id\":\"second\",\"role\":\"officer\",\"self\":false}"
#define PRESENCE(ports, tokens, window)                                                                                \
    "\"presence\":{\"ports\":[" ports "],\"switch\":false,\"tokens\":" tokens ",\"window_s\":" window "}"
#define KINDS                                                                                                          \
    "\"kinds\":[{\"anchor\":\"incident\",\"change_types\":[\"normal\"],\"environments\":[\"production\"],"             \
    "\"id\":\"outage\"}]"
#define EMERGENCY_OF(budget, kinds, presence, seats, life)                                                             \
    "\"emergency\":{" budget "\"justification_min\":20," kinds "," presence                                            \
    ",\"review\":{\"due_s\":86400,\"fields\":[\"impact\",\"what_happened\"],\"seats\":[" SEAT_SECOND                   \
    "]},\"seats\":[" seats "],\"sign_by_s\":3600,\"untrusted_clock\":false,\"use_by_s\":1800" life "},"
#define BUDGET "\"budget\":{\"count\":2,\"over\":[" SEAT_SECOND "],\"per_s\":2592000},"
#define LIFE   ",\"voucher_life_s\":604800"
#define EMERGENCY                                                                                                      \
    EMERGENCY_OF(BUDGET, KINDS, PRESENCE("\"1-1\",\"1-2\",\"1-3\"", "2", "120"), SEAT_OPERATOR "," SEAT_ENDORSE, LIFE)
#define POLICY_EMERGENCY(emergency)                                                                                    \
    "{\"change_types\":[\"normal\"]," emergency                                                                        \
    "\"environments\":[\"production\",\"test\"],\"name\":\"main\"," POLICY_OFFICERS POLICY_RULE POLICY_TAIL

#define REQUEST_HEAD                                                                                                   \
    "{\"body_sha256\":\"" HEX "\",\"content\":{},\"idempotency_key\":\"key \\\"1\\\"\",\"kind\":\"deploy\","
#define REQUEST REQUEST_HEAD "\"policy\":0,\"revision\":1,\"roster\":0,\"sheet_sha256\":\"" HEX "\"}"

#define ENTRY_WITH(actor, body, type)                                                                                  \
    "{\"actor\":\"" actor "\",\"body\":" body ",\"head\":\"" B32 "\",\"origin\":{\"ip\":\"::1\",\"peer\":\"http\"},"   \
    "\"seq\":5,\"time\":\"" T0 "\",\"type\":\"" type "\",\"v\":1}"

#endif
