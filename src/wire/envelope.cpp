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

namespace cloudflare::inline v0::wire {

namespace {

// Who sends more has no more to say; the texts are cut again, and shorter, once secrets were
// replaced in them.
constexpr std::size_t most_messages = 256;
constexpr std::size_t longest_text = 4096;

// Strings take about the bytes that they took in the body. What else is made of it may take half as
// many bytes as came, and twice that while arrays grow, beside what any answer may have: a page of
// a thousand of the largest entries takes a sixth of it.
constexpr std::size_t always_made = std::size_t{8} * 1024 * 1024;

read_limits limits_of(std::string_view body, std::chrono::steady_clock::time_point deadline) {
    read_limits limits;
    limits.made = always_made + body.size() / 2;
    limits.deadline = deadline;
    return limits;
}

/// A text of which only the beginning is kept.
struct cut_text_codec final : codec {
    bool on_string(void* at, std::string_view value) const override {
        static_cast<std::string*>(at)->assign(value.substr(0, longest_text));
        return true;
    }
    void write(void const*, sink&) const override {}
};
constexpr cut_text_codec cut_text;

}  // namespace

/// `source` is an object of its own on the wire; only its pointer is of use.
struct source_codec final : codec {
    slot on_object(void* at) const override { return {this, at}; }
    slot member(void* at, std::string_view name, std::size_t&) const override {
        if (name != "pointer") return {};
        return {&cut_text, &static_cast<api_message*>(at)->source_pointer};
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
        if (name == "message") return {&cut_text, &message.message};
        if (name == "documentation_url") return {&cut_text, &message.documentation_url};
        if (name == "source") return {&source, at};
        return {};
    }
    void write(void const*, sink&) const override {}
};

namespace {

/// The first messages of an array, and how many there were.
struct first_messages {
    std::vector<api_message> kept;
    std::size_t count = 0;
};

/// The others are skipped.
struct messages_codec final : codec {
    static first_messages& of(void* at) { return *static_cast<first_messages*>(at); }

    slot on_array(void* at) const override {
        of(at) = {};
        return {this, at};
    }
    slot element(void* at) const override {
        if (++of(at).count > most_messages) return {};
        return {&codec_for<api_message>(), &of(at).kept.emplace_back()};
    }
    void write(void const*, sink&) const override {}
};

struct envelope {
    std::optional<bool> success;
    first_messages errors;
    first_messages messages;
    slot result;
    page_info* info = nullptr;
    std::size_t max_elements = 0;
    slot list;  // the result, when it is an array
    bool has_result = false;
};

/// A result that is an array of limited length.
struct limited_list_codec final : codec {
    static slot list(void const* at) { return static_cast<envelope const*>(at)->list; }

    slot element(void* at) const override { return list(at).how->element(list(at).where); }
    std::size_t element_size(void const* at) const override {
        return list(at).how->element_size(list(at).where);
    }
    std::size_t max_elements(void const* at) const override {
        return static_cast<envelope const*>(at)->max_elements;
    }
    void on_end(void* at) const override { list(at).how->on_end(list(at).where); }
    void write(void const*, sink&) const override {}
};

/// The result, of which it is noted whether it came. No operation has a scalar for one.
struct result_codec final : codec {
    static envelope& whole(void* at) { return *static_cast<envelope*>(at); }

    bool on_null(void* at) const override {
        whole(at).has_result = false;
        return whole(at).result.how->on_null(whole(at).result.where);
    }
    slot on_object(void* at) const override {
        whole(at).has_result = true;
        return whole(at).result.how->on_object(whole(at).result.where);
    }
    slot on_array(void* at) const override {
        static constexpr limited_list_codec limited;
        auto& list = whole(at).list;
        list = whole(at).result.how->on_array(whole(at).result.where);
        if (!list.how) return {};
        whole(at).has_result = true;
        return {&limited, at};
    }
    // A caller's own operation may have one.
    bool on_boolean(void* at, bool value) const override {
        return note(at, whole(at).result.how->on_boolean(whole(at).result.where, value));
    }
    bool on_integer(void* at, std::int64_t value) const override {
        return note(at, whole(at).result.how->on_integer(whole(at).result.where, value));
    }
    bool on_number(void* at, double value) const override {
        return note(at, whole(at).result.how->on_number(whole(at).result.where, value));
    }
    bool on_string(void* at, std::string_view value) const override {
        return note(at, whole(at).result.how->on_string(whole(at).result.where, value));
    }
    void write(void const*, sink&) const override {}

private:
    static bool note(void* at, bool fits) {
        whole(at).has_result = fits;
        return fits;
    }
};

struct envelope_codec final : codec {
    slot on_object(void* at) const override { return {this, at}; }
    slot member(void* at, std::string_view name, std::size_t&) const override {
        static constexpr result_codec result;
        static constexpr messages_codec messages;
        auto& whole = *static_cast<envelope*>(at);
        if (name == "result") return {whole.result.how ? &result : nullptr, at};
        if (name == "success") return {&codec_for<std::optional<bool>>(), &whole.success};
        if (name == "errors") return {&messages, &whole.errors};
        if (name == "messages") return {&messages, &whole.messages};
        if (name == "result_info" && whole.info) return {&codec_for<page_info>(), whole.info};
        return {};
    }
    void write(void const*, sink&) const override {}
};

std::optional<read_fault> read_envelope(std::string_view body, envelope& into,
                                        std::chrono::steady_clock::time_point deadline) {
    static constexpr envelope_codec codec;
    return read_json(body, {&codec, &into}, limits_of(body, deadline));
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
        .errors(std::move(whole.errors.kept))
        .messages(std::move(whole.messages.kept));
}

}  // namespace

std::optional<error> decode_success(response const& answer, expectation const& into,
                                    std::vector<api_message>& messages) {
    bool const needs_result = into.result.how && !into.may_lack_result;
    auto const fail = [&answer](errc code, std::string detail, envelope whole) {
        return with_envelope(error{code, std::move(detail), outcome::unknown}, answer,
                             std::move(whole));
    };
    // 204 has no body by definition; anything else has an envelope.
    if (answer.status == 204) {
        if (!needs_result) return std::nullopt;
        return fail(errc::malformed_response, "the answer has no result", {});
    }
    envelope whole;
    whole.result = into.result;
    whole.info = into.info;
    whole.max_elements = into.max_elements;
    if (auto fault = read_envelope(answer.body, whole, into.deadline)) {
        using enum read_fault::kind;
        // What was made of it is of no use.
        if (into.result.how) into.result.how->clear(into.result.where);
        if (fault->what == too_late) return fail(errc::timed_out, std::move(fault->text), {});
        // The result of a failure may be of any type.
        envelope refusal;
        bool const may_be_refusal = fault->what == invalid || whole.success != true;
        if (may_be_refusal && !read_envelope(answer.body, refusal, into.deadline) &&
            refusal.success == false) {
            auto const code = code_of(answer.status, refusal.errors.kept);
            return with_envelope(error{code, {}, outcome::rejected}, answer, std::move(refusal));
        }
        if (fault->what == too_large) {
            return fail(errc::response_too_large, std::move(fault->text), {});
        }
        auto detail = answer.body.empty() ? "the body is empty" : std::move(fault->text);
        auto const begin = answer.body.find_first_not_of(" \t\r\n");
        if (begin != std::string::npos && answer.body[begin] == '<') {
            detail = "the body is HTML: " + summary(answer.body);
        }
        return fail(errc::malformed_response, std::move(detail), {});
    }
    if (!whole.success.value_or(false)) {
        auto const code =
            whole.success ? code_of(answer.status, whole.errors.kept) : errc::malformed_response;
        auto const became = whole.success ? outcome::rejected : outcome::unknown;
        auto detail = whole.success ? std::string{} : "the body is not Cloudflare's envelope";
        return with_envelope(error{code, std::move(detail), became}, answer, std::move(whole));
    }
    if (needs_result && !whole.has_result) {
        return fail(errc::malformed_response, "/result is not there", std::move(whole));
    }
    messages = std::move(whole.messages.kept);
    return std::nullopt;
}

error decode_failure(response const& answer, std::chrono::steady_clock::time_point deadline) {
    envelope whole;
    std::string detail;
    auto const fault = read_envelope(answer.body, whole, deadline);
    if (fault && fault->what == read_fault::kind::invalid) whole = {};
    if (whole.errors.kept.empty()) {
        detail = summary(answer.body);
    } else if (whole.errors.count > most_messages) {
        detail = "the server reports " + std::to_string(whole.errors.count) + " errors";
    }
    if (answer.status == 303) {
        detail = "the server did it, and shows the result elsewhere, which is not followed";
    } else if (answer.status >= 300 && answer.status < 400) {
        detail = "the server redirects elsewhere, which is not followed";
    }
    auto const code = code_of(answer.status, whole.errors.kept);
    return with_envelope(error{code, std::move(detail), outcome::rejected}, answer,
                         std::move(whole));
}

bool is_request_timeout(error const& failure) noexcept {
    auto const& all = failure.errors();
    return std::any_of(all.begin(), all.end(), [](api_message const& each) {
        return each.code == 1000 && boost::algorithm::icontains(each.message, "timeout");
    });
}

}  // namespace cloudflare::inline v0::wire
