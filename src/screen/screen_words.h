/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the frame says: compiled-in sentences, each with a code for the log. What happened, whether anything was signed,
 * what to do next. Names in {braces} are filled from the roster and the fold, never from a request. Pure.
 */
#ifndef SCREEN_WORDS_H
#define SCREEN_WORDS_H

#include "base/base_writer.h"
#include "model/model_state.h"
#include "policy/policy_sheet.h"

#define SCREEN_WORDS(X)                                                                                                \
    X(WORD_NONE, "none", "")                                                                                           \
    /* the key */                                                                                                      \
    X(WORD_WRONG_KEY, "wrong_key",                                                                                     \
      "This is not the {thing} we asked for. Nothing was signed. Use {key}, or press Esc.")                            \
    X(WORD_NOT_ENROLLED, "not_enrolled",                                                                               \
      "This {thing} is not known here. Nothing was signed. Ask security to enrol it.")                                 \
    X(WORD_KEY_OFF, "key_off", "This {thing} was switched off{on}. Nothing was signed. Ask security.")                 \
    X(WORD_PIN_WRONG, "pin_wrong", "That PIN was wrong. Nothing was signed. {tries} left, then the {thing} locks.")    \
    X(WORD_REPLUG, "pin_auth_blocked",                                                                                 \
      "Too many wrong PINs in a row. Nothing was signed. Take the {thing} out, put it back, and try again.{left}")     \
    X(WORD_PIN_BLOCKED, "pin_blocked",                                                                                 \
      "The PIN is locked. Nothing was signed. This {thing} cannot sign until security resets it. Use your other one.") \
    X(WORD_PIN_LAST, "pin_last_try",                                                                                   \
      "Only one try is left, so the PIN was not sent. Nothing was signed. Ask security to reset the {thing}.")         \
    X(WORD_PIN_FORM, "bad_request",                                                                                    \
      "That cannot be the PIN of this {thing}. Nothing was signed, and no try was used. Type it again.")               \
    X(WORD_PIN_NOT_SET, "pin_not_set", "This {thing} has no PIN yet. Nothing was signed. Security must set one.")      \
    X(WORD_UV_BLOCKED, "uv_blocked", "Fingerprint did not match. Nothing was signed. Use your PIN instead.")           \
    X(WORD_TOUCH_LATE, "timeout", "No touch in 30 seconds. Nothing was signed. Press {again} to try again.")           \
    X(WORD_REMOVED, "removed", "The {thing} was taken out. Nothing was signed. Put it back to go on.")                 \
    X(WORD_CANCELLED, "cancelled", "Stopped. Nothing was signed.")                                                     \
    X(WORD_CARD_CHANGED, "card_changed",                                                                               \
      "The card was changed between PIN and signature. Nothing was signed. Leave your card in, and try again.")        \
    X(WORD_READER, "reader", "The card reader went away. Nothing was signed. Wait a moment, then put the card in.")    \
    X(WORD_WEAK_KEY, "weak_key",                                                                                       \
      "This card's key is too weak, or of a kind not used here. Nothing was signed. Ask security for another.")        \
    X(WORD_CERT_MISMATCH, "cert_mismatch",                                                                             \
      "The certificate on this card does not fit its key. Nothing was signed. Ask security.")                          \
    X(WORD_CERT_EXPIRED, "cert_expired",                                                                               \
      "This card's certificate is not valid now. Nothing was signed. Ask security for another card.")                  \
    X(WORD_CERT_REVOKED, "cert_revoked",                                                                               \
      "This card's issuer has revoked it. Nothing was signed. Ask security for another card.")                         \
    X(WORD_PERSON_GONE, "person_gone",                                                                                 \
      "This {thing} is of somebody who was taken off the list of people. Nothing was signed. Ask security.")           \
    X(WORD_MODEL_GONE, "model_gone",                                                                                   \
      "Keys of this model are no longer allowed here. Nothing was signed. Ask security for another.")                  \
    X(WORD_ISSUER_GONE, "issuer_gone",                                                                                 \
      "Cards of this issuer are no longer allowed here. Nothing was signed. Ask security for another.")                \
    X(WORD_ROOT_GONE, "root_gone",                                                                                     \
      "The authority behind this card is no longer trusted here. Nothing was signed. Ask security to renew it.")       \
    X(WORD_NOT_ALLOWED, "token_not_allowed",                                                                           \
      "The policy asks for another kind of key in this role. Nothing was signed. Use another one.")                    \
    X(WORD_SEVERAL, "several", "More than one is in. Nothing was signed. Leave in only the one that this is about.")   \
    X(WORD_WHICH, "which", "More than one is in. Press the number of the one to use, or take the others out.")         \
    X(WORD_NONE_MAY, "none_may", "Nobody whose key or card is in may sign this. Nothing was signed.")                  \
    X(WORD_NOT_OFFERED, "not_offered", "That one may not sign this. Nothing was signed. Choose one of the list.")      \
    X(WORD_OTHER_KEY, "other_key", "Another key answered than the one asked. Nothing was signed. Try again.")          \
    X(WORD_NO_TOKEN, "no_token", "No key or card is in. Nothing was signed. Put yours in.")                            \
    X(WORD_KEY_BUSY, "busy", "The {thing} is still busy. Nothing was signed. Take it out and put it back.")            \
    X(WORD_KEY_FAILED, "failed", "The {thing} did not answer as it should. Nothing was signed. Try again.")            \
    X(WORD_KEY_UNSUPPORTED, "unsupported",                                                                             \
      "This {thing} cannot do what is needed here. Nothing was signed. Use another one.")                              \
    X(WORD_KEY_TAKEN, "excluded",                                                                                      \
      "This {thing} is enrolled already, and it can stand for one person only. Nothing was signed. Use another one.")  \
    X(WORD_NO_ATTESTATION, "no_attestation",                                                                           \
      "This {thing} cannot prove its model, so it cannot be enrolled. Use another one.")                               \
    X(WORD_NO_READER, "no_reader", "The key reader does not answer, so nobody can sign now. You can still read.")      \
    X(WORD_TRIES_USED, "tries_used", "Three tries were used. Nothing was signed. Open the request again to go on.")    \
    X(WORD_PIN_SHORT, "pin_short", "A PIN has at least 4 characters.")                                                 \
    X(WORD_PIN_LATE, "pin_late", "No PIN in 60 seconds. Nothing was signed. Press {again} to try again.")              \
    X(WORD_CHOICE_LATE, "choice_late", "Nobody chose in 60 seconds. Nothing was signed. Press {again} to try again.")  \
    X(WORD_KEY_LATE, "key_late", "No key or card in 60 seconds. Nothing was signed. Press {again} to try again.")      \
    /* the request */                                                                                                  \
    X(WORD_IS_REQUESTER, "is_requester", "You asked for this change, so someone else must decide.")                    \
    X(WORD_IS_AUTHOR, "is_author", "You wrote part of this change, so someone else must decide.")                      \
    X(WORD_IS_TRIGGER, "is_trigger", "You started this pipeline, so someone else must decide.")                        \
    X(WORD_IS_SUBJECT, "is_subject", "This is about your own roles or keys, so someone else must decide.")             \
    X(WORD_IS_EDITOR, "is_policy_editor", "You last changed the policy, so someone else must decide.")                 \
    X(WORD_ALREADY_SIGNED, "already_signed", "You already signed this request{when}{for}. Once is enough.")            \
    X(WORD_NO_ROLE, "no_role", "You can read this, but none of your roles is needed.")                                 \
    X(WORD_SUSPENDED, "suspended", "You are suspended. Nothing was signed. Ask the officers.")                         \
    X(WORD_OFF_DUTY, "off_duty", "You are not on duty now. Nothing was signed. Whoever is on duty decides this.")      \
    X(WORD_ROLE_LAPSED, "role_lapsed",                                                                                 \
      "Your role was not reviewed or used in time. Nothing was signed. Ask the officers to review it.")                \
    X(WORD_NOT_IN_DIRECTORY, "not_in_directory",                                                                       \
      "The directory does not have you in this role. Nothing was signed. Ask who keeps the directory.")                \
    X(WORD_DIRECTORY_STALE, "directory_stale",                                                                         \
      "The directory was not read in time, so your role does not count. Nothing was signed. Ask your operator.")       \
    X(WORD_SEAT_ORDER, "seat_order", "Others must sign before you can. You can read this now.")                        \
    X(WORD_NOT_IN_GROUP, "not_in_group",                                                                               \
      "You have this role only since this request was opened, so you have no vote on it. You can read it.")            \
    X(WORD_NO_ABSTENTION, "no_abstention", "Nobody votes in your seat here. Approve it, reject it, or leave it.")      \
    X(WORD_QUORUM_MET, "quorum_met", "Enough people have signed. Your signature is not needed.{approved}")             \
    X(WORD_WAS_REJECTED, "rejected",                                                                                   \
      "{person} rejected this{when}. Nothing more can be signed. The reason is on page 1.")                            \
    X(WORD_EXPIRED, "expired", "Time to decide ran out{when}. Nothing more can be signed.")                            \
    X(WORD_WITHDRAWN, "withdrawn", "The pipeline took this request back. Nothing more can be signed.")                 \
    X(WORD_WAS_TAKEN, "was_taken_back", "Who asked for this took it back. Nothing can be signed or used from it.")     \
    X(WORD_TAKEN_BACK, "taken_back", "Taken back. Nothing can be signed or used from it any more.")                    \
    X(WORD_NOT_ASKER, "not_asker", "{person} asked for this. Only with that key or card in can it be taken back.")     \
    X(WORD_NO_WAY_BACK, "no_way_back",                                                                                 \
      "This cannot be taken back here. Only what was asked for here can, by whoever asked.")                           \
    X(WORD_REASON_BACK, "reason_back", "Say why, in at least {count} characters. It stands in the log.")               \
    X(WORD_NOT_OPEN, "not_open", "This request is no longer open. Nothing was signed.")                                \
    X(WORD_CHANGED, "changed", "This request changed while you were reading. Nothing was signed.")                     \
    X(WORD_RULES_CHANGED, "policy_changed",                                                                            \
      "The policy or the roster changed while you were reading. Nothing was signed. Read the pages again.")            \
    X(WORD_FILES_CHANGED, "files_changed",                                                                             \
      "A file or a waiver came while you were reading. Nothing was signed. Read the pages again.")                     \
    X(WORD_CLOCK, "clock", "The clock cannot be trusted, so nobody can sign here now. You can still read.")            \
    X(WORD_HIDDEN, "hidden_text", "This text hides something. You can only reject it.")                                \
    X(WORD_UNSHOWN, "unshown_text", "Part of this text cannot be shown here, so it cannot be signed here.")            \
    X(WORD_READ_ALL, "read_all", "Read every page first. Approve unlocks when you have seen them all.")                \
    X(WORD_REASON_APPROVE, "reason_approve", "The policy asks for a reason of at least {count} characters.")           \
    X(WORD_REASON_REJECT, "reason_reject", "Say why, in at least {count} characters. The requester will read it.")     \
    X(WORD_REFRESHED, "refreshed", "This page was refreshed. Check it once more, then press Enter.")                   \
    X(WORD_NOT_YET, "not_yet", "One moment: the page you sign is being made.")                                         \
    X(WORD_SIGN_PAGES, "sign_pages", "You sign this page too: read it, then press Enter.")                             \
    X(WORD_REFUSED, "refused", "{core} This does not count.")                                                          \
    /* the record */                                                                                                   \
    X(WORD_NOT_RECORDED, "not_recorded",                                                                               \
      "This could not be recorded, so it does not count. Nothing will be deployed.")                                   \
    X(WORD_NOT_THERE, "not_there",                                                                                     \
      "What was signed here last is not in the log so far. Look at the list before you sign it again.")                \
    X(WORD_RECORDED_LATE, "recorded",                                                                                  \
      "What was signed here last stands in the log after all, as entry {count}. It counts.")                           \
    X(WORD_NO_ANSWER, "no_answer",                                                                                     \
      "No answer yet. Whether it counts shows on the list: look there before you sign again.")                         \
    X(WORD_VISIT_OVER, "visit_over", "Fifteen minutes are over. Nothing was signed. Open the request again.")          \
    X(WORD_IDLE_OVER, "idle_over", "Nobody was there, so the request was closed. Nothing was signed.")                 \
    X(WORD_SMALL, "small", "This window is too small. Make it at least 80 by 24.")                                     \
    /* people and keys */                                                                                              \
    X(WORD_BAD_ID, "bad_id", "A name is 1 to 64 of: letters, digits and . _ - @ + : /, no spaces.")                    \
    X(WORD_NEEDS_ROLE, "needs_role", "Choose at least one role.")                                                      \
    X(WORD_LIST_FULL, "list_full", "This proposal is full. Propose it, then start another.")                           \
    X(WORD_LIST_EMPTY, "list_empty", "Nothing to propose yet.")                                                        \
    X(WORD_SIGNED_ONCE, "signed_once", "This officer has signed. The next officer inserts a key.")                     \
    X(WORD_KEY_USED, "key_used",                                                                                       \
      "This key was just enrolled for {person}. Take it out; the next person uses another.")                           \
    X(WORD_TAKE_OUT, "take_out", "Done. Take the {thing} out, so that the next person can insert theirs.")             \
    X(WORD_PROPOSED, "proposed",                                                                                       \
      "Proposed. Whoever must sign reads it and signs now, one after the other. Esc leaves it in the list for later.") \
    X(WORD_NEXT_SIGNER, "next_signer",                                                                                 \
      "Recorded. The next one reads it and signs with their own key or card. Esc leaves it in the list for later.")    \
    X(WORD_CARD_PIN, "card_pin",                                                                                       \
      "A card that signs without its PIN proves nobody. It cannot be enrolled. Use another one, or press Esc.")        \
    X(WORD_NO_ISSUER, "no_issuer",                                                                                     \
      "No issuer of cards is allowed here yet, so no card can be enrolled. The officers allow one first.")             \
    X(WORD_ANCHOR, "anchor",                                                                                           \
      "That is not what this kind of emergency points to. Look at the example, and write it again.")                   \
    X(WORD_FORM_BAD, "form_bad", "This cannot be written into the log. Go back with Esc and look at the answers.")     \
    X(WORD_WHO_ASKS, "who_asks", "Put your key or card in first: this is asked for by a person, in their name.")       \
    X(WORD_NO_EMERGENCY, "no_emergency", "The policy knows no emergencies. There is no way around its rules.")         \
    X(WORD_NO_DEBT, "no_debt", "No review is owed.")                                                                   \
    X(WORD_NO_FREEZES, "no_freezes", "The policy does not let anything be frozen.")                                    \
    X(WORD_NOTHING_FROZEN, "nothing_frozen", "Nothing is frozen here now.")                                            \
    X(WORD_FROZEN_NOW, "frozen_now",                                                                                   \
      "It is frozen, and stands in the log. Press t to end it when the incident is over.")                             \
    X(WORD_BAD_NAME, "bad_name",                                                                                       \
      "Names here have letters, digits and ._@+:/- only, and no spaces inside. Write it again.")                       \
    X(WORD_HELD, "held",                                                                                               \
      "An incident holds this. Nothing was signed. It goes on when somebody ends the freeze: t on the list.")          \
    X(WORD_BLOCKED, "blocked", "{core} Nothing was signed. For now it can only be rejected.")                          \
    X(WORD_NO_VOUCHER, "no_voucher", "The policy takes no vouchers.")                                                  \
    X(WORD_NO_WAIVER, "no_waiver", "The policy lets nobody waive anything.")                                           \
    X(WORD_NO_SWITCH, "no_switch",                                                                                     \
      "This kiosk has no emergency switch, and the policy asks for one. No emergency can be signed here.")             \
    X(WORD_SWITCH_OFF, "switch_off",                                                                                   \
      "The emergency switch is off. Nothing was signed. Turn it on, and keep it on until both have signed.")           \
    X(WORD_PORT, "port",                                                                                               \
      "In an emergency the {thing} must be in one of this appliance's own ports, and the other one's in another. "     \
      "Nothing was signed.")                                                                                           \
    X(WORD_WINDOW, "window",                                                                                           \
      "You did not sign together in time. The first signature no longer counts. Both sign again, from the first.")     \
    X(WORD_NOT_LISTED, "not_listed",                                                                                   \
      "You may not ask for an emergency or sign one. Nothing was signed. Ask those whom the policy names.")            \
    X(WORD_OVERDUE, "overdue",                                                                                         \
      "An emergency of this service owes a review that is overdue. It must be signed first: Esc, then 9.")             \
    X(WORD_FORM_AGAIN, "form_again",                                                                                   \
      "The policy or the roster changed meanwhile. Nothing was asked. Answer once more, from the first question.")     \
    X(WORD_FORM_TIME, "form_time", "Write a day and a time as in 2026-12-24 08:00, in UTC.")                           \
    X(WORD_FORM_MANY, "form_many", "These are more names than fit one request. Write fewer.")                          \
    X(WORD_TOO_LONG, "too_long",                                                                                       \
      "This is longer than the 20 pages that can be signed at a kiosk. Nothing was asked. Ask for less of it.")        \
    X(WORD_NOTHING_TO_ASK, "nothing_to_ask", "The policy has nothing that is asked for at a kiosk.")                   \
    X(WORD_NO_DELEGATION, "no_delegation", "The policy lets nobody sign for somebody else.")                           \
    X(WORD_DELEGATE_TO, "delegate_to", "The policy does not let this person sign for you. Choose somebody else.")      \
    X(WORD_DELEGATE_TIME, "delegation_time",                                                                           \
      "It ends later than it begins and than now, and lasts no longer than the policy lets. Write another time.")      \
    X(WORD_NO_ACCESS_REVIEW, "no_access_review", "The policy asks for no access reviews.")                             \
    X(WORD_TOO_FEW_LEFT, "too_few_left",                                                                               \
      "Too few officers would be left to sign it: neither you nor who is reviewed may. Take fewer officers.")          \
    X(WORD_NO_DUTY, "no_duty", "No duty roster has shifts to come. The command line makes one: countersign propose.")  \
    X(WORD_NOT_ON_SHIFT, "not_on_shift", "Nobody on the roster has this name and a role that this duty is for.")       \
    X(WORD_FORM_EMPTY, "form_empty", "Write the answer first.")                                                        \
    X(WORD_FORM_SHORT, "form_short", "Write at least {count} characters.")                                             \
    X(WORD_REASON_PROPOSE, "reason_propose", "Say why, in at least {count} characters. The officers will read it.")    \
    X(WORD_PROPOSAL_BAD, "proposal_bad", "The genesis proposal cannot be read. Make it again with countersign init.")  \
    X(WORD_NO_PROPOSAL, "no_proposal", "The log is empty, and no genesis is proposed. Run countersign init first.")    \
    /* out of service */                                                                                               \
    X(WORD_CORE_GONE, "core_gone", "The approval service does not answer. Nobody can sign here now.")                  \
    X(WORD_CATCHING_UP, "catching_up", "Reading the log. One moment.")                                                 \
    X(WORD_BROKEN, "broken", "The log does not add up, so nothing here may be trusted. Call security.")                \
    X(WORD_SEALED, "sealed", "The log is sealed: its keeper must look at it before anybody can sign.")                 \
    X(WORD_NO_MEMORY, "no_memory", "This kiosk ran out of memory for this. Nothing was signed.")

#define SCREEN_WORD_ENUM(name, code, text) name,
enum screen_word { SCREEN_WORDS(SCREEN_WORD_ENUM) WORD_COUNT };
#undef SCREEN_WORD_ENUM

/* What the braces stand for; zero where the sentence does not use them. person and key are from the roster. */
struct word_args {
    struct span person; /* {person} */
    struct span key;    /* {key}: its nickname or short name */
    struct span seat;   /* {for}: " for production/tech"; empty: nothing */
    bool card;          /* {thing}: "card", else "key" */
    bool reject;        /* {again}: "F4", "F8" or else "F12"; what starts it once more */
    bool abstain;
    bool has_tries;      /* {tries}, {left} */
    uint64_t tries;      /* "2 tries" */
    uint64_t count;      /* {count} */
    uint64_t when_ms;    /* {when}: " at 13:58"; {on}: " on 12 Nov"; {approved}: a sentence; 0: nothing */
    const char *of_core; /* {core}: a sentence of policy_reason's, a literal */
};

/* What kind of request it is, in lists; empty for a deployment. And what a line of the sheet asks: "evidence: ". */
const char *screen_kind_words(enum request_kind kind);
const char *screen_need_words(enum sheet_kind kind);

const char *screen_word_code(enum screen_word w);
/* The sentence with its braces as they stand. */
const char *screen_word_text(enum screen_word w);
/* Appends the sentence with its braces filled. */
void screen_words(enum screen_word word, const struct word_args *args, struct writer *w);

/* The token agent's code; WORD_KEY_FAILED for one that is not known. */
enum screen_word screen_word_of_token(struct span code);
/* Why a credential does not count, for who holds it; WORD_NONE when it does. */
enum screen_word screen_word_of_standing(enum credential_standing s);
/* A reason of the policy or the core in the reader's own terms ("You asked …"); WORD_NONE when the reason's own
 * sentence serves. */
enum screen_word screen_word_of_reason(enum policy_reason reason);

#endif
