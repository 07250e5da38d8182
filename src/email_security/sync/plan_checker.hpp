#pragma once

#include "email_security/sync/diff.hpp"
#include "memory/keyed_hash.hpp"

#include <cloudflare/detail/whole_list.hpp>
#include <cloudflare/email_security/saved_plan.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

/// Whether a plan that was made earlier still fits the list.
namespace cloudflare::inline v0::email_security {

/// How many changes of a plan do not fit the list, and the first one.
struct plan_drift {
    std::size_t count = 0;
    std::string first;

    void add(std::string_view pattern, std::string_view why);
    /// Empty when all fit.
    std::optional<error> to_error(plan_check how) const;
};

/// Compares a list with what a plan saw of it.
class plan_checker final : public cloudflare::detail::any_list_visitor {
public:
    /// The references must outlive it.
    plan_checker(sync_type const& of, feed_view const& desired, sync_changes& changes,
                 std::string const& owner, plan_check how);

    void restart() override;
    void take(std::size_t position, cloudflare::detail::object_list there) override;
    /// Once the list was read: takes what is done already out of the plan, if the rest fits.
    std::optional<error> finish();

private:
    struct place {
        bool is_removal = false;
        std::size_t index = 0;
    };

    void check_create(std::uint32_t number, listed_entry const& there);
    bool is_created(std::uint32_t number, listed_entry const& there) const;
    // What they find is kept whole, for a journal.
    void check_update(std::size_t index, listed_entry const& there);
    bool is_done(planned_update const& update, listed_entry const& there) const;
    void check_removal(std::size_t index, listed_entry const& there);
    void check_surplus(std::size_t index, std::string const& key);

    sync_type const& of_;
    feed_view const& desired_;
    sync_changes& changes_;
    owner_rules rules_;
    plan_check how_;
    feed_lookup lookup_;
    std::unordered_map<std::string_view, place, keyed_text_hash> by_id_;
    /// Of the entries that stay where a surplus one goes; empty of one that is not there.
    std::unordered_map<std::string_view, std::string, keyed_text_hash> kept_keys_;
    std::vector<std::pair<std::size_t, std::string>> surplus_keys_;
    std::size_t current_ = 0;
    plan_drift drift_;
    std::vector<bool> is_there_;
    std::vector<bool> update_found_;
    std::vector<bool> update_done_;
    std::vector<bool> removal_found_;
};

}  // namespace cloudflare::inline v0::email_security
