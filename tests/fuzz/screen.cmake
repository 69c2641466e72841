# SPDX-License-Identifier: Apache-2.0
cs_fuzz(fuzz_screen_text SOURCES fuzz_screen_text.c DEPS screen)
cs_fuzz(fuzz_screen_flow SOURCES fuzz_screen_flow.c DEPS screen judge LIBS author_log cmocka)
cs_fuzz(fuzz_kiosk_token SOURCES fuzz_kiosk_token.c "${CMAKE_SOURCE_DIR}/src/prog/kiosk/kiosk_token.c" DEPS screen ipc json)
