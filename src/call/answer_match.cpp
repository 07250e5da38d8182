#include <cloudflare/detail/answer_match.hpp>

#include <algorithm>

namespace cloudflare::inline v0::detail {

namespace {

/// The last line of a key, which is the identifier, or the pattern without its type.
std::string shown(std::string_view key) {
    return '\'' + std::string{key.substr(key.rfind('\n') + 1)} + '\'';
}

/// Which of the answer are about what was asked for, and what is left on either side.
class matching {
public:
    explicit matching(batch_part const& of) : asked_(of.asked.size()) {
        for (std::size_t i = 0; i != of.asked.size(); ++i) asked_[i] = {of.asked[i], i};
        // Of equal ones the first asked for comes first.
        std::ranges::sort(asked_);
        order.assign(of.asked.size(), none);
        for (std::size_t i = 0; i != of.answered.size(); ++i) {
            if (of.answered[i].empty()) continue;
            auto const found = take(of.answered[i]);
            if (found == none) {
                others.push_back(i);
            } else {
                order[found] = i;
            }
        }
    }

    static constexpr auto none = static_cast<std::size_t>(-1);
    std::vector<std::size_t> order;
    std::vector<std::size_t> others;

private:
    std::size_t take(std::string_view key) {
        auto const first = std::ranges::lower_bound(asked_, key, {}, &wanted::key);
        for (auto at = first; at != asked_.end() && at->key == key; ++at) {
            if (order[at->index] == none) return at->index;
        }
        return none;
    }

    struct wanted {
        std::string_view key;
        std::size_t index = 0;
        friend auto operator<=>(wanted const&, wanted const&) = default;
    };
    std::vector<wanted> asked_;
};

struct findings {
    std::string other;    // the first that was not asked for
    std::string missing;  // the first that the answer does not tell of
    std::size_t missing_count = 0;
};

void match(batch_part& part, findings& found) {
    if (!part.has_others && part.asked.size() == part.answered.size()) return;
    matching of{part};
    auto const place = "/" + std::string{part.name};
    if (!of.others.empty() && found.other.empty()) {
        auto const at = of.others.front();
        found.other = place + '/' + std::to_string(at) + " is about " + shown(part.answered[at]);
    }
    for (std::size_t i = 0; i != of.order.size(); ++i) {
        if (of.order[i] != matching::none) continue;
        if (found.missing_count++ == 0) {
            found.missing = place + '/' + std::to_string(i) + ", " + shown(part.asked[i]);
        }
    }
    part.order = std::move(of.order);
}

}  // namespace

std::string key_of_id(identifier const& id) {
    auto text = id.text();
    for (auto& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
}

std::optional<error> match_batch(std::span<batch_part> parts) {
    findings found;
    for (auto& each : parts) match(each, found);
    if (!found.other.empty()) {
        return error{errc::conflict, "the answer's " + found.other + ", which was not asked for"};
    }
    if (found.missing_count > 0) {
        auto text = "the answer does not say what became of " + found.missing;
        if (found.missing_count > 1) {
            text += ", and of " + std::to_string(found.missing_count - 1) + " more";
        }
        return error{errc::malformed_response, std::move(text)};
    }
    return std::nullopt;
}

}  // namespace cloudflare::inline v0::detail
