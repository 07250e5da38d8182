// Date-times as the API writes them.

#include "fuzz.hpp"

#include <cloudflare/timestamp.hpp>

#include <string>

using cloudflare::parse_timestamp;
using cloudflare::fuzz::require;

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const read = parse_timestamp(cloudflare::fuzz::input{data, size}.rest());
    if (!read) return 0;
    auto const text = cloudflare::to_string(*read);
    require(text.size() == 27 && text.back() == 'Z', "it is written in the form of RFC 3339");
    require(parse_timestamp(text) == read, "it comes back the same");
    return 0;
}
