#include "risky_patterns.hpp"

#include "failures.hpp"
#include "fields.hpp"
#include "question.hpp"

#include <cloudflare/detail/pattern_index.hpp>
#include <cloudflare/email_security/protection.hpp>
#include <cloudflare/open_enum.hpp>

#include <optional>
#include <utility>

namespace cfes {

namespace asio = boost::asio;
namespace cf = cloudflare;
namespace es = cloudflare::email_security;

namespace {

/// The pattern that an entry gets.
struct given_pattern final : es::key_source {
    std::string text;
    es::pattern_type type = es::pattern_type::unknown;
    bool is_regex = false;
    bool is_of_senders = false;

    es::pattern_key key(std::uint32_t) const override {
        es::pattern_key made;
        made.pattern = text;
        made.type = type;
        made.is_regex = is_regex;
        return made;
    }
};

std::optional<given_pattern> pattern_of(cf::detail::any_object& item) {
    auto const fields = item.type().fields();
    auto const text_of = [&](cf::wire::field const& field) {
        auto* const where = field.address(item.get());
        return field.how->is_present(where) ? cf::wire::to_text(*field.how, where) : std::string{};
    };
    auto const* const pattern = find_field(fields, "pattern");
    if (!pattern) return std::nullopt;
    given_pattern made;
    made.text = text_of(*pattern);
    if (made.text.empty()) return std::nullopt;
    auto const* const type = find_field(fields, "pattern_type");
    auto const* const is_regex = find_field(fields, "is_regex");
    made.is_of_senders = type != nullptr;
    // Without a flag it is always one.
    made.is_regex = !is_regex || text_of(*is_regex) == "true";
    made.type = es::pattern_type::domain;
    if (type) {
        made.type = cf::from_wire_name<es::pattern_type>(text_of(*type))
                        .value_or(es::pattern_type::unknown);
    }
    return made;
}

/// Whether a regular expression matches texts that have not even a character in common.
bool matches_everything(given_pattern const& pattern) {
    for (std::string const text : {"qqq", "777", "---"}) {
        es::protection of_one;
        of_one.allow_wide(true);
        of_one.add({text, es::pattern_type::domain}, "is tried");
        if (of_one.find_held(pattern, 1, {}).empty()) return false;
    }
    return true;
}

/// Why a pattern is a risk; empty when it is none.
std::string risk_of(given_pattern const& pattern, es::protection const& by) {
    if (!pattern.is_of_senders) {
        bool const is_risk = pattern.is_regex && matches_everything(pattern);
        return is_risk ? "matches everything" : std::string{};
    }
    auto const found = by.find_held(pattern, 1, {});
    if (found.empty()) return {};
    auto const& reason = found.front().reason;
    // What lets it through in a feed does not do so here.
    return reason.substr(0, reason.find(": --"));
}

/// Those that are a risk, each with why.
std::vector<std::string> risks_of(std::vector<given_pattern> const& patterns,
                                  es::protection const& by) {
    std::vector<std::string> found;
    for (auto const& each : patterns) {
        auto const risk = risk_of(each, by);
        if (!risk.empty()) found.push_back('\'' + each.text + "', which " + risk);
    }
    return found;
}

}  // namespace

asio::awaitable<int> agree_on_patterns(session const& with,
                                       std::vector<std::shared_ptr<cf::detail::any_object>> items,
                                       std::string verb) {
    if (with.globals().yes) co_return done;
    std::vector<given_pattern> patterns;
    for (auto const& each : items) {
        if (auto pattern = pattern_of(*each)) patterns.push_back(std::move(*pattern));
    }
    if (patterns.empty()) co_return done;
    es::protection by;
    bool const is_of_senders = patterns.front().is_of_senders;
    if (is_of_senders) by.add_mail_providers();
    auto risks = risks_of(patterns, by);
    if (is_of_senders && risks.size() < patterns.size()) {
        auto reading = es::protect_account(with.client(), with.account_id(), by);
        auto const failure = co_await std::move(reading);
        if (failure) co_return complain_about(with, *failure);
        risks = risks_of(patterns, by);
    }
    if (risks.empty()) co_return done;
    auto const more = risks.size() - 1;
    question about{verb + ' ' + risks.front(), risks.size(), {}};
    if (more > 0) about.what += ", and " + std::to_string(more) + " more that are a risk";
    for (auto const& each : risks) {
        if (more > 0 && about.first.size() < most_asked) about.first.push_back(each);
    }
    auto asking = ask(with, std::move(about));
    bool const is_agreed = co_await std::move(asking);
    co_return is_agreed ? done : failed;
}

}  // namespace cfes
