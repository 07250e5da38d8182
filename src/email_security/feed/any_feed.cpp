#include <cloudflare/detail/sync/any_feed.hpp>

namespace cloudflare::inline v0::email_security {

using cloudflare::detail::any_object;

void any_feed::drop(std::vector<bool> const& goes) {
    std::vector<std::uint32_t> place(size());
    std::uint32_t kept = 0;
    for (std::uint32_t i = 0; i != place.size(); ++i) {
        place[i] = kept;
        if (!goes[i]) heads_[kept++] = heads_[i];
    }
    heads_.resize(kept);
    items_.drop_marked(goes);
    renumber_entries(facts_, goes, place);
}

any_feed::receiver::receiver(any_feed& into, any_object const& defaults)
    : feed_receiver{into.items_.type().fields()}, into_{into}, default_{into.items_.type()} {
    defaulted_ = copy_fields(defaults.type().fields(), defaults.get(), default_.type().fields(),
                             default_.get());
}

void* any_feed::receiver::add(std::int64_t line) {
    into_.heads_.push_back({line, 0, no_last_day});
    auto* const made = into_.items_.add();
    default_.type().destroy(made);
    default_.type().copy(made, default_.get());
    return made;
}

result<void> any_feed::receiver::keep(std::uint32_t given) {
    into_.heads_.back().given = given;
    return default_.type().validate(into_.items_[into_.items_.size() - 1]);
}

void any_feed::receiver::drop() {
    into_.heads_.pop_back();
    into_.items_.drop_last();
}

void hold_back(any_feed& from, protection const& by) {
    auto held = by.find_held(from, from.size(), from.facts().exceptions);
    protection::hold_whole_ranges(held, from.facts().ranges);
    if (held.empty()) return;
    std::vector<bool> goes(from.size());
    for (auto const& each : held) {
        goes[each.entry] = true;
        from.facts().held_back.push_back(
            {from.line(each.entry), from.pattern(each.entry), each.reason});
        from.facts().spared.push_back(from.pattern(each.entry));
    }
    from.drop(goes);
}

std::vector<covered_entry> find_covered(any_feed const& of) {
    std::vector<covered_entry> found;
    if (!of.type().has_types) return found;
    auto const fields = of.type().collection->new_item->fields();
    pattern_cover const cover{of, of.size()};
    for (std::uint32_t i = 0; i != of.size(); ++i) {
        auto const by = cover.find_wider(of.key(i));
        if (by && have_same_effect(fields, of.item(i), of.item(*by))) found.push_back({i, *by});
    }
    return found;
}

std::vector<covered_pattern> describe_covered(any_feed const& of,
                                              std::vector<covered_entry> const& covered) {
    std::vector<covered_pattern> described;
    described.reserve(covered.size());
    for (auto const& each : covered) {
        described.push_back(
            {of.line(each.entry), of.pattern(each.entry), of.line(each.by), of.pattern(each.by)});
    }
    return described;
}

void drop_covered(any_feed& from, std::vector<covered_entry> const& covered) {
    std::vector<bool> goes(from.size());
    for (auto const& each : covered) goes[each.entry] = true;
    from.drop(goes);
}

}  // namespace cloudflare::inline v0::email_security
