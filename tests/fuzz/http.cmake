# SPDX-License-Identifier: Apache-2.0
if(TARGET http)
    cs_fuzz(fuzz_http_target SOURCES fuzz_http_target.c DEPS http)
    cs_fuzz(fuzz_http_header SOURCES fuzz_http_header.c DEPS http)
    cs_fuzz(fuzz_http_html SOURCES fuzz_http_html.c DEPS http)
endif()
