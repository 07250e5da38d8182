#pragma once

/// The version of the library. Until 1.0, what changes MINOR may break a program's source and its
/// binary, and the shared library's SONAME has both numbers; from then on only what changes MAJOR.
#define CLOUDFLARE_VERSION_MAJOR 0
#define CLOUDFLARE_VERSION_MINOR 1
#define CLOUDFLARE_VERSION_PATCH 0

/// For comparing: MAJOR * 10000 + MINOR * 100 + PATCH.
#define CLOUDFLARE_VERSION \
    (CLOUDFLARE_VERSION_MAJOR * 10000 + CLOUDFLARE_VERSION_MINOR * 100 + CLOUDFLARE_VERSION_PATCH)

/// For people: "MAJOR.MINOR.PATCH".
#define CLOUDFLARE_VERSION_STRING                                               \
    CLOUDFLARE_VERSION_JOIN(CLOUDFLARE_VERSION_MAJOR, CLOUDFLARE_VERSION_MINOR, \
                            CLOUDFLARE_VERSION_PATCH)
#define CLOUDFLARE_VERSION_JOIN(major, minor, patch) CLOUDFLARE_VERSION_TEXT(major.minor.patch)
#define CLOUDFLARE_VERSION_TEXT(text) #text
