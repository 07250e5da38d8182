#include <cloudflare/detail/codec.hpp>
#include <cloudflare/detail/one_line.hpp>
#include <cloudflare/error.hpp>

#include <boost/system/error_category.hpp>

#include <ostream>
#include <ranges>
#include <utility>

namespace cloudflare::inline v0 {

namespace {

class category final : public boost::system::error_category {
public:
    char const* name() const noexcept override { return "cloudflare"; }

    std::string message(int value) const override {
        switch (static_cast<errc>(value)) {
            case errc::invalid_argument:
                return "invalid argument";
            case errc::unauthorized:
                return "unauthorized";
            case errc::forbidden:
                return "forbidden";
            case errc::not_entitled:
                return "not entitled";
            case errc::not_found:
                return "not found";
            case errc::conflict:
                return "conflict";
            case errc::request_rejected:
                return "request rejected";
            case errc::rate_limited:
                return "rate limited";
            case errc::server_error:
                return "server error";
            case errc::malformed_response:
                return "malformed response";
            case errc::connect_failed:
                return "connect failed";
            case errc::tls_failed:
                return "TLS failed";
            case errc::connection_lost:
                return "connection lost";
            case errc::timed_out:
                return "timed out";
            case errc::cancelled:
                return "cancelled";
            case errc::response_too_large:
                return "response too large";
            case errc::closed:
                return "client closed";
            case errc::retry_budget_exhausted:
                return "retry budget exhausted";
            case errc::quota_unavailable:
                return "quota unavailable";
            case errc::journal_failed:
                return "journal failed";
        }
        return "unknown error";
    }

    boost::system::error_condition default_error_condition(int value) const noexcept override {
        namespace generic = boost::system::errc;
        switch (static_cast<errc>(value)) {
            case errc::timed_out:
                return generic::make_error_condition(generic::timed_out);
            case errc::cancelled:
                return generic::make_error_condition(generic::operation_canceled);
            case errc::invalid_argument:
                return generic::make_error_condition(generic::invalid_argument);
            default:
                return {value, *this};
        }
    }
};

/// What others wrote, on one line, and not a megabyte of it.
std::string as_shown(std::string_view text) {
    return short_line(text, 1024);
}

}  // namespace

boost::system::error_category const& error_category() noexcept {
    static category const instance;
    return instance;
}

boost::system::error_code make_error_code(errc value) noexcept {
    return {static_cast<int>(value), error_category()};
}

std::string_view to_string(outcome value) noexcept {
    switch (value) {
        case outcome::not_sent:
            return "not sent";
        case outcome::rejected:
            return "rejected";
        case outcome::unknown:
            return "unknown";
    }
    return "unknown";
}

std::ostream& operator<<(std::ostream& out, outcome value) {
    return out << to_string(value);
}

struct error::state {
    errc code = errc::malformed_response;
    cloudflare::outcome outcome = outcome::not_sent;
    std::string detail;
    unsigned status = 0;
    std::vector<api_message> errors;
    std::vector<api_message> messages;
    std::string ray_id;
    int attempts = 0;
    std::optional<std::chrono::milliseconds> retry_after;

    static state const& of(std::shared_ptr<state const> const& held) noexcept {
        static state const none;
        return held ? *held : none;
    }
};

error::error(errc code, std::string detail, cloudflare::outcome outcome) {
    auto made = std::make_shared<state>();
    made->code = code;
    made->outcome = outcome;
    made->detail = std::move(detail);
    state_ = std::move(made);
}

boost::system::error_code error::code() const noexcept {
    return state_ ? make_error_code(state_->code) : boost::system::error_code{};
}
outcome error::outcome() const noexcept {
    return state::of(state_).outcome;
}
unsigned error::status() const noexcept {
    return state::of(state_).status;
}
std::vector<api_message> const& error::errors() const noexcept {
    return state::of(state_).errors;
}
std::vector<api_message> const& error::messages() const noexcept {
    return state::of(state_).messages;
}
std::string const& error::ray_id() const noexcept {
    return state::of(state_).ray_id;
}
int error::attempts() const noexcept {
    return state::of(state_).attempts;
}
std::optional<std::chrono::milliseconds> error::retry_after() const noexcept {
    return state::of(state_).retry_after;
}
std::string const& error::detail() const noexcept {
    return state::of(state_).detail;
}

std::string error::message() const {
    constexpr std::size_t most_errors = 5;
    auto const& known = state::of(state_);
    auto text = code().message();
    if (!known.detail.empty()) text += ": " + as_shown(known.detail);
    for (auto const& each : known.errors | std::views::take(most_errors)) {
        text += ": " + as_shown(each.message) + " (code " + std::to_string(each.code);
        if (!each.source_pointer.empty()) text += " at " + as_shown(each.source_pointer);
        text += ')';
    }
    if (known.errors.size() > most_errors) {
        text += ", and " + std::to_string(known.errors.size() - most_errors) + " more";
    }
    std::string context;
    auto const add = [&context](std::string const& part) {
        context += context.empty() ? part : ", " + part;
    };
    if (known.status != 0) add("HTTP " + std::to_string(known.status));
    if (known.outcome == outcome::unknown) add("may have been applied");
    if (known.attempts > 1) add(std::to_string(known.attempts) + " attempts");
    if (known.retry_after) {
        add("retry after " + std::to_string((known.retry_after->count() + 999) / 1000) + " s");
    }
    if (!known.ray_id.empty()) add("ray " + as_shown(known.ray_id));
    return context.empty() ? text : text + " [" + context + "]";
}

error::state& error::own() {
    auto copy = std::make_shared<state>(state::of(state_));
    auto& reference = *copy;
    state_ = std::move(copy);
    return reference;
}

error& error::outcome(cloudflare::outcome value) {
    own().outcome = value;
    return *this;
}
error& error::status(unsigned value) {
    own().status = value;
    return *this;
}
error& error::errors(std::vector<api_message> value) {
    own().errors = std::move(value);
    return *this;
}
error& error::messages(std::vector<api_message> value) {
    own().messages = std::move(value);
    return *this;
}
error& error::ray_id(std::string value) {
    own().ray_id = std::move(value);
    return *this;
}
error& error::attempts(int value) {
    own().attempts = value;
    return *this;
}
error& error::retry_after(std::optional<std::chrono::milliseconds> value) {
    own().retry_after = value;
    return *this;
}
error& error::code(errc value) {
    own().code = value;
    return *this;
}

std::ostream& operator<<(std::ostream& out, error const& value) {
    return out << value.message();
}

exception::exception(error reason)
    : system_error{reason.code()}, reason_{std::move(reason)}, text_{reason_.message()} {}

void throw_exception_from_error(error const& reason, boost::source_location const&) {
    throw exception{reason};
}

namespace {

/// The enumerator, which its message has in words.
std::string name_of(errc value) {
    if (value == errc::closed) return "closed";
    auto name = make_error_code(value).message();
    for (auto& c : name)
        c = c == ' ' ? '_' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return name;
}

}  // namespace

void wire::codec_of<error>::write(void const* at, sink& out) const {
    auto const& why = *static_cast<error const*>(at);
    out.begin_object();
    out.key("code");
    out.string(name_of(static_cast<errc>(why.code().value())));
    out.key("message");
    out.string(why.message());
    out.key("outcome");
    out.string(to_string(why.outcome()));
    if (why.status() != 0) {
        out.key("status");
        out.integer(why.status());
    }
    out.end_object();
}

}  // namespace cloudflare::inline v0
