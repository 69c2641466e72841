/* SPDX-License-Identifier: Apache-2.0 */
/* Every reason for which something is refused, its public code and its sentence: written once, here. Stable, append
 * only. */
#ifndef POLICY_REASON_H
#define POLICY_REASON_H

#include "base/base_span.h"

#define POLICY_REASONS(X)                                                                                              \
    X(REASON_NOT_EVALUATED, "not_evaluated", "Nothing was decided yet.")                                               \
    X(REASON_OK, "ok", "Holds.")                                                                                       \
    /* form of an entry and its place in the log */                                                                    \
    X(REASON_MALFORMED, "malformed", "The entry is not in the log's format.")                                          \
    X(REASON_WRONG_SEQ, "wrong_seq", "The entry does not say its own place in the log.")                               \
    X(REASON_WRONG_HEAD, "wrong_head", "The entry does not follow the entries before it.")                             \
    X(REASON_TIME_BACK, "time_back", "The entry's time is before the entry that it follows.")                          \
    X(REASON_NOT_FIRST, "not_first", "A genesis stands only at the start of a log.")                                   \
    X(REASON_NO_GENESIS, "no_genesis", "The log has no genesis yet. Hold the genesis ceremony at the kiosk first.")    \
    X(REASON_WRONG_ACTOR, "wrong_actor", "This kind of entry cannot come from this actor.")                            \
    X(REASON_NO_ROOM, "no_room", "The state needs more memory than is allowed.")                                       \
    /* genesis, roster, policy */                                                                                      \
    X(REASON_GENESIS_KEYS, "genesis_keys", "The genesis names other keys than the ones that signed this log.")         \
    X(REASON_TOO_FEW_OFFICERS, "too_few_officers", "Fewer officers than the threshold plus one.")                      \
    X(REASON_TOO_FEW_SIGNED, "too_few_signed", "Fewer people signed than are asked for.")                              \
    X(REASON_POLICY_INVALID, "policy_invalid", "The policy document is not valid.")                                    \
    X(REASON_UNFILLABLE_SEAT, "unfillable_seat", "The policy has a seat that too few people on the roster can fill.")  \
    X(REASON_POLICY_VERSION, "policy_version", "The policy's version is not above the one in force.")                  \
    X(REASON_ROSTER_INVALID, "roster_invalid", "The roster change does not fit the roster.")                           \
    X(REASON_NO_ACCESS_REVIEW, "no_access_review", "The policy asks for no access reviews.")                           \
    X(REASON_UNKNOWN_ROLE, "unknown_role", "A person has a role that the policy does not name.")                       \
    X(REASON_CREDENTIAL_TAKEN, "credential_taken", "This key is enrolled already.")                                    \
    X(REASON_MODEL_UNKNOWN, "model_unknown", "Keys of this model are not allowed here.")                               \
    X(REASON_ATTESTATION, "attestation", "The key could not prove its model.")                                         \
    X(REASON_ISSUER_UNKNOWN, "issuer_unknown", "Cards of this issuer are not allowed here.")                           \
    X(REASON_ISSUER_INVALID, "issuer_invalid", "A root of the issuer is no certificate of an authority.")              \
    X(REASON_CARD_KEY, "card_key", "The card's key is of a kind that is not allowed here.")                            \
    X(REASON_CARD_PROOF, "card_proof", "The card did not prove that this person holds it.")                            \
    X(REASON_CARD_PIN, "card_pin", "The card does not ask for its PIN at every signature.")                            \
    X(REASON_CARD_ATTESTATION, "card_attestation", "What the card attests about itself does not hold.")                \
    X(REASON_CERT_INVALID, "cert_invalid", "The card's certificate is not one that people sign with.")                 \
    X(REASON_CERT_KEY, "cert_key", "The card's certificate is for another key.")                                       \
    X(REASON_CERT_CHAIN, "cert_chain", "The card's certificate does not lead to a root of its issuer.")                \
    X(REASON_CERT_NOT_YET, "cert_not_yet", "The card's certificate is not valid yet.")                                 \
    X(REASON_CRL_INVALID, "crl_invalid", "The list of revoked cards is not one, or no root of the issuer signed it.")  \
    X(REASON_CRL_OLD, "crl_old", "A newer list of revoked cards is known here.")                                       \
    X(REASON_CRL_FULL, "crl_full", "This authority has revoked more cards than can be remembered here.")               \
    X(REASON_WRONG_EFFECT, "wrong_effect", "The entry does not carry out what was approved.")                          \
    /* requests */                                                                                                     \
    X(REASON_UNKNOWN_CLIENT, "unknown_client", "This client is not known here.")                                       \
    X(REASON_UNKNOWN_INITIATOR, "unknown_initiator", "Who asks for this is nobody on the roster.")                     \
    X(REASON_NO_SCOPE, "no_scope", "This client may not do that.")                                                     \
    X(REASON_INVALID_REQUEST, "invalid_request", "The request is not complete or not valid.")                          \
    X(REASON_UNKNOWN_ENVIRONMENT, "unknown_environment", "The policy does not name this environment.")                 \
    X(REASON_UNKNOWN_CHANGE_TYPE, "unknown_change_type", "The policy does not name this change type.")                 \
    X(REASON_MISSING_FIELD, "missing_field", "A field that the policy requires is missing.")                           \
    X(REASON_SOURCE_REF, "source_ref", "The policy does not let this ref be deployed.")                                \
    X(REASON_SOURCE_PROTECTED, "source_protected", "The branch must be a protected one.")                              \
    X(REASON_SOURCE_PULL_REQUEST, "source_pull_request", "The change must come by a pull request that is merged.")     \
    X(REASON_SOURCE_REVIEWERS, "source_reviewers",                                                                     \
      "Too few people reviewed the change who neither wrote it nor ask for it.")                                       \
    X(REASON_TICKET_SYSTEM, "ticket_system", "There must be a ticket, in the system that the policy names.")           \
    X(REASON_TICKET_STATE, "ticket_state", "The ticket is not in a state that the policy lets go on.")                 \
    X(REASON_NOT_PROMOTED, "not_promoted", "These artifacts did not succeed in the stage before.")                     \
    X(REASON_STAGE_FAILED, "stage_failed",                                                                             \
      "These artifacts failed in the stage before, and did not succeed there since.")                                  \
    X(REASON_SOAKING, "soaking", "These artifacts have not been in the stage before for long enough.")                 \
    X(REASON_SOAK_CUT, "soak_cut",                                                                                     \
      "These artifacts were replaced in the stage before, before their time there was over.")                          \
    X(REASON_NO_SEATS, "no_seats", "No rule of the policy asks for a signature, so nothing can approve this.")         \
    X(REASON_IDEMPOTENCY_MISMATCH, "idempotency_mismatch", "This idempotency key was used for another body.")          \
    X(REASON_SAME_REQUEST, "same_request", "This request is already in the log.")                                      \
    X(REASON_NOT_YOURS, "not_yours", "Only the client that opened this request may do that.")                          \
    X(REASON_CANNOT_REVISE, "cannot_revise", "The request that this one would replace is not open.")                   \
    X(REASON_HISTORY, "history", "The request does not say how its service went as the log has it.")                   \
    X(REASON_UNKNOWN_REQUEST, "unknown_request", "There is no such request.")                                          \
    /* evidence and waivers */                                                                                         \
    X(REASON_EVIDENCE_MISSING, "evidence_missing", "No file has come for a line of evidence.")                         \
    X(REASON_EVIDENCE_OLD, "evidence_old", "The file for a line of evidence is too old.")                              \
    X(REASON_EVIDENCE_LIMIT, "evidence_limit", "The file for a line of evidence does not keep to its limits.")         \
    X(REASON_EVIDENCE_BASELINE, "evidence_baseline",                                                                   \
      "What runs there has changed since the file came. Send it again.")                                               \
    X(REASON_EVIDENCE_SOURCE, "evidence_source", "Who sent a file may send none such any more. Send it again.")        \
    X(REASON_EVIDENCE_LINE, "evidence_line", "The request's sheet has no such line of evidence.")                      \
    X(REASON_EVIDENCE_KIND, "evidence_kind", "The line takes no file of this kind.")                                   \
    X(REASON_EVIDENCE_ARTIFACT, "evidence_artifact", "The file is about other artifacts than the request.")            \
    X(REASON_EVIDENCE_TIME, "evidence_time", "The file says that it was made in the time to come.")                    \
    X(REASON_EVIDENCE_FULL, "evidence_full", "Too many files have come for this request.")                             \
    X(REASON_EVIDENCE_BLOB, "evidence_blob", "The file did not come whole, or is not the one that was announced.")     \
    X(REASON_EVIDENCE_UNKNOWN, "evidence_unknown", "There is no such file.")                                           \
    X(REASON_EVIDENCE_CHANGED, "evidence_changed", "What was signed for has changed. Who signed must sign again.")     \
    X(REASON_WAIVER_LINE, "waiver_line", "The policy lets nobody waive this line.")                                    \
    X(REASON_WAIVER_FINDINGS, "waiver_findings", "The line has no such finding.")                                      \
    X(REASON_WAIVER_EVIDENCE, "waiver_evidence", "Another file has come since the waiver was asked for.")              \
    X(REASON_WAIVER_EXPIRED, "waiver_expired", "A waiver ends in the time to come, at most 366 days from now.")        \
    X(REASON_WAIVER_PERSON, "waiver_person", "A waiver is signed by the person who owns it.")                          \
    /* decisions, in the order of refusal */                                                                           \
    X(REASON_NOT_OPEN, "not_open", "This request is no longer open.")                                                  \
    X(REASON_QUORUM_MET, "quorum_met", "Enough people have signed. This signature is not needed.")                     \
    X(REASON_STATEMENT, "statement", "What was signed does not describe this request.")                                \
    X(REASON_NONCE_UNKNOWN, "nonce_unknown", "This statement was not begun here.")                                     \
    X(REASON_NONCE_USED, "nonce_used", "This statement was used before.")                                              \
    X(REASON_STATEMENT_EXPIRED, "statement_expired", "The statement is too old.")                                      \
    X(REASON_CLOCK, "clock", "The clock cannot be trusted, so nobody can sign now.")                                   \
    X(REASON_UNKNOWN_CREDENTIAL, "unknown_credential", "This key is not known here.")                                  \
    X(REASON_RP_ID, "rp_id", "The key signed for another place.")                                                      \
    X(REASON_NO_PRESENCE, "no_presence", "The key was not touched.")                                                   \
    X(REASON_NO_VERIFICATION, "no_verification", "The key did not check its PIN or fingerprint.")                      \
    X(REASON_BACKUP, "backup", "The key can be copied, so it does not count.")                                         \
    X(REASON_COUNTER, "counter", "The key's counter went back. It may have been copied.")                              \
    X(REASON_SIGNATURE, "signature", "The signature does not verify.")                                                 \
    X(REASON_REVOKED, "revoked", "This key was switched off.")                                                         \
    X(REASON_CERT_EXPIRED, "cert_expired", "The card's certificate has expired.")                                      \
    X(REASON_CERT_REVOKED, "cert_revoked", "The card's certificate was revoked by its issuer.")                        \
    X(REASON_WRONG_PERSON, "wrong_person", "This key belongs to another person.")                                      \
    X(REASON_NO_ROLE, "no_role", "None of this person's roles is needed here.")                                        \
    X(REASON_SUSPENDED, "suspended", "This person is suspended.")                                                      \
    X(REASON_OFF_DUTY, "off_duty", "This person is not on duty now.")                                                  \
    X(REASON_ROLE_LAPSED, "role_lapsed", "This role was not reviewed or not used in time.")                            \
    X(REASON_NOT_IN_DIRECTORY, "not_in_directory", "The directory does not have this person in this role.")            \
    X(REASON_DIRECTORY_STALE, "directory_stale", "The directory was not read in time, so this role does not count.")   \
    X(REASON_TOKEN_NOT_ALLOWED, "token_not_allowed", "The policy asks for another kind of key in this role.")          \
    X(REASON_IS_REQUESTER, "is_requester", "Who asked for a change cannot decide it.")                                 \
    X(REASON_IS_TRIGGER, "is_trigger", "Who triggered the pipeline cannot decide this change.")                        \
    X(REASON_IS_AUTHOR, "is_author", "Who wrote part of a change cannot decide it.")                                   \
    X(REASON_IS_POLICY_EDITOR, "is_policy_editor", "Who last changed the policy cannot decide this.")                  \
    X(REASON_IS_SUBJECT, "is_subject", "Nobody decides about their own roles or keys.")                                \
    X(REASON_IS_GRANTER, "is_granter", "This person signed the emergency that the review is about.")                   \
    X(REASON_NOT_DELEGABLE, "not_delegable", "The policy does not let this role be delegated.")                        \
    X(REASON_DELEGATE_TO, "delegate_to", "The policy does not let this person stand in.")                              \
    X(REASON_DELEGATION_TIME, "delegation_time",                                                                       \
      "A delegation ends later than now, and lasts no longer than the policy lets.")                                   \
    X(REASON_DELEGATION_UNKNOWN, "delegation_unknown",                                                                 \
      "There is no such delegation, or it is not yours, or it is over.")                                               \
    X(REASON_DELEGATION_PERSON, "delegation_person", "A delegation is signed by the person whose role it is.")         \
    X(REASON_DELEGATION_SCOPE, "delegation_scope", "The delegation is not for this person, role, request or time.")    \
    X(REASON_ALREADY_SIGNED, "already_signed", "This person already signed this request.")                             \
    X(REASON_UNKNOWN_SEAT, "unknown_seat", "The request has no such seat.")                                            \
    X(REASON_SEAT_FULL, "seat_full", "This seat is filled.")                                                           \
    X(REASON_SEAT_ORDER, "seat_order", "Another seat must sign first.")                                                \
    X(REASON_NOT_IN_GROUP, "not_in_group", "This person was not in the group when the request was opened.")            \
    X(REASON_NO_ABSTENTION, "no_abstention", "Only in a seat of a group can one abstain.")                             \
    X(REASON_QUORUM_UNREACHABLE, "quorum_unreachable", "Too few of the group are left to agree.")                      \
    X(REASON_PREVIOUS, "previous", "The statement does not name the signature before it.")                             \
    X(REASON_REASON_SHORT, "reason_short", "The policy asks for a longer reason.")                                     \
    X(REASON_ANCHOR, "anchor", "The statement names a head that this log does not have.")                              \
    X(REASON_SHEET_CHANGED, "sheet_changed", "What this request needs has changed since it was shown.")                \
    X(REASON_POLICY_CHANGED, "policy_changed", "The policy or the roster changed since this was shown.")               \
    /* after the decision */                                                                                           \
    X(REASON_EXPIRED, "expired", "Time to decide ran out.")                                                            \
    X(REASON_NOT_DUE, "not_due", "The deadline has not passed yet.")                                                   \
    X(REASON_NOT_APPROVED, "not_approved", "This request is not approved.")                                            \
    X(REASON_LAPSED, "lapsed", "The approval was not used in time.")                                                   \
    X(REASON_REDEEMED, "redeemed", "This approval was used before.")                                                   \
    X(REASON_DRIFTED, "drifted", "What is about to be deployed is not what was approved.")                             \
    X(REASON_ENVELOPE, "envelope", "The outcome envelope does not say what the log says.")                             \
    X(REASON_NO_ROLLBACK, "no_rollback",                                                                               \
      "There is no rollback that was signed, met by its trigger, and may still be used.")                              \
    X(REASON_ROLLBACK_OUTCOME, "rollback_outcome", "What went back is reported as rolled_back, or as failed.")         \
    X(REASON_NO_OUTCOME, "no_outcome", "An outcome can be reported once, after the approval was used.")                \
    /* emergencies */                                                                                                  \
    X(REASON_NO_EMERGENCIES, "no_emergencies", "The policy has no way around its rules.")                              \
    X(REASON_EMERGENCY_KIND, "emergency_kind", "The policy does not name this kind of emergency.")                     \
    X(REASON_EMERGENCY_ENVIRONMENT, "emergency_environment", "This kind of emergency is not for this environment.")    \
    X(REASON_EMERGENCY_CHANGE_TYPE, "emergency_change_type", "This kind of emergency is not for this change type.")    \
    X(REASON_EMERGENCY_ANCHOR, "emergency_anchor",                                                                     \
      "The emergency does not point to an incident, a CVE or a day to come, as its kind asks.")                        \
    X(REASON_EMERGENCY_PERSON, "emergency_person", "This person may not ask for an emergency or sign one.")            \
    X(REASON_NEVER_DEPLOYED, "never_deployed", "This did not run there lately, so it is no rollback.")                 \
    X(REASON_PRESENCE_PORT, "presence_port", "Each key must be in a port of its own of this appliance.")               \
    X(REASON_PRESENCE_SWITCH, "presence_switch", "The presence switch is not on.")                                     \
    X(REASON_PRESENCE_WINDOW, "presence_window", "The people were not here together: the first must sign again.")      \
    X(REASON_REVIEW_OVERDUE, "review_overdue", "An emergency of this service owes a review that is overdue.")          \
    X(REASON_REVIEW_NOT_OWED, "review_not_owed", "There is no emergency that owes this review.")                       \
    X(REASON_REVIEW_EARLY, "review_early", "What the emergency gave is not used yet, or not reported.")                \
    X(REASON_VOUCHER_UNKNOWN, "voucher_unknown", "There is no such voucher, or it was not signed.")                    \
    X(REASON_VOUCHER_USED, "voucher_used", "The voucher was used before.")                                             \
    X(REASON_VOUCHER_EXPIRED, "voucher_expired", "The voucher has run out.")                                           \
    X(REASON_VOUCHER_SCOPE, "voucher_scope", "The voucher is not for this.")                                           \
    X(REASON_VOUCHER_REVOKED, "voucher_revoked", "Who gave the voucher may no longer give one.")                       \
    X(REASON_VOUCHER_PERSON, "voucher_person", "A voucher is signed by the person who gives it.")                      \
    /* incidents and calendars */                                                                                      \
    X(REASON_FROZEN, "frozen", "An incident holds this environment.")                                                  \
    X(REASON_NOT_RESPONDER, "not_responder", "Only the incident's responders may ask for what remediates it.")         \
    X(REASON_NO_FREEZES, "no_freezes", "The policy does not let anything be frozen.")                                  \
    X(REASON_ALREADY_FROZEN, "already_frozen", "This is frozen already, for the same incident.")                       \
    X(REASON_NOT_FROZEN, "not_frozen", "There is no such freeze, or it has ended.")                                    \
    X(REASON_CLOSED_NOW, "closed_now", "The calendar does not let this be used now.")                                  \
    X(REASON_NEVER_OPENS, "never_opens", "The calendar would keep an environment closed for more than a year.")        \
    /* the directory */                                                                                                \
    X(REASON_NO_DIRECTORY, "no_directory", "The policy asks no directory.")                                            \
    X(REASON_DIRECTORY_SOURCE, "directory_source", "The policy asks another directory.")                               \
    X(REASON_DIRECTORY_MOVED, "directory_moved",                                                                       \
      "People or roles have changed since they were compared. Read them again.")                                       \
    X(REASON_DIRECTORY_OLD, "directory_old", "The directory was read too long ago, or before what is known of it.")    \
    X(REASON_DIRECTORY_PERSON, "directory_person",                                                                     \
      "The roster does not give this person this role, or the directory does not govern it.")                          \
    X(REASON_DIRECTORY_TOTAL, "directory_total",                                                                       \
      "Not all that the directory lists was sent, or who left it was left out.")                                       \
    /* transport and service */                                                                                        \
    X(REASON_SEALED, "sealed", "The log is sealed: read-only until its keeper has looked at it.")                      \
    X(REASON_BUSY, "busy", "Too much is waiting. Try again shortly.")

#define POLICY_REASON_ENUM(name, code, sentence) name,
enum policy_reason { POLICY_REASONS(POLICY_REASON_ENUM) REASON_COUNT };
#undef POLICY_REASON_ENUM

/* Zero is "deny, not evaluated". allow is set once, at the end. */
struct verdict {
    bool allow;
    enum policy_reason reason;
    struct cs_result cause; /* the decoder's or verifier's own answer, when there is one */
};
#define VERDICT_DENY(r)     ((struct verdict){.allow = false, .reason = (r)})
#define VERDICT_CAUSE(r, c) ((struct verdict){.allow = false, .reason = (r), .cause = (c)})
#define VERDICT_ALLOW       ((struct verdict){.allow = true, .reason = REASON_OK})

const char *policy_reason_code(enum policy_reason r);
const char *policy_reason_sentence(enum policy_reason r);
/* REASON_NOT_EVALUATED for an unknown code. */
enum policy_reason policy_reason_of(struct span code);

#endif
