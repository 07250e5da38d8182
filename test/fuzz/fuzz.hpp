#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

/// What the fuzz targets share. Each defines `LLVMFuzzerTestOneInput`, and checks properties that
/// hold for any input, not only that nothing crashes.
namespace cloudflare::fuzz {

/// Ends the process when a property does not hold, so that the fuzzer keeps the input.
inline void require(bool holds, char const* property) {
    if (holds) return;
    std::fprintf(stderr, "does not hold: %s\n", property);
    std::abort();
}

/// An input: letters that pick cases, and a text.
class input {
public:
    input(std::uint8_t const* data, std::size_t size)
        : rest_{reinterpret_cast<char const*>(data), size} {}

    /// Takes a byte that picks one of so many cases: `A` is the first one.
    std::size_t pick(std::size_t cases) {
        if (rest_.empty()) return 0;
        auto const byte = static_cast<unsigned char>(rest_.front() - 'A');
        rest_.remove_prefix(1);
        return byte % cases;
    }
    /// Takes the text up to the next line's end.
    std::string_view line() {
        auto const end = rest_.find('\n');
        auto const taken = rest_.substr(0, end);
        rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
        return taken;
    }
    std::string_view rest() const { return rest_; }

private:
    std::string_view rest_;
};

}  // namespace cloudflare::fuzz

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);
