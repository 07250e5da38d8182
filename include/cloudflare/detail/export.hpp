#pragma once

/// What a shared library of ours lets its users link with; everything else in it is hidden.
#define CLOUDFLARE_EXPORT __attribute__((visibility("default")))
