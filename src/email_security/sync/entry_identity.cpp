#include "email_security/feed/ascii.hpp"
#include "email_security/feed/ip_block.hpp"
#include "email_security/feed/reserved_mark.hpp"
#include "email_security/sync/owner_marks.hpp"
#include "memory/keyed_hash.hpp"

#include <cloudflare/detail/entry_identity.hpp>
#include <cloudflare/detail/pattern_index.hpp>
#include <cloudflare/email_security/feed.hpp>
#include <cloudflare/email_security/pattern_type.hpp>

#include <algorithm>
#include <compare>
#include <utility>
#include <variant>

namespace cloudflare::inline v0::email_security {

namespace {

/// A value of a field; a text is a view that is good while it is visited.
using scalar = std::variant<std::monostate, bool, std::int64_t, double, std::string_view>;

/// Passes each scalar of a field on.
template <class Visit>
class scalar_sink final : public wire::sink {
public:
    explicit scalar_sink(Visit& visit) : visit_{visit} {}

    void null() override { visit_(scalar{}); }
    void boolean(bool value) override { visit_(scalar{value}); }
    void integer(std::int64_t value) override { visit_(scalar{value}); }
    void number(double value) override { visit_(scalar{value}); }
    void string(std::string_view value) override { visit_(scalar{value}); }
    void begin_object() override {}
    void key(std::string_view) override {}
    void end_object() override {}
    void begin_array() override {}
    void end_array() override {}

private:
    Visit& visit_;
};

/// Members are only read through the address.
void const* address(wire::field const& which, void const* object) {
    return which.address(const_cast<void*>(object));
}

bool is_present(wire::field const& which, void const* object) {
    return which.how->is_present(address(which, object));
}

template <class Visit>
void each_scalar(wire::field const& which, void const* object, Visit visit) {
    if (!is_present(which, object)) return;
    scalar_sink<Visit> to{visit};
    which.how->write(address(which, object), to);
}

bool is_null(scalar const& value) {
    return std::holds_alternative<std::monostate>(value);
}

/// Whether it says no more than an absent one.
bool is_empty(scalar const& value) {
    auto const* const text = std::get_if<std::string_view>(&value);
    return is_null(value) || (text && text->empty());
}

std::string to_text(scalar const& value) {
    if (auto const* const text = std::get_if<std::string_view>(&value)) return std::string{*text};
    if (auto const* const flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
    if (auto const* const whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
    if (auto const* const number = std::get_if<double>(&value)) return std::to_string(*number);
    return {};
}

std::string text_of(wire::field const& which, void const* object) {
    std::string text;
    each_scalar(which, object, [&text](scalar const& value) { text = to_text(value); });
    return text;
}

bool is_true(wire::field const& which, void const* object) {
    bool found = false;
    each_scalar(which, object, [&found](scalar const& value) {
        auto const* const flag = std::get_if<bool>(&value);
        found = flag && *flag;
    });
    return found;
}

/// Whether both are there and are written alike.
bool are_equal(wire::field const& one, void const* there, wire::field const& other,
               void const* item) {
    bool found = false;
    each_scalar(one, there, [&](scalar const& first) {
        each_scalar(other, item, [&](scalar const& second) { found = first == second; });
    });
    return found;
}

std::string in_lower_case(std::string text) {
    std::ranges::transform(text, text.begin(), to_lower);
    return text;
}

/// The canonical form of a pattern; lower case where it has none.
std::string recognised(std::string_view text, pattern_type type) {
    auto found = recognise_pattern(text, type);
    return found ? std::move(found->pattern) : in_lower_case(std::string{text});
}

/// Whether a name in ASCII is in canonical form, if it has one: most are, and are not taken apart.
bool is_plain(std::string_view text) {
    auto const is_settled = [](char c) { return c > ' ' && c <= '~' && c == to_lower(c); };
    return std::ranges::all_of(text, is_settled) && !text.ends_with('.');
}

std::string canonical_name(std::string_view text, pattern_type type) {
    if (is_plain(text)) return std::string{text};
    return in_lower_case(recognised(text, type));
}

/// The canonical form of an address or block, also of one that the API does not take.
std::string canonical_network(std::string_view text) {
    auto const block = parse_ip_block(text);
    return block ? to_string(*block) : in_lower_case(std::string{text});
}

wire::field const* find_named(std::span<wire::field const> fields, std::string_view name) {
    auto const found = std::ranges::find(fields, name, &wire::field::name);
    return found == fields.end() ? nullptr : &*found;
}

std::string_view digits_of(identifier const& id) {
    std::string_view text{id.text()};
    if (text.empty() || !std::ranges::all_of(text, is_digit)) return {};
    text.remove_prefix(std::min(text.find_first_not_of('0'), text.size() - 1));
    return text;
}

}  // namespace

/// The texts of fields in the forms in which they are compared.
class entry_identity::text_forms {
public:
    static std::string make(std::string_view text, form how) {
        switch (how) {
            case form::exact:
                break;
            case form::caseless:
                return in_lower_case(std::string{text});
            case form::domain:
                return canonical_name(text, pattern_type::domain);
            case form::email:
                return canonical_name(text, pattern_type::email);
            case form::network:
                return canonical_network(text);
        }
        return std::string{text};
    }

    static form of_type(std::string_view type) {
        switch (from_wire_name<pattern_type>(type).value_or(pattern_type::unknown)) {
            case pattern_type::email:
                return form::email;
            case pattern_type::domain:
                return form::domain;
            case pattern_type::ip:
                return form::network;
            case pattern_type::unknown:
                break;
        }
        return form::exact;
    }

    /// Of content that is not text that people wrote.
    static form of_content(std::string_view name) {
        if (name == "exclude") return form::domain;
        if (name == "ip_restrictions") return form::network;
        if (name == "integration_id") return form::caseless;
        return form::exact;
    }

    /// The elements of a list, each once.
    static std::vector<std::string> elements(wire::field const& which, void const* object,
                                             form how) {
        std::vector<std::string> all;
        each_scalar(which, object,
                    [&](scalar const& value) { all.push_back(make(to_text(value), how)); });
        std::ranges::sort(all);
        auto const repeated = std::ranges::unique(all);
        all.erase(repeated.begin(), repeated.end());
        return all;
    }

    static bool are_equal(scalar const& a, scalar const& b, form how) {
        auto const* const one = std::get_if<std::string_view>(&a);
        auto const* const other = std::get_if<std::string_view>(&b);
        if (a == b) return true;
        return one && other && how != form::exact && make(*one, how) == make(*other, how);
    }
};

/// One of the two objects that are compared.
class entry_identity::side {
public:
    side(void const* object, wire::field const* field_pair::*which)
        : object_{object}, which_{which} {}

    std::string text(field_pair const& of) const { return text_of(*(of.*which_), object_); }
    bool is_set(field_pair const& of) const { return is_true(*(of.*which_), object_); }

private:
    void const* object_;
    wire::field const* field_pair::*which_;
};

entry_identity::field_pair entry_identity::pair_of(std::size_t index, description const& of) const {
    field_pair made;
    made.item = &of.item_fields[index];
    made.bit = index < 32 ? 1U << index : 0U;
    made.model = find_named(of.model_fields, made.item->name);
    made.how = text_forms::of_content(made.item->name);
    auto const filled = std::ranges::find(of.filled, made.item->name, &filled_field::name);
    if (filled != of.filled.end()) made.filled = &*filled;
    return made;
}

entry_identity::entry_identity(description const& of) : default_item_{of.default_item} {
    for (std::size_t i = 0; i != of.item_fields.size(); ++i) {
        auto const pair = pair_of(i, of);
        // What no entry shows cannot be compared.
        if (!pair.model) continue;
        auto const name = pair.item->name;
        if (std::ranges::find(of.key, name) == of.key.end()) {
            content_.push_back(pair);
            continue;
        }
        key_fields_ |= pair.bit;
        if (name == "pattern_type") {
            type_ = pair;
        } else if (name == "is_regex" || name == "is_email_regex") {
            flag_ = pair;
        } else {
            key_.push_back(pair);
        }
    }
}

entry_identity::form entry_identity::form_of_key(field_pair const& part, side const& from,
                                                 std::string_view type) const {
    auto const name = part.item->name;
    if (name == "domain") return form::domain;
    if (flag_ && from.is_set(*flag_)) return form::exact;
    if (name == "email") return form::email;
    if (name != "pattern") return form::exact;
    if (type_) return text_forms::of_type(type);
    // Without a flag a pattern is a regular expression, and without a type it is a domain.
    return flag_ ? form::domain : form::exact;
}

void entry_identity::append_key(std::string& key, side const& from,
                                std::string_view assumed_type) const {
    std::string type;
    if (type_) type = from.text(*type_);
    if (type.empty()) type = assumed_type;
    key += type;
    key += flag_ && from.is_set(*flag_) ? " regex" : "";
    for (auto const& part : key_) {
        key += '\n';
        key += text_forms::make(from.text(part), form_of_key(part, from, type));
    }
}

std::string entry_identity::key_of_item(void const* item) const {
    std::string key;
    append_key(key, side{item, &field_pair::item}, {});
    return key;
}

std::string entry_identity::key_of_existing(void const* there) const {
    side const from{there, &field_pair::model};
    for (auto const& part : key_) {
        if (!is_present(*part.model, there)) return {};
    }
    std::string_view assumed;
    if (type_ && !is_present(*type_->model, there)) {
        // The API may leave the type out; a pattern mostly tells it.
        auto const found = recognise_pattern(from.text(key_.front()));
        if (found) assumed = wire_name(found->type);
    }
    std::string key;
    append_key(key, from, assumed);
    return key;
}

entry_match entry_identity::compare(void const* there, void const* item) const {
    side const existing{there, &field_pair::model};
    side const wanted{item, &field_pair::item};
    for (auto const& part : key_) {
        if (!is_present(*part.model, there)) return entry_match::other;
    }
    std::string const type = type_ ? wanted.text(*type_) : std::string{};
    std::string here;
    append_key(here, existing, type);
    if (here != key_of_item(item)) return entry_match::other;
    auto const all = ~std::uint32_t{0};
    auto const difference = compare_content(there, item, all, owner_marks::compared);
    return difference.is_none() ? entry_match::same : entry_match::differs;
}

bool entry_identity::may_have_key_of(void const* there, void const* item) const {
    side const existing{there, &field_pair::model};
    side const wanted{item, &field_pair::item};
    // Almost always the answer to a create gives back what was sent, so that this is enough.
    auto const is_repeated = [&](field_pair const& part) {
        return are_equal(*part.model, there, *part.item, item);
    };
    if (type_ && is_present(*type_->model, there) && !is_repeated(*type_)) return false;
    if (flag_ && is_present(*flag_->model, there) && !is_repeated(*flag_) &&
        existing.is_set(*flag_) != wanted.is_set(*flag_)) {
        return false;
    }
    return std::ranges::all_of(key_, [&](field_pair const& part) {
        if (!is_present(*part.model, there) || is_repeated(part)) return true;
        auto const how = form_of_key(part, wanted, type_ ? wanted.text(*type_) : std::string{});
        return text_forms::make(existing.text(part), how) ==
               text_forms::make(wanted.text(part), how);
    });
}

content_difference entry_identity::compare_content(void const* there, void const* item,
                                                   std::uint32_t which, owner_marks marks) const {
    content_difference found;
    for (auto const& each : content_) {
        if ((which & each.bit) == 0) continue;
        switch (compare_field(each, there, item, marks)) {
            case match::equal:
                break;
            case match::differs:
                found.differs |= each.bit;
                break;
            case match::untold:
                found.untold |= each.bit;
                break;
        }
    }
    return found;
}

entry_identity::match entry_identity::compare_field(field_pair const& which, void const* there,
                                                    void const* item, owner_marks marks) const {
    auto const equal_if = [](bool holds) { return holds ? match::equal : match::differs; };
    if (which.item->how->is_list()) {
        return equal_if(text_forms::elements(*which.model, there, which.how) ==
                        text_forms::elements(*which.item, item, which.how));
    }
    if (marks == owner_marks::ignored && may_have_marks(which.item->name)) {
        return equal_if(email_security::text_of(text_of(*which.model, there)) ==
                        email_security::text_of(text_of(*which.item, item)));
    }
    bool const is_wanted = is_present(*which.item, item);
    if (!is_wanted && which.filled && which.filled->value.empty()) return match::equal;

    auto found = match::equal;
    auto const is_given = is_present(*which.model, there);
    auto const compare_with = [&](scalar const& wanted) {
        if (is_given) {
            each_scalar(*which.model, there, [&](scalar const& now) {
                bool const is_equal = is_empty(wanted)
                                          ? is_empty(now)
                                          : text_forms::are_equal(now, wanted, which.how);
                found = equal_if(is_equal);
            });
            return;
        }
        bool const can_be_absent =
            which.item->how->can_be_null() || std::holds_alternative<std::string_view>(wanted);
        bool is_default = is_empty(wanted);
        each_scalar(*which.item, default_item_,
                    [&](scalar const& value) { is_default = is_default || value == wanted; });
        found = is_default ? match::equal : can_be_absent ? match::differs : match::untold;
    };
    if (is_wanted) {
        each_scalar(*which.item, item, compare_with);
    } else if (is_given) {
        compare_with(scalar{which.filled ? which.filled->value : std::string_view{}});
    }
    return found;
}

std::vector<std::string> entry_identity::spellings_of(void const* item) const {
    side const from{item, &field_pair::item};
    auto const& part = key_.front();
    auto const given = from.text(part);
    auto const how = form_of_key(part, from, type_ ? from.text(*type_) : std::string{});
    std::vector<std::string> all{given};
    if (how == form::exact) return all;
    auto const add = [&all](std::string text) {
        if (std::ranges::find(all, text) == all.end()) all.push_back(std::move(text));
    };
    auto const type = how == form::email     ? pattern_type::email
                      : how == form::network ? pattern_type::ip
                                             : pattern_type::domain;
    add(in_lower_case(given));
    add(text_forms::make(given, how));
    // The case of what stands before the @ may have been kept.
    if (auto const found = recognise_pattern(given, type)) add(found->pattern);
    return all;
}

error entry_identity::conflict(wire::codec const& model, void const* there,
                               void const* item) const {
    auto const all = ~std::uint32_t{0};
    auto const difference = compare_content(there, item, all, owner_marks::compared);
    std::string names;
    for (auto const& each : content_) {
        if (((difference.differs | difference.untold) & each.bit) == 0) continue;
        names += names.empty() ? "" : ", ";
        names += each.item->name;
    }
    std::string entry;
    wire::append_json(model, there, entry);
    return error{errc::conflict, "another entry is there, with another " + names + ": " + entry};
}

namespace {

bool is_address(pattern_key const& key) noexcept {
    return key.type == pattern_type::email && !key.is_regex;
}

}  // namespace

bool operator==(pattern_key const& a, pattern_key const& b) noexcept {
    if (a.type != b.type || a.is_regex != b.is_regex) return false;
    if (!is_address(a)) return a.pattern == b.pattern;
    return std::ranges::equal(a.pattern, b.pattern, {}, to_lower, to_lower);
}

std::size_t hash_value(pattern_key const& key) {
    auto const kind = 2U * static_cast<unsigned>(key.type) + key.is_regex;
    if (!is_address(key)) return keyed_hash(key.pattern, kind);
    return keyed_hash(in_lower_case(std::string{key.pattern}), kind);
}

bool comes_before(identifier const& a, identifier const& b) noexcept {
    auto const one = digits_of(a);
    auto const other = digits_of(b);
    if (one.empty() != other.empty()) return !one.empty();
    if (one.size() != other.size()) return one.size() < other.size();
    if (one != other) return one < other;
    auto const folded = std::lexicographical_compare_three_way(
        a.text().begin(), a.text().end(), b.text().begin(), b.text().end(),
        [](char x, char y) { return to_lower(x) <=> to_lower(y); });
    return folded != 0 ? folded < 0 : a.text() < b.text();
}

}  // namespace cloudflare::inline v0::email_security
