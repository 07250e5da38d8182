#include "email_security/sync/entries.hpp"

#include "email_security/sync/owner_marks.hpp"

#include <optional>
#include <span>

namespace cloudflare::inline v0::email_security {

using cloudflare::detail::any_object;

namespace {

/// The comments of an item as they go to the API; none where nothing is to be said.
std::optional<std::string> owned_comments(sync_type const& of, void const* item,
                                          std::string const& owner) {
    std::optional<std::string> comments;
    if (!of.comments) return comments;
    if (auto const& given = of.comments(item)) comments = text_of(*given);
    if (!owner.empty()) comments = with_owner(comments.value_or(""), owner);
    return comments;
}

/// FNV-1a of 64 bits: the same on every machine, as it is kept in files.
std::uint64_t fingerprint(std::string_view text) noexcept {
    std::uint64_t hash = 14695981039346656037U;
    for (auto const c : text) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 1099511628211U;
    }
    return hash;
}

}  // namespace

std::uint32_t differing_fields(sync_type const& of, void const* item, std::uint32_t given,
                               void const* model, owner_marks marks) {
    // What the API leaves out would be set again by every sync, if it counted as another value.
    return of.identity->compare_content(model, item, given, marks).differs;
}

any_object owned_item(sync_type const& of, void const* item, std::string const& owner) {
    any_object owned{*of.collection->new_item, item};
    if (auto comments = owned_comments(of, item, owner)) {
        of.set_comments(owned.get(), std::move(*comments));
    }
    return owned;
}

bool is_as_created(sync_type const& of, listed_entry const& there, void const* wanted,
                   std::uint32_t given, std::string const& owner) {
    // What the comments say is compared by their text.
    return there.comments == owned_comments(of, wanted, owner).value_or("") &&
           differing_fields(of, wanted, given, there.model) == 0;
}

bool is_as_created(sync_type const& of, sync_changes const& plan, listed_entry const& there,
                   void const* wanted, std::uint32_t given, std::string const& owner) {
    if (plan.is_exact) return of.identity->compare(there.model, wanted) == entry_match::same;
    return is_as_created(of, there, wanted, given, owner);
}

any_object make_patch(sync_type const& of, planned_update const& update, void const* wanted) {
    any_object item{*of.collection->new_item, wanted};
    if (of.comments) {
        if (auto const& comments = of.comments(wanted)) {
            of.set_comments(item.get(), with_text(update.comments, *comments));
        }
    }
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

any_object created_item(sync_type const& of, sync_changes const& plan, void const* wanted,
                        std::string const& owner) {
    if (plan.is_exact) return any_object{*of.collection->new_item, wanted};
    return owned_item(of, wanted, owner);
}

any_object sent_patch(sync_type const& of, sync_changes const& plan, planned_update const& update,
                      void const* wanted) {
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

planned_update make_update(std::uint32_t entry, listed_entry const& there,
                           std::uint32_t differing) {
    planned_update made;
    made.entry = entry;
    made.id = *there.id;
    made.fields = differing;
    made.comments = there.comments;
    return made;
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
