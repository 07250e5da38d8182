#pragma once

#include <cloudflare/detail/export.hpp>
#include <cloudflare/detail/object.hpp>
#include <cloudflare/detail/sync/syncable.hpp>
#include <cloudflare/email_security/feed.hpp>
#include <cloudflare/email_security/pattern_cover.hpp>
#include <cloudflare/email_security/protection.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cloudflare::inline v0::email_security {

/// What `feed` is, for code that is compiled once for all collections.
class CLOUDFLARE_EXPORT any_feed final : public feed_view {
public:
    explicit any_feed(sync_type const& of) : of_{of}, items_{*of.collection->new_item} {}

    sync_type const& type() const noexcept { return of_; }
    std::size_t size() const override { return items_.size(); }
    void const* item(std::uint32_t number) const override { return items_[number]; }
    std::uint32_t given(std::uint32_t number) const override { return heads_[number].given; }
    std::int64_t line(std::uint32_t number) const override { return heads_[number].line; }
    std::int32_t last_day(std::uint32_t number) const override { return heads_[number].last_day; }
    feed_facts const& facts() const override { return facts_; }
    feed_facts& facts() { return facts_; }
    pattern_key key(std::uint32_t number) const override { return of_.key(items_[number]); }

    /// As `drop_entries`.
    void drop(std::vector<bool> const& goes);

    class receiver;

private:
    struct head {
        std::int64_t line = 0;
        std::uint32_t given = 0;
        std::int32_t last_day = no_last_day;
    };

    sync_type const& of_;
    cloudflare::detail::object_list items_;
    std::vector<head> heads_;
    feed_facts facts_;
};

/// Fills it, as `feed_collector` does with a `feed`.
class CLOUDFLARE_EXPORT any_feed::receiver final : public feed_receiver {
public:
    /// The feed must outlive it. What an entry has where the feed does not say is in `defaults`, a
    /// patch of the collection.
    receiver(any_feed& into, cloudflare::detail::any_object const& defaults);

    std::uint32_t defaulted() const override { return defaulted_; }
    void* add(std::int64_t line) override;
    void* item(std::size_t number) override { return into_.items_[number]; }
    std::uint32_t& given(std::size_t number) override { return into_.heads_[number].given; }
    std::int32_t& last_day(std::size_t number) override { return into_.heads_[number].last_day; }
    std::int64_t line(std::size_t number) const override { return into_.heads_[number].line; }
    result<void> keep(std::uint32_t given) override;
    void drop() override;
    feed_facts& facts() override { return into_.facts_; }

private:
    any_feed& into_;
    cloudflare::detail::any_object default_;
    std::uint32_t defaulted_ = 0;
};

/// As `hold_back` for a `feed`.
CLOUDFLARE_EXPORT void hold_back(any_feed& from, protection const& by);

/// As `find_covered`, `describe_covered` and `drop_covered` for a `feed`.
CLOUDFLARE_EXPORT std::vector<covered_entry> find_covered(any_feed const& of);
CLOUDFLARE_EXPORT std::vector<covered_pattern> describe_covered(
    any_feed const& of, std::vector<covered_entry> const& covered);
CLOUDFLARE_EXPORT void drop_covered(any_feed& from, std::vector<covered_entry> const& covered);

}  // namespace cloudflare::inline v0::email_security
