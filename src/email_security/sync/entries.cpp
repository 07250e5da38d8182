#include "email_security/sync/entries.hpp"

#include "email_security/sync/fingerprint.hpp"
#include "email_security/sync/owner_marks.hpp"

#include <optional>
#include <span>

namespace cloudflare::inline v0::email_security {

using cloudflare::detail::any_object;

namespace {

/// The comments of an item as they go to the API; none where nothing is to be said.
std::optional<std::string> owned_comments(sync_type const& of, feed_view const& feed,
                                          std::uint32_t number, std::string const& owner) {
    if (!of.comments) return std::nullopt;
    auto const& given = of.comments(feed.item(number));
    if (!given && owner.empty()) return std::nullopt;
    owner_dates dates;
    dates.until = last_day_of(feed, number);
    return created_comments(given.value_or(""), owner, dates);
}

edit_purpose purpose_of(verdict what) {
    switch (what) {
        case verdict::share:
            return edit_purpose::share;
        case verdict::retire:
            return edit_purpose::retire;
        case verdict::unmark:
            return edit_purpose::unmark;
        default:
            return edit_purpose::update;
    }
}

}  // namespace

std::uint32_t differing_fields(sync_type const& of, void const* item, std::uint32_t given,
                               void const* model, owner_marks marks) {
    // What the API leaves out would be set again by every sync, if it counted as another value.
    return of.identity->compare_content(model, item, given, marks).differs;
}

std::optional<date> last_day_of(feed_view const& feed, std::uint32_t number) {
    auto const day = feed.last_day(number);
    if (day == no_last_day) return std::nullopt;
    return date{std::chrono::days{day}};
}

any_object owned_item(sync_type const& of, feed_view const& feed, std::uint32_t number,
                      std::string const& owner) {
    any_object owned{*of.collection->new_item, feed.item(number)};
    if (auto comments = owned_comments(of, feed, number, owner)) {
        of.set_comments(owned.get(), std::move(*comments));
    }
    return owned;
}

bool is_as_created(sync_type const& of, listed_entry const& there, feed_view const& feed,
                   std::uint32_t number, std::uint32_t given, std::string const& owner) {
    // What the comments say is compared by their text.
    return there.comments == owned_comments(of, feed, number, owner).value_or("") &&
           differing_fields(of, feed.item(number), given, there.model) == 0;
}

bool is_as_created(sync_type const& of, sync_changes const& plan, listed_entry const& there,
                   feed_view const& feed, std::uint32_t number, std::string const& owner) {
    if (plan.is_exact) {
        return of.identity->compare(there.model, feed.item(number)) == entry_match::same;
    }
    return is_as_created(of, there, feed, number, feed.given(number), owner);
}

any_object make_patch(sync_type const& of, planned_update const& update, void const* wanted) {
    any_object item{*of.collection->new_item};
    if (update.entry != planned_update::no_entry) item.assign(wanted);
    if (update.new_comments) of.set_comments(item.get(), *update.new_comments);
    any_object patch{*of.collection->patch};
    auto const fields = item.type().fields();
    for (std::size_t i = 0; i != fields.size() && i < 32; ++i) {
        if ((update.fields & (1U << i)) == 0) continue;
        copy_fields(fields.subspan(i, 1), item.get(), patch.type().fields(), patch.get());
    }
    return patch;
}

any_object exact_patch(sync_type const& of, std::uint32_t which, void const* wanted) {
    any_object patch{*of.collection->patch};
    auto const fields = of.collection->new_item->fields();
    auto const targets = patch.type().fields();
    for (std::size_t i = 0; i != fields.size() && i < 32; ++i) {
        if ((which & (1U << i)) == 0) continue;
        // Members are only read through the address.
        auto const* const value = fields[i].address(const_cast<void*>(wanted));
        for (auto const& target : targets) {
            if (target.name != fields[i].name) continue;
            auto* const at = target.address(patch.get());
            if (fields[i].how->is_present(value)) {
                wire::copy_value(*fields[i].how, value, *target.how, at);
            } else if (target.how->can_be_null()) {
                target.how->on_null(at);
            } else {
                // Of a text, the empty one says as much.
                target.how->on_string(at, {});
            }
        }
    }
    return patch;
}

any_object created_item(sync_type const& of, sync_changes const& plan, feed_view const& feed,
                        std::uint32_t number, std::string const& owner) {
    if (plan.is_exact) return any_object{*of.collection->new_item, feed.item(number)};
    return owned_item(of, feed, number, owner);
}

any_object sent_patch(sync_type const& of, sync_changes const& plan, planned_update const& update,
                      feed_view const& feed) {
    bool const is_of_feed = update.entry != planned_update::no_entry;
    auto const* const wanted = is_of_feed ? feed.item(update.entry) : nullptr;
    if (plan.is_exact) return exact_patch(of, update.fields, wanted);
    return make_patch(of, update, wanted);
}

any_object item_of_existing(sync_type const& of, void const* model) {
    any_object item{*of.collection->new_item};
    copy_fields(of.collection->model->fields(), model, item.type().fields(), item.get());
    return item;
}

std::string json_of_existing(sync_type const& of, void const* model) {
    std::string text;
    wire::append_json(*of.collection->model->how, model, text);
    return text;
}

std::uint64_t fingerprint_of(sync_type const& of, void const* model) {
    auto const item = item_of_existing(of, model);
    std::string text;
    wire::append_json(*item.type().how, item.get(), text);
    return fingerprint(text);
}

std::string pattern_of(planned_update const& update, feed_view const& feed) {
    return update.entry == planned_update::no_entry ? update.pattern : feed.pattern(update.entry);
}

std::int64_t line_of(planned_update const& update, feed_view const& feed) {
    return update.entry == planned_update::no_entry ? 0 : feed.line(update.entry);
}

planned_update make_update(std::uint32_t entry, listed_entry const& there, ruling const& made) {
    planned_update update;
    update.purpose = purpose_of(made.what);
    update.entry = entry;
    update.id = *there.id;
    if (entry == planned_update::no_entry) update.pattern = there.key.pattern;
    update.fields = made.fields;
    update.comments = there.comments;
    update.new_comments = made.comments;
    return update;
}

std::int64_t& count_of(sync_report& report, edit_purpose purpose) {
    switch (purpose) {
        case edit_purpose::share:
            return report.shared;
        case edit_purpose::retire:
            return report.retired;
        case edit_purpose::unmark:
            return report.unmarked;
        case edit_purpose::update:
            break;
    }
    return report.updated;
}

void count_changes(sync_changes& of) {
    auto& report = of.report;
    report.created = static_cast<std::int64_t>(of.creates.size());
    report.deleted = static_cast<std::int64_t>(of.removals.size());
    report.updated = report.shared = report.retired = report.unmarked = 0;
    for (auto const& each : of.updates) ++count_of(report, each.purpose);
}

dateless_codec::dateless_codec(cloudflare::detail::object_type const& type) : type_{type} {
    for (auto const& each : type.fields()) {
        if (each.how != &wire::codec_for<std::optional<timestamp>>()) fields_.push_back(each);
    }
}

wire::slot dateless_codec::on_object(void* at) const {
    auto const begun = type_.how->on_object(at);
    if (!begun.how) return begun;
    return {this, at};
}

wire::slot dateless_codec::member(void* at, std::string_view name, std::size_t& hint) const {
    auto const* const found = wire::find_field(fields_, name, hint);
    if (!found) return {};
    return {found->how, found->address(at)};
}

void dateless_codec::on_end(void* at) const {
    type_.how->on_end(at);
}

void dateless_codec::write(void const* at, wire::sink& out) const {
    out.begin_object();
    wire::write_fields(fields_, at, out);
    out.end_object();
}

}  // namespace cloudflare::inline v0::email_security
