#include "email_security/sync/entries.hpp"

#include "email_security/sync/owner_marks.hpp"

#include <boost/algorithm/string/split.hpp>

#include <algorithm>
#include <optional>
#include <span>

namespace cloudflare::email_security {

using cloudflare::detail::any_object;

namespace {

wire::field const* find_named(std::span<wire::field const> fields, std::string_view name) {
    for (auto const& each : fields) {
        if (!each.is_deprecated && each.name == name) return &each;
    }
    return nullptr;
}

/// The elements of a list, of which the order does not matter.
std::vector<std::string> in_order(std::string const& list) {
    std::vector<std::string> elements;
    boost::algorithm::split(elements, list, [](char c) { return c == ','; });
    std::ranges::sort(elements);
    return elements;
}

/// Members are only read through the address.
void const* address(wire::field const& which, void const* object) {
    return which.address(const_cast<void*>(object));
}

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
                               void const* model) {
    auto const item_fields = of.collection->new_item->fields();
    auto const model_fields = of.collection->model->fields();
    std::uint32_t differing = 0;
    for (std::size_t i = 0; i != item_fields.size() && i < 32; ++i) {
        auto const& wanted = item_fields[i];
        if (is_key_field(wanted.name) || (given & (1U << i)) == 0) continue;
        auto const* const there = find_named(model_fields, wanted.name);
        if (!there) continue;
        auto const now = wire::to_text(*there->how, address(*there, model));
        auto const then = wire::to_text(*wanted.how, address(wanted, item));
        // Where null is a value, what is absent is null.
        bool const is_told =
            there->how->is_present(address(*there, model)) || wanted.how->can_be_null();
        bool const differs = wanted.name == "comments" ? text_of(now) != text_of(then)
                             : wanted.how->is_list()   ? in_order(now) != in_order(then)
                                                       : is_told && now != then;
        if (differs) differing |= 1U << i;
    }
    return differing;
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

std::uint64_t fingerprint_of(sync_type const& of, void const* model) {
    any_object item{*of.collection->new_item};
    copy_fields(of.collection->model->fields(), model, item.type().fields(), item.get());
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

}  // namespace cloudflare::email_security
