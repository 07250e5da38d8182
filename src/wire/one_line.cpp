#include <cloudflare/detail/one_line.hpp>

#include <boost/locale/utf.hpp>

namespace cloudflare {

std::string one_line(std::string_view text) {
    namespace utf = boost::locale::utf;
    std::string line;
    line.reserve(text.size());
    auto const* const end = text.data() + text.size();
    for (auto const* at = text.data(); at != end;) {
        auto const* const begin = at;
        auto const point = utf::utf_traits<char>::decode(at, end);
        if (point == utf::illegal || point == utf::incomplete) {
            line += '?';
            at = begin + 1;
        } else if (point < U' ' || (point >= 0x7f && point < 0xa0)) {
            line += ' ';
        } else {
            line.append(begin, at);
        }
    }
    return line;
}

}  // namespace cloudflare
