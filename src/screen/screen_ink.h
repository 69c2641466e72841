/* SPDX-License-Identifier: Apache-2.0 */
/* What a piece of the screen is, which a face turns into colours. Nothing is told by ink alone. */
#ifndef SCREEN_INK_H
#define SCREEN_INK_H

enum ink {
    INK_FRAME, /* the appliance speaks: light on dark */
    INK_FRAME_DIM,
    INK_FRAME_STRONG,
    INK_FRAME_OK,
    INK_FRAME_BAD,
    INK_STRIPE, /* an emergency, and nothing else */
    INK_STEP,   /* where in the visit we are */
    INK_BUTTON,
    INK_BUTTON_OFF,
    INK_ACT, /* your body is needed now */
    INK_ACT_STRONG,
    INK_SHEET, /* what is signed: dark on white */
    INK_SHEET_DIM,
    INK_SHEET_STRONG,
    INK_SHEET_OK,
    INK_SHEET_WARN,
    INK_DIGEST,
    INK_DIGEST_ALT,
    INK_CHIP,
    INK_COUNT
};

#endif
