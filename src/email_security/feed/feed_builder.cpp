#include "email_security/feed/entry_maker.hpp"
#include "email_security/feed/feed_form.hpp"

namespace cloudflare::inline v0::email_security {

struct feed_builder::impl {
    impl(feed_receiver& into, feed_reading const& how) : reading{how}, make{into, reading} {}
    feed_reading reading;
    entry_maker make;
};

feed_builder::feed_builder(feed_receiver& into, feed_reading const& how)
    : impl_{std::make_unique<impl>(into, how)} {}

feed_builder::~feed_builder() = default;

void feed_builder::add(std::int64_t line, std::string_view pattern) {
    auto& make = impl_->make;
    if (!make.is_full()) make.add({line, pattern}, pattern);
}

void feed_builder::add(std::int64_t line, void const* item) {
    auto& make = impl_->make;
    if (make.is_full()) return;
    make.begin({line, {}});
    make.set_all(item);
    make.end();
}

std::optional<error> feed_builder::finish() {
    auto& make = impl_->make;
    make.finish();
    if (make.is_full()) {
        return unusable_feed("there are more than " + std::to_string(impl_->reading.max_entries) +
                             " entries");
    }
    if (!make.saw_a_record() && !impl_->reading.allow_empty) {
        return unusable_feed("the feed is empty");
    }
    return std::nullopt;
}

void renumber_entries(feed_facts& facts, std::vector<bool> const& goes,
                      std::vector<std::uint32_t> const& place) {
    std::erase_if(facts.repeated, [&goes](repetition const& each) { return goes[each.entry]; });
    for (auto& each : facts.repeated) each.entry = place[each.entry];
    for (auto& range : facts.ranges) {
        std::erase_if(range.entries, [&goes](std::uint32_t each) { return goes[each]; });
        for (auto& each : range.entries) each = place[each];
    }
    std::erase_if(facts.ranges, [](split_range const& each) { return each.entries.empty(); });
}

std::uint32_t copy_fields(std::span<wire::field const> from, void const* source,
                          std::span<wire::field const> to, void* target) {
    std::uint32_t copied = 0;
    for (std::size_t i = 0; i != to.size(); ++i) {
        if (to[i].is_deprecated) continue;
        for (auto const& each : from) {
            if (each.is_deprecated || each.name != to[i].name) continue;
            // Members are only read through the address.
            auto const* const where = each.address(const_cast<void*>(source));
            if (wire::copy_value(*each.how, where, *to[i].how, to[i].address(target))) {
                copied |= key_fields::bit(i);
            }
        }
    }
    return copied;
}

}  // namespace cloudflare::inline v0::email_security
