#pragma once

#include <cloudflare/transport.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <cstddef>
#include <string>

namespace cloudflare::inline v0::http {

/// Interim answers (RFC 9110, 15.2) are skipped; a server or proxy has no use for more of them.
inline constexpr int most_interim_answers = 20;

/// Parses an answer straight into a `response`: only the header fields that the layers above need
/// are kept.
class response_parser final : public boost::beast::http::basic_parser<false> {
public:
    response_parser(response& into, std::size_t max_header, std::size_t max_body);

    /// As the base's; but nothing of a chunked body before there are as many bytes as in its
    /// shortest end. With fewer, Beast may assert before Boost 1.86 (boostorg/beast#2861).
    std::size_t put(boost::asio::const_buffer text, boost::beast::error_code& ec);

    /// Whether the body is compressed, which was not asked for.
    bool is_encoded() const noexcept { return is_encoded_; }

private:
    using error_code = boost::beast::error_code;
    using string_view = boost::beast::string_view;
    using field = boost::beast::http::field;

    void on_request_impl(boost::beast::http::verb, string_view, string_view, int,
                         error_code&) override {}
    void on_response_impl(int code, string_view reason, int version, error_code& ec) override;
    void on_field_impl(field name, string_view name_string, string_view value,
                       error_code& ec) override;
    // Beast has it from Boost 1.89 on; before, trailers come as fields.
    virtual void on_trailer_field_impl(field, string_view, string_view, error_code&) {}
    void on_header_impl(error_code& ec) override;
    void on_body_init_impl(boost::optional<std::uint64_t> const& length, error_code& ec) override;
    std::size_t on_body_impl(string_view part, error_code& ec) override;
    void on_chunk_header_impl(std::uint64_t size, string_view extensions, error_code& ec) override;
    std::size_t on_chunk_body_impl(std::uint64_t remain, string_view part, error_code& ec) override;
    void on_finish_impl(error_code& ec) override;

    response& into_;
    bool is_encoded_ = false;
    bool in_header_ = true;
};

}  // namespace cloudflare::inline v0::http
