#include "email_security/sync/batch_body.hpp"

#include "email_security/sync/entries.hpp"

#include <cloudflare/detail/validation.hpp>

#include <cstddef>
#include <string_view>

namespace cloudflare::email_security {

using cloudflare::detail::any_object;

namespace {

std::uint32_t entry_of(sync_changes const& changes, work_item const& each) {
    return each.kind == change_kind::create ? changes.creates[each.index]
                                            : changes.updates[each.index].entry;
}

any_object item_of(batch_body const& of, work_item const& each) {
    auto const* const wanted = of.desired->item(entry_of(*of.changes, each));
    if (each.kind == change_kind::create) return owned_item(*of.type, wanted, *of.owner);
    return make_patch(*of.type, of.changes->updates[each.index], wanted);
}

/// Calls `act` with each of a kind.
template <class Act>
void for_kind(std::span<work_item const> items, change_kind kind, Act act) {
    for (auto const& each : items) {
        if (each.kind == kind) act(each);
    }
}

void write_id(identifier const& id, wire::sink& out) {
    out.key("id");
    wire::codec_for<identifier>().write(&id, out);
}

void write_removal(identifier const& id, wire::sink& out) {
    out.begin_object();
    if (!id.empty()) write_id(id, out);
    out.end_object();
}

class batch_body_codec final : public wire::codec {
public:
    void write(void const* at, wire::sink& out) const override {
        auto const& body = *static_cast<batch_body const*>(at);
        out.begin_object();
        out.key("deletes");
        out.begin_array();
        for_kind(body.items, change_kind::remove, [&](work_item const& each) {
            write_removal(body.changes->removals[each.index].id, out);
        });
        for (auto const& each : body.removals) write_removal(each, out);
        out.end_array();
        out.key("patches");
        out.begin_array();
        for_kind(body.items, change_kind::update, [&](work_item const& each) {
            auto const patch = item_of(body, each);
            out.begin_object();
            write_id(body.changes->updates[each.index].id, out);
            wire::write_fields(patch.type().fields(), patch.get(), out);
            out.end_object();
        });
        out.end_array();
        out.key("puts");
        out.begin_array();
        out.end_array();
        out.key("posts");
        out.begin_array();
        for_kind(body.items, change_kind::create, [&](work_item const& each) {
            auto const item = item_of(body, each);
            item.type().how->write(item.get(), out);
        });
        out.end_array();
        out.end_object();
    }
};

/// An array whose elements are all read into the same place.
template <class Place>
class passing_codec final : public wire::codec {
public:
    wire::slot on_array(void* at) const override { return {this, at}; }
    wire::slot element(void* at) const override {
        return Place::slot_in(*static_cast<batch_answer*>(at));
    }
    void write(void const*, wire::sink&) const override {}  // only answers have it
};

struct entry_place {
    static wire::slot slot_in(batch_answer& answer) {
        return {answer.entry.type().how, answer.entry.get()};
    }
};
struct gone_place {
    static wire::slot slot_in(batch_answer& answer) {
        return {&wire::codec_for<deleted>(), &answer.gone};
    }
};

class batch_answer_codec final : public wire::codec {
public:
    wire::slot on_object(void* at) const override { return {this, at}; }
    wire::slot member(void* at, std::string_view name, std::size_t&) const override {
        static constexpr passing_codec<entry_place> entries;
        static constexpr passing_codec<gone_place> gone;
        if (name == "deletes") return {&gone, at};
        if (name == "patches" || name == "puts" || name == "posts") return {&entries, at};
        return {};
    }
    void write(void const*, wire::sink&) const override {}  // only answers have it
};

}  // namespace

result<void> batch_body::validate() const {
    std::size_t counts[3] = {};
    for (auto const& each : items) {
        auto& count = counts[static_cast<std::size_t>(each.kind)];
        auto const index = count++;
        if (each.kind == change_kind::remove) {
            auto const valid = check_identifier(changes->removals[each.index].id);
            if (!valid) return within(valid.error(), "/deletes", index);
        } else if (each.kind == change_kind::update) {
            auto valid = check_identifier(changes->updates[each.index].id);
            if (valid) valid = item_of(*this, each).validate();
            if (!valid) return within(valid.error(), "/patches", index);
        } else {
            auto const valid = item_of(*this, each).validate();
            if (!valid) return within(valid.error(), "/posts", index);
        }
    }
    for (std::size_t i = 0; i != removals.size(); ++i) {
        if (auto const valid = check_identifier(removals[i]); !valid) {
            return within(valid.error(), "/deletes", i);
        }
    }
    return {};
}

wire::slot batch_body::slot() {
    static constexpr batch_body_codec how;
    return {&how, this};
}

wire::slot batch_answer::slot() {
    static constexpr batch_answer_codec how;
    return {&how, this};
}

}  // namespace cloudflare::email_security
