#include "email_security/feed/sender_expression.hpp"

#include "email_security/feed/entry_maker.hpp"

#include <re2/re2.h>
#include <string>
#include <utility>

namespace cloudflare::inline v0::email_security {

namespace {

/// Memory of one expression and what it remembers of matching.
constexpr std::int64_t max_memory = 1 << 20;
/// Instructions: each may cost a step for each byte of a text.
constexpr int max_size = 2'000;

error refusal(std::string reason) {
    return error{errc::invalid_argument, std::move(reason)};
}

/// Whether there is a set of characters within a set, or an intersection of sets: RE2 takes their
/// signs for characters.
bool has_sets_in_sets(std::string_view pattern) {
    bool is_in_set = false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        auto const rest = pattern.substr(i);
        if (rest.starts_with("\\Q")) {
            auto const end = rest.find("\\E");
            if (end == std::string_view::npos) return false;
            i += end + 1;
        } else if (rest.front() == '\\') {
            ++i;
        } else if (!is_in_set) {
            is_in_set = rest.front() == '[';
            // A bracket in the first place is a character in RE2, and ends an empty set in others.
            if (is_in_set && (rest.starts_with("[]") || rest.starts_with("[^]"))) return true;
        } else if (rest.front() == '[' || rest.starts_with("&&")) {
            return true;
        } else if (rest.front() == ']') {
            is_in_set = false;
        }
    }
    return false;
}

}  // namespace

struct sender_expression::impl {
    impl(std::string const& pattern, RE2::Options const& options) : engine{pattern, options} {}
    RE2 engine;
};

sender_expression::sender_expression(std::unique_ptr<impl> made) : impl_{std::move(made)} {}

sender_expression::sender_expression(sender_expression&&) noexcept = default;
sender_expression& sender_expression::operator=(sender_expression&&) noexcept = default;
sender_expression::~sender_expression() = default;

result<sender_expression> sender_expression::compile(std::string_view pattern) {
    if (has_sets_in_sets(pattern)) return refusal("has sets of characters within sets");
    RE2::Options options;
    options.set_log_errors(false);
    options.set_case_sensitive(false);
    options.set_max_mem(max_memory);
    auto made = std::make_unique<impl>(std::string{pattern}, options);
    if (made->engine.error_code() == RE2::ErrorPatternTooLarge) return refusal("is too large");
    if (!made->engine.ok()) {
        return refusal("has what only Java understands, or nobody: " +
                       presentable(made->engine.error()));
    }
    if (made->engine.ProgramSize() > max_size) return refusal("is too large");
    return sender_expression{std::move(made)};
}

bool sender_expression::matches(std::string_view text) const {
    // RE2's own string view, of which newer versions take Abseil's that is not the standard's.
    return RE2::PartialMatch({text.data(), text.size()}, impl_->engine);
}

}  // namespace cloudflare::inline v0::email_security
