#include "email_security/sync/batch_body.hpp"

#include "email_security/sync/entries.hpp"

#include <cloudflare/detail/validation.hpp>
#include <cloudflare/detail/whole_list.hpp>

#include <cstddef>
#include <string_view>
#include <utility>

namespace cloudflare::inline v0::email_security {

using cloudflare::detail::any_object;
using cloudflare::detail::key_of_id;

namespace {

std::uint32_t entry_of(sync_changes const& changes, work_item const& each) {
    return each.kind == change_kind::create ? changes.creates[each.index]
                                            : changes.updates[each.index].entry;
}

any_object item_of(batch_body const& of, work_item const& each) {
    if (each.kind == change_kind::create) {
        return created_item(*of.type, *of.changes, *of.desired, of.changes->creates[each.index],
                            *of.owner);
    }
    return sent_patch(*of.type, *of.changes, of.changes->updates[each.index], *of.desired);
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

batch_answer::batch_answer(batch_body const& of, bool keeps_ids)
    : body_{of}, keeps_ids_{keeps_ids}, entry_{*of.type->collection->model} {
    for (auto const* const name : {"deletes", "patches", "puts", "posts"}) {
        parts_.emplace_back(name);
    }
    for_kind(of.items, change_kind::remove, [&](work_item const& each) {
        parts_[deletes].ask(key_of_id(of.changes->removals[each.index].id));
    });
    for (auto const& each : of.removals) parts_[deletes].ask(key_of_id(each));
    for_kind(of.items, change_kind::update, [&](work_item const& each) {
        parts_[patches].ask(key_of_id(of.changes->updates[each.index].id));
    });
    for_kind(of.items, change_kind::create, [&](work_item const& each) {
        auto const* const item = of.desired->item(entry_of(*of.changes, each));
        parts_[posts].ask(of.type->identity->key_of_item(item));
        creates_.push_back(each);
    });
}

/// An array whose elements are all read into the same place, and an object of four of those.
struct batch_answer::codecs {
    static batch_answer& at(void* where) { return *static_cast<batch_answer*>(where); }

    class array final : public wire::codec {
    public:
        explicit constexpr array(part which) : which_{which} {}
        wire::slot on_array(void* where) const override {
            at(where).begin_part(which_);
            return {this, where};
        }
        wire::slot element(void* where) const override { return at(where).begin_entry(); }
        /// As many as a batch can ask for.
        std::size_t max_elements(void const*) const override {
            return static_cast<std::size_t>(cloudflare::max_page_size);
        }
        void on_end(void* where) const override { at(where).end_entry(); }
        void write(void const*, wire::sink&) const override {}  // only answers have it

    private:
        part which_;
    };

    class object final : public wire::codec {
    public:
        wire::slot on_object(void* where) const override {
            for (auto& each : at(where).parts_) {
                each.answered.clear();
                each.has_others = false;
            }
            at(where).ids_.clear();
            return {this, where};
        }
        wire::slot member(void* where, std::string_view name, std::size_t&) const override {
            static constexpr array arrays[] = {array{deletes}, array{patches}, array{puts},
                                               array{posts}};
            auto const& parts = at(where).parts_;
            for (std::size_t i = 0; i != parts.size(); ++i) {
                if (parts[i].name == name) return {&arrays[i], where};
            }
            return {};
        }
        void clear(void* where) const override { on_object(where); }
        void write(void const*, wire::sink&) const override {}  // only answers have it
    };
};

wire::slot batch_answer::slot() {
    static constexpr codecs::object how;
    return {&how, this};
}

void batch_answer::begin_part(part which) {
    current_ = which;
    parts_[which].answered.clear();
    parts_[which].has_others = false;
    if (which == posts) ids_.clear();
    is_in_entry_ = false;
}

wire::slot batch_answer::begin_entry() {
    end_entry();
    is_in_entry_ = true;
    if (current_ == deletes) {
        gone_ = {};
        return {&wire::codec_for<deleted>(), &gone_};
    }
    auto const* const how = entry_.type().how;
    how->clear(entry_.get());
    return {how, entry_.get()};
}

void batch_answer::end_entry() {
    if (!std::exchange(is_in_entry_, false)) return;
    auto& told = parts_[current_];
    auto const at = told.answered.size();
    bool const is_expected = at < told.asked.size();
    if (current_ != posts) {
        auto const& id = current_ == deletes ? gone_.id : *body_.type->look_at(entry_.get()).id;
        auto key = key_of_id(id);
        bool const fits = is_expected && key == told.asked[at];
        return told.answer(std::move(key), fits);
    }
    auto const seen = body_.type->look_at(entry_.get());
    auto const& identity = *body_.type->identity;
    auto key = seen.id->empty() ? std::string{} : identity.key_of_existing(seen.model);
    bool fits = is_expected && !key.empty();
    if (fits) {
        auto const* const item = body_.desired->item(entry_of(*body_.changes, creates_[at]));
        fits = identity.may_have_key_of(seen.model, item);
    }
    if (keeps_ids_) ids_.push_back(*seen.id);
    told.answer(std::move(key), fits);
}

std::optional<error> batch_answer::check_answer() {
    auto fault = cloudflare::detail::match_batch(parts_);
    if (!fault && keeps_ids_) cloudflare::detail::put_in_order(ids_, parts_[posts].order);
    return fault;
}

}  // namespace cloudflare::inline v0::email_security
