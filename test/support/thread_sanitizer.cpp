// What a program that runs under ThreadSanitizer ignores, by one principle: what libraries do that
// were built without it. Their atomics are invisible to the sanitizer, so that memory which they
// share by reference counts seems to be freed and reused unordered. Calls from this program's own
// code, which is instrumented with the library's, are all checked; `planted_race` shows that.

#ifdef __SANITIZE_THREAD__

#include <array>
#include <cstddef>
#include <link.h>
#include <string_view>

namespace {

// Filled before the sanitizer has begun: neither instrumented nor allocated.
struct suppressions {
    std::array<char, 65536> text{};
    std::size_t size = 0;
};
constinit suppressions all;

__attribute__((no_sanitize("thread"))) void append(char const* text) {
    // The array's last character stays zero.
    while (*text != '\0' && all.size + 1 < sizeof all.text) {
        reinterpret_cast<char*>(&all.text)[all.size++] = *text++;
    }
}

/// A line for each library; the program itself has an empty name.
__attribute__((no_sanitize("thread"))) int append_library(dl_phdr_info* module, std::size_t,
                                                          void*) {
    auto const* const name = module->dlpi_name;
    if (name && name[0] == '/') {
        append("called_from_lib:");
        append(name);
        append("\n");
    }
    return 0;
}

}  // namespace

extern "C" __attribute__((no_sanitize("thread"))) char const* __tsan_default_suppressions() {
    dl_iterate_phdr(append_library, nullptr);
    return reinterpret_cast<char const*>(&all.text);
}

#endif
