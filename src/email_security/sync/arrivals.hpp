#pragma once

#include "email_security/sync/diff.hpp"
#include "email_security/sync/entries.hpp"
#include "email_security/sync/kept_identifiers.hpp"

#include <cloudflare/detail/whole_list.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace cloudflare::inline v0::email_security {

/// What has come to a list since a plan saw it, in one reading or in several that follow each
/// other: which of the entries that the plan creates are there, and which are there twice.
///
/// None of them was in the list at first, or it would not be created.
class arrivals final : public cloudflare::detail::any_list_visitor {
public:
    /// `wanted` is what the plan creates. The references must outlive it.
    arrivals(sync_type const& of, feed_view const& desired, sync_changes const& plan,
             std::vector<std::uint32_t> const& wanted, std::string const& owner);

    /// To whom the list is shown as well; null: to nobody.
    void show_to(cloudflare::detail::any_list_visitor* also) noexcept { also_ = also; }
    /// Begins a reading. What those showed that came to their end stays.
    void restart() override;
    void take(std::size_t position, cloudflare::detail::object_list there) override;
    /// A reading came to its end.
    void finish() noexcept { ++readings_; }
    /// The next reading shows all there is: what earlier ones showed does not stay.
    void forget() noexcept { readings_ = 0; }
    bool are_of_one_reading() const noexcept { return readings_ == 1; }

    /// Whether this reading shows entries without the owner's mark.
    bool has_others() const noexcept { return has_others_; }
    /// Whether the entries whose numbers are set are among what was shown.
    bool has_all(std::vector<bool> const& created) const;
    /// Of what is there twice, all but the one with the smallest identifier.
    std::vector<planned_removal> doubles() const;

private:
    void note(std::uint32_t number, identifier const& id);

    sync_type const& of_;
    feed_view const& desired_;
    sync_changes const& plan_;
    std::string const& owner_;
    feed_lookup lookup_;
    cloudflare::detail::any_list_visitor* also_ = nullptr;
    bool has_others_ = false;
    int readings_ = 0;
    kept_identifiers kept_;  ///< the one of each that stays
    std::unordered_map<std::uint32_t, std::vector<identifier>> doubles_;
};

}  // namespace cloudflare::inline v0::email_security
