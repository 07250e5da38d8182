#include "wire/envelope.hpp"

#include "wire/json_reader.hpp"

#include <boost/algorithm/string/find.hpp>
#include <boost/algorithm/string/predicate.hpp>
#include <boost/algorithm/string/trim.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace cloudflare::wire {

/// `source` is an object of its own on the wire; only its pointer is of use.
struct source_codec final : codec {
    slot on_object(void* at) const override { return {this, at}; }
    slot member(void* at, std::string_view name, std::size_t&) const override {
        if (name != "pointer") return {};
        return {&codec_for<std::string>(), &static_cast<api_message*>(at)->source_pointer};
    }
    void write(void const*, sink&) const override {}
};

template <>
struct codec_of<api_message> final : codec {
    slot on_object(void* at) const override { return {this, at}; }
    slot member(void* at, std::string_view name, std::size_t&) const override {
        static constexpr source_codec source;
        auto& message = *static_cast<api_message*>(at);
        if (name == "code") return {&codec_for<std::int64_t>(), &message.code};
        if (name == "message") return {&codec_for<std::string>(), &message.message};
        if (name == "documentation_url") {
            return {&codec_for<std::string>(), &message.documentation_url};
        }
        if (name == "source") return {&source, at};
        return {};
    }
    void write(void const*, sink&) const override {}
};

namespace {

struct envelope {
    std::optional<bool> success;
    std::vector<api_message> errors;
    std::vector<api_message> messages;
    slot result;
    page_info* info = nullptr;
};

struct envelope_codec final : codec {
    slot on_object(void* at) const override { return {this, at}; }
    slot member(void* at, std::string_view name, std::size_t&) const override {
        auto& whole = *static_cast<envelope*>(at);
        if (name == "result") return whole.result;
        if (name == "success") return {&codec_for<std::optional<bool>>(), &whole.success};
        if (name == "errors") return {&codec_for<std::vector<api_message>>(), &whole.errors};
        if (name == "messages") return {&codec_for<std::vector<api_message>>(), &whole.messages};
        if (name == "result_info" && whole.info) return {&codec_for<page_info>(), whole.info};
        return {};
    }
    void write(void const*, sink&) const override {}
};

std::optional<std::string> read_envelope(std::string_view body, envelope& into) {
    static constexpr envelope_codec codec;
    return read_json(body, {&codec, &into});
}

/// The title of an HTML page, or else the first line of a text, short and printable.
std::string summary(std::string_view body) {
    auto text = body.substr(0, 4096);
    auto const begin = boost::algorithm::ifind_first(text, "<title>");
    auto const end = boost::algorithm::ifind_first(text, "</title>");
    if (!begin.empty() && !end.empty() && begin.end() <= end.begin()) {
        text = {begin.end(), end.begin()};
    }
    std::string line{text};
    boost::algorithm::trim_if(line, [](char c) { return static_cast<unsigned char>(c) <= ' '; });
    line.erase(
        std::find_if(line.begin(), line.end(), [](char c) { return c == '\r' || c == '\n'; }),
        line.end());
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    // It may be JSON, where a secret that is written in escapes would not be found.
    if (line.find('\\') != std::string::npos) return {};
    if (line.size() > 160) line = line.substr(0, 160) + "...";
    return line;
}

errc code_of(unsigned status, std::vector<api_message> const& errors) {
    // Cloudflare answers 400 for credentials that it cannot even read.
    static constexpr std::array<std::int64_t, 5> authentication{6003, 6111, 9103, 9106, 10001};
    auto const about_credentials = [](api_message const& each) {
        return std::find(authentication.begin(), authentication.end(), each.code) !=
               authentication.end();
    };
    switch (status) {
        case 400:
            return std::any_of(errors.begin(), errors.end(), about_credentials)
                       ? errc::unauthorized
                       : errc::request_rejected;
        case 401:
            return errc::unauthorized;
        case 402:
            return errc::not_entitled;
        case 403:
            return errc::forbidden;
        case 404:
        case 410:
            return errc::not_found;
        case 408:
            return errc::server_error;
        case 409:
            return errc::conflict;
        case 429:
            return errc::rate_limited;
        default:
            break;
    }
    if (status >= 500) return errc::server_error;
    return status >= 400 || status < 300 ? errc::request_rejected : errc::malformed_response;
}

error with_envelope(error failure, response const& answer, envelope whole) {
    return failure.status(answer.status)
        .ray_id(answer.ray_id)
        .errors(std::move(whole.errors))
        .messages(std::move(whole.messages));
}

}  // namespace

std::optional<error> decode_success(response const& answer, slot result, page_info* info,
                                    std::vector<api_message>& messages) {
    // 204 has no body by definition; anything else has an envelope.
    if (answer.status == 204) return std::nullopt;
    envelope whole;
    whole.result = result;
    whole.info = info;
    if (auto fault = read_envelope(answer.body, whole)) {
        // The result of a failure may be of any type.
        envelope refusal;
        if (!read_envelope(answer.body, refusal) && refusal.success == false) {
            auto const code = code_of(answer.status, refusal.errors);
            return with_envelope(error{code, {}, outcome::rejected}, answer, std::move(refusal));
        }
        auto detail = answer.body.empty() ? "the body is empty" : std::move(*fault);
        auto const begin = answer.body.find_first_not_of(" \t\r\n");
        if (begin != std::string::npos && answer.body[begin] == '<') {
            detail = "the body is HTML: " + summary(answer.body);
        }
        return with_envelope(error{errc::malformed_response, std::move(detail), outcome::unknown},
                             answer, {});
    }
    if (!whole.success.value_or(false)) {
        auto const code =
            whole.success ? code_of(answer.status, whole.errors) : errc::malformed_response;
        auto const became = whole.success ? outcome::rejected : outcome::unknown;
        auto detail = whole.success ? std::string{} : "the body is not Cloudflare's envelope";
        return with_envelope(error{code, std::move(detail), became}, answer, std::move(whole));
    }
    messages = std::move(whole.messages);
    return std::nullopt;
}

error decode_failure(response const& answer) {
    envelope whole;
    std::string detail;
    if (read_envelope(answer.body, whole)) {
        whole = {};
        detail = summary(answer.body);
    } else if (whole.errors.empty()) {
        detail = summary(answer.body);
    }
    if (answer.status == 303) {
        detail = "the server did it, and shows the result elsewhere, which is not followed";
    } else if (answer.status >= 300 && answer.status < 400) {
        detail = "the server redirects elsewhere, which is not followed";
    }
    auto const code = code_of(answer.status, whole.errors);
    return with_envelope(error{code, std::move(detail), outcome::rejected}, answer,
                         std::move(whole));
}

bool is_request_timeout(error const& failure) noexcept {
    auto const& all = failure.errors();
    return std::any_of(all.begin(), all.end(), [](api_message const& each) {
        return each.code == 1000 && boost::algorithm::icontains(each.message, "timeout");
    });
}

}  // namespace cloudflare::wire
