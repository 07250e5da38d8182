#include "wire/all_of.hpp"

#include <cloudflare/detail/validation.hpp>

#include <boost/locale/utf.hpp>

#include <ostream>
#include <string>

namespace cloudflare::inline v0 {

error invalid_field(std::string_view field, std::string_view reason) {
    return error{errc::invalid_argument, std::string{field} + ' ' + std::string{reason}};
}

error within(error const& fault, std::string_view kind, std::size_t index) {
    return error{errc::invalid_argument,
                 std::string{kind} + '/' + std::to_string(index) + ": " + fault.detail()};
}

result<void> check_range(std::string_view field, std::int64_t value, std::int64_t min,
                         std::int64_t max) {
    if (value >= min && value <= max) return {};
    return invalid_field(field, "must be from " + std::to_string(min) + " to " +
                                    std::to_string(max) + ", not " + std::to_string(value));
}

result<void> check_text(std::string_view field, std::string_view value, std::size_t min,
                        std::size_t max) {
    using utf8 = boost::locale::utf::utf_traits<char>;
    auto const is_ascii = all_of(value, [](unsigned char c) { return c > 0 && c < 0x80; });
    auto const* const end = value.data() + value.size();
    auto const* at = is_ascii ? end : value.data();
    std::size_t characters = is_ascii ? value.size() : 0;
    for (; at != end; ++characters) {
        auto const point = utf8::decode(at, end);
        if (point == boost::locale::utf::illegal || point == boost::locale::utf::incomplete) {
            return invalid_field(field, "is not UTF-8");
        }
        if (point == 0) return invalid_field(field, "holds a NUL character");
    }
    if (characters >= min && characters <= max) return {};
    if (value.empty()) return invalid_field(field, "is empty");
    return invalid_field(field, "has " + std::to_string(characters) + " characters; " +
                                    std::to_string(max) + " are allowed");
}

result<void> check_identifier(identifier const& value) {
    return check_segment("id", value.text());
}

result<void> check_segment(std::string_view field, std::string_view text) {
    if (text.empty()) return invalid_field(field, "is empty");
    if (text.size() > 1024) return invalid_field(field, "is too long");
    auto const stays = [](unsigned char c) {
        return c != '/' && c != '\\' && c >= ' ' && c != 0x7f;
    };
    if (text == "." || text == ".." || !all_of(text, stays)) {
        return invalid_field(field, "is not a single path segment");
    }
    return {};
}

std::optional<error> check_batch_sizes(std::size_t deletes, std::size_t patches, std::size_t puts,
                                       std::size_t posts) {
    constexpr std::size_t max = 1000;
    struct kind {
        std::string_view name;
        std::size_t size;
    };
    for (auto const& [name, size] : {kind{"deletes", deletes}, kind{"patches", patches},
                                     kind{"puts", puts}, kind{"posts", posts}}) {
        if (size > max) {
            return invalid_field(name, "has " + std::to_string(size) + " items; " +
                                           std::to_string(max) + " are allowed");
        }
    }
    if (deletes + patches + puts + posts == 0) {
        return error{errc::invalid_argument, "the batch is empty"};
    }
    return std::nullopt;
}

std::ostream& operator<<(std::ostream& out, identifier const& value) {
    return out << value.text();
}

}  // namespace cloudflare::inline v0
