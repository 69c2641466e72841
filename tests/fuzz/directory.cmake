# SPDX-License-Identifier: Apache-2.0
cs_fuzz(fuzz_directory_listing SOURCES fuzz_directory_listing.c DEPS directory)
