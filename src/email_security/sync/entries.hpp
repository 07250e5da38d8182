#pragma once

#include "email_security/sync/owner_rules.hpp"

#include <cloudflare/detail/object.hpp>
#include <cloudflare/detail/sync/syncable.hpp>
#include <cloudflare/email_security/sync.hpp>

#include <cstdint>
#include <string>
#include <vector>

/// An item of a feed beside an entry of a list.
namespace cloudflare::inline v0::email_security {

/// Which of the given fields differ, but for the natural key; by default, marks in comments do not
/// count. A field that the API leaves out cannot be said to differ.
std::uint32_t differing_fields(sync_type const& of, void const* item, std::uint32_t given,
                               void const* model, owner_marks marks = owner_marks::ignored);

/// The last day on which a feed wants an entry.
std::optional<date> last_day_of(feed_view const& feed, std::uint32_t number);

/// The item that goes to the API: marked as the owner's, and as no other's. Marks in the feed do
/// not count, or entries would be pruned by, or kept from, an owner that did not create them.
cloudflare::detail::any_object owned_item(sync_type const& of, feed_view const& feed,
                                          std::uint32_t number, std::string const& owner);

/// Whether an entry is what a plan creates for an item.
bool is_as_created(sync_type const& of, sync_changes const& plan, listed_entry const& there,
                   feed_view const& feed, std::uint32_t number, std::string const& owner);

/// Whether an entry is what a sync makes of an item of the feed, to the comments' last character.
bool is_as_created(sync_type const& of, listed_entry const& there, feed_view const& feed,
                   std::uint32_t number, std::uint32_t given, std::string const& owner);

/// What sets fields of an entry just as the item has them, marks of owners included; what it does
/// not have is cleared.
cloudflare::detail::any_object exact_patch(sync_type const& of, std::uint32_t fields,
                                           void const* wanted);

/// What a plan creates.
cloudflare::detail::any_object created_item(sync_type const& of, sync_changes const& plan,
                                            feed_view const& feed, std::uint32_t number,
                                            std::string const& owner);

/// What can be set of an entry that is there.
cloudflare::detail::any_object item_of_existing(sync_type const& of, void const* model);

/// An entry that is there, as JSON; without what was not read of it.
std::string json_of_existing(sync_type const& of, void const* model);

/// Of all that can be changed of an entry: two that differ in it are distinct.
std::uint64_t fingerprint_of(sync_type const& of, void const* model);

/// What a ruling sets; without the hash of what is there.
planned_update make_update(std::uint32_t entry, listed_entry const& there, ruling const& made);

/// Counts the changes in the report.
void count_changes(sync_changes& of);
/// Where the report counts an edit for this purpose.
std::int64_t& count_of(sync_report& report, edit_purpose purpose);

/// Reads the entries of a list without their dates, which no sync looks at.
class dateless_codec final : public wire::codec {
public:
    explicit dateless_codec(cloudflare::detail::object_type const& type);
    ~dateless_codec() = default;

    wire::slot on_object(void* at) const override;
    wire::slot member(void* at, std::string_view name, std::size_t& hint) const override;
    void on_end(void* at) const override;
    void write(void const* at, wire::sink& out) const override;

private:
    cloudflare::detail::object_type const& type_;
    std::vector<wire::field> fields_;
};

}  // namespace cloudflare::inline v0::email_security
