#pragma once

#include <cloudflare/detail/export.hpp>
#include <cloudflare/error.hpp>
#include <cloudflare/identifier.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What the answers to writes must tell of what was written.
namespace cloudflare::inline v0 {

template <class Traits>
class batch_request;

namespace detail {

/// The type of what a batch did.
template <class Traits>
struct batch_result_for;
template <class Traits>
using batch_result_of = typename batch_result_for<Traits>::type;

/// One of the arrays of a batch, and the array of the answer that says what became of it. Keys are
/// texts that are equal if they are of one entry; an empty one says nothing.
struct batch_part {
    explicit batch_part(std::string_view its_name) : name{its_name} {}

    void ask(std::string key) { asked.push_back(std::move(key)); }
    /// `fits`: whether it may be about what was asked for at its place.
    void answer(std::string key, bool fits) {
        answered.push_back(std::move(key));
        has_others = has_others || !fits;
    }

    std::string_view name;
    std::vector<std::string> asked;
    std::vector<std::string> answered;
    /// Whether something in the answer is not about what was asked for at its place.
    bool has_others = false;
    /// Once they were matched: for each that was asked for, which of the answer is about it. Empty
    /// when they are in one order.
    std::vector<std::size_t> order;
};

/// The key of what is known by its identifier, whatever the case of a UUID's digits.
CLOUDFLARE_EXPORT std::string key_of_id(identifier const& id);

/// Finds in the answer what was asked for. `errc::conflict` when it is about anything else,
/// `errc::malformed_response` when it does not tell of something.
CLOUDFLARE_EXPORT std::optional<error> match_batch(std::span<batch_part> parts);

/// Puts what an answer tells into the order in which it was asked for.
template <class T>
void put_in_order(std::vector<T>& answered, std::vector<std::size_t> const& order) {
    if (order.empty()) return;
    std::vector<T> sorted;
    sorted.reserve(order.size());
    for (auto const each : order) sorted.push_back(std::move(answered[each]));
    answered = std::move(sorted);
}

template <class Asked, class Answered>
batch_part match_by_id(std::string_view name, std::vector<Asked> const& asked,
                       std::vector<Answered> const& answered) {
    batch_part part{name};
    for (auto const& each : asked) part.ask(key_of_id(each.id));
    for (std::size_t i = 0; i != answered.size(); ++i) {
        auto key = key_of_id(answered[i].id);
        bool const fits = i < asked.size() && key == part.asked[i];
        part.answer(std::move(key), fits);
    }
    return part;
}

/// Whether an entry that a create answers with may be the one that was asked for, as far as the
/// traits can tell.
template <class Traits>
bool may_be_created(typename Traits::model const& made, typename Traits::new_item const& asked) {
    if constexpr (requires { Traits::may_be_created(made, asked); }) {
        return Traits::may_be_created(made, asked);
    } else {
        return true;
    }
}

template <class Traits>
batch_part match_created(std::vector<typename Traits::new_item> const& asked,
                         std::vector<typename Traits::model> const& answered) {
    batch_part part{"posts"};
    for (auto const& each : asked) {
        if constexpr (requires { Traits::key_of_item(each); }) {
            part.ask(Traits::key_of_item(each));
        } else {
            part.ask({});
        }
    }
    for (std::size_t i = 0; i != answered.size(); ++i) {
        auto const& made = answered[i];
        std::string key;
        if (!made.id.empty()) {
            if constexpr (requires { Traits::key_of_existing_entry(made); }) {
                key = Traits::key_of_existing_entry(made);
            } else if (i < asked.size()) {
                key = part.asked[i];
            }
        }
        bool const fits =
            !key.empty() && i < asked.size() && may_be_created<Traits>(made, asked[i]);
        part.answer(std::move(key), fits);
    }
    return part;
}

/// What is wrong with the answer to a batch, if it is; else it is brought into the order of the
/// request.
template <class Traits, class Result>
std::optional<error> check_batch(batch_request<Traits> const& asked, Result& answered) {
    std::vector<batch_part> parts;
    parts.push_back(match_by_id("deletes", asked.deletes(), answered.deletes));
    if constexpr (requires { answered.posts; }) {
        parts.push_back(match_by_id("patches", asked.patches(), answered.patches));
        parts.push_back(match_by_id("puts", asked.puts(), answered.puts));
        parts.push_back(match_created<Traits>(asked.posts(), answered.posts));
    }
    if (auto fault = match_batch(parts)) return fault;
    put_in_order(answered.deletes, parts[0].order);
    if constexpr (requires { answered.posts; }) {
        put_in_order(answered.patches, parts[1].order);
        put_in_order(answered.puts, parts[2].order);
        put_in_order(answered.posts, parts[3].order);
    }
    return std::nullopt;
}

/// What is wrong with the answer to a create, which has an identifier.
template <class Traits>
std::optional<error> check_created(typename Traits::model const& made,
                                   typename Traits::new_item const& asked) {
    if (may_be_created<Traits>(made, asked)) return std::nullopt;
    return error{errc::conflict, "the answer is about another entry: " + made.id.text()};
}

}  // namespace detail

}  // namespace cloudflare::inline v0
