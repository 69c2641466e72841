/* SPDX-License-Identifier: Apache-2.0 */
/* Is this a sanitizer build? Its runtime makes calls of its own and reads its own process, so seccomp and "not
 * dumpable" are left out of it, and it may read its own /proc; there is no other way to leave them out. */
#ifndef CAGE_SANITIZED_H
#define CAGE_SANITIZED_H

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CAGE_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CAGE_SANITIZED 1
#endif
#if !defined(CAGE_SANITIZED)
#define CAGE_SANITIZED 0
#endif

#endif
