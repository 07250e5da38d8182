#include "http/response_parser.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <string_view>

namespace cloudflare::inline v0::http {

namespace beast = boost::beast;

response_parser::response_parser(response& into, std::size_t max_header, std::size_t max_body)
    : into_{into} {
    header_limit(static_cast<std::uint32_t>(std::min<std::size_t>(max_header, UINT32_MAX)));
    body_limit(max_body);
    eager(true);
}

std::size_t response_parser::put(boost::asio::const_buffer text, beast::error_code& ec) {
    constexpr std::string_view shortest_end = "0\r\n\r\n";
    if (!in_header_ && chunked() && text.size() < shortest_end.size()) {
        ec = beast::http::error::need_more;
        return 0;
    }
    return basic_parser::put(text, ec);
}

void response_parser::on_response_impl(int code, string_view, int, error_code&) {
    into_.status = static_cast<unsigned>(code);
}

void response_parser::on_field_impl(field name, string_view name_string, string_view value,
                                    error_code&) {
    if (!in_header_) return;
    auto const keep = [value](std::string& kept) { kept.assign(value.data(), value.size()); };
    // Of several fields of a list, the parts belong together.
    auto const append = [value, keep](std::string& kept) {
        if (kept.empty()) return keep(kept);
        kept += ", ";
        kept.append(value.data(), value.size());
    };
    switch (name) {
        case field::location:
            return keep(into_.location);
        case field::date:
            return keep(into_.date);
        case field::retry_after:
            return keep(into_.retry_after);
        case field::content_encoding:
            is_encoded_ = is_encoded_ || !beast::iequals(value, "identity");
            return;
        case field::transfer_encoding:
            is_encoded_ = is_encoded_ || !beast::iequals(value, "chunked");
            return;
        case field::unknown:
            break;
        default:
            return;
    }
    // Written as Cloudflare does: texts that are equal are compared faster.
    if (beast::iequals(name_string, "CF-RAY")) return keep(into_.ray_id);
    if (beast::iequals(name_string, "Ratelimit")) return append(into_.ratelimit);
    if (beast::iequals(name_string, "Ratelimit-Policy")) return append(into_.ratelimit_policy);
    if (beast::iequals(name_string, "Retry-After-Ms")) return keep(into_.retry_after_ms);
    if (beast::iequals(name_string, "X-Should-Retry")) return keep(into_.should_retry);
}

void response_parser::on_header_impl(error_code&) {
    in_header_ = false;
}

void response_parser::on_body_init_impl(boost::optional<std::uint64_t> const& length, error_code&) {
    // The length is only the server's word: a large one is not believed before the bytes are here.
    constexpr std::uint64_t believed = 1024 * 1024;
    if (length) into_.body.reserve(static_cast<std::size_t>(std::min(*length, believed)));
}

std::size_t response_parser::on_body_impl(string_view part, error_code&) {
    into_.body.append(part.data(), part.size());
    return part.size();
}

void response_parser::on_chunk_header_impl(std::uint64_t, string_view, error_code&) {}

std::size_t response_parser::on_chunk_body_impl(std::uint64_t, string_view part, error_code&) {
    into_.body.append(part.data(), part.size());
    return part.size();
}

void response_parser::on_finish_impl(error_code&) {}

}  // namespace cloudflare::inline v0::http
