#include "failures.hpp"

#include "output.hpp"
#include "row_writer.hpp"

#include <cloudflare/detail/codec.hpp>

#include <boost/describe/class.hpp>
#include <boost/json/parse.hpp>

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace cfes {

namespace cf = cloudflare;

namespace {

/// What to do about an error, or what is behind it; empty where that says it already.
std::string hint_for(session const& with, cf::error const& why) {
    auto const& who = with.access().credentials_name;
    if (why.code() == cf::errc::forbidden) {
        return who + " may not do this on " + with.place() +
               ": it needs Cloud Email Security: " + (with.watch().was_read() ? "Read" : "Write");
    }
    if (why.code() == cf::errc::unauthorized) {
        return who + " is not taken: it is wrong, has expired or was revoked";
    }
    return {};
}

struct api_error {
    std::int64_t code = 0;
    std::string message;
};
BOOST_DESCRIBE_STRUCT(api_error, (), (code, message))

/// `error` of a document.
struct failure_details {
    std::string code;
    std::string message;
    std::string outcome;
    std::int64_t exit_status = 0;
    std::optional<std::int64_t> status;
    std::optional<std::string> ray;
    std::optional<std::string> hint;
    std::optional<std::vector<api_error>> errors;
};
BOOST_DESCRIBE_STRUCT(failure_details, (),
                      (code, message, outcome, exit_status, status, ray, hint, errors))

struct error_part {
    failure_details error;
};
BOOST_DESCRIBE_STRUCT(error_part, (), (error))

struct failed_part {
    std::string failure;
    failure_details error;
};
BOOST_DESCRIBE_STRUCT(failed_part, (), (failure, error))

failure_details details_of(session const& with, cf::error const& why, std::string hint,
                           exit_status status) {
    auto const told = boost::json::parse(cf::wire::to_json(why));
    failure_details made;
    made.code = told.at("code").as_string();
    made.message = told.at("message").as_string();
    made.outcome = to_string(why.outcome());
    made.exit_status = status;
    if (why.status() != 0) made.status = why.status();
    if (!why.ray_id().empty()) made.ray = why.ray_id();
    if (hint.empty()) hint = hint_for(with, why);
    if (!hint.empty()) made.hint = std::move(hint);
    for (auto const& each : why.errors()) {
        if (!made.errors) made.errors.emplace();
        made.errors->push_back({each.code, each.message});
    }
    return made;
}

failure_details details_of(std::string_view code, std::string_view why, exit_status status) {
    failure_details made;
    made.code = code;
    made.message = why;
    made.outcome = to_string(cf::outcome::not_sent);
    made.exit_status = status;
    return made;
}

}  // namespace

std::string explain(session const& with, cf::error const& why) {
    auto const hint = hint_for(with, why);
    auto const message = plain_message(why);
    return hint.empty() ? message : hint + " (" + message + ')';
}

int complain_about(session const& with, cf::error const& why, std::string const& hint) {
    // Told at the end, with all that was not sent.
    if (with.was_rehearsed(why)) return done;
    auto text = explain(with, why);
    if (!hint.empty()) text += "; " + hint;
    complain(text);
    auto const status = status_of(why, with.watch().last_write_repeats());
    if (is_document(with.output())) {
        error_part const document{details_of(with, why, hint, status)};
        print(to_shown_json(cf::wire::to_json(document) + '\n', with.output()));
    }
    return status;
}

std::string failure_part(session const& with, cf::error const& why) {
    return cf::wire::to_json(
        failed_part{explain(with, why), details_of(with, why, {}, status_of_sync(why))});
}

std::string failure_part(std::string_view code, std::string_view why, exit_status status) {
    return cf::wire::to_json(failed_part{std::string{why}, details_of(code, why, status)});
}

std::string refusal_document(std::string_view why) {
    return cf::wire::to_json(error_part{details_of("invalid_argument", why, usage)}) + '\n';
}

}  // namespace cfes
