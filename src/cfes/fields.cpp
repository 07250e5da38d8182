#include "fields.hpp"

#include "command_tree.hpp"
#include "times.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <span>
#include <utility>

namespace cfes {

namespace wire = cloudflare::wire;

namespace {

/// What the fields mean that several collections have.
constexpr field_help common[] = {
    {"pattern", "E-mail address, domain, IP address or CIDR block"},
    {"pattern_type", "What the pattern is", "EMAIL|DOMAIN|IP"},
    {"is_regex", "Whether the pattern is a regular expression"},
    {"comments", "Anything, up to 1024 characters"},
    {"page", "Only this page, from 1; all by default"},
    {"per_page", "Entries a page, 1 to 1000"},
    {"cursor", "Only the page at this cursor"},
    {"search", "Only entries that match this text"},
    {"order", "What to sort by"},
    {"direction", "Direction of sorting"},
    {"start", "From this time on, as 2h, 3d, yesterday or 2026-11-20 10:00 [30 days ago]"},
    {"end", "Until this time, as today or 2026-11-20 [now]"},
};

/// Those of them that tell which part of a list to show, and how.
constexpr std::string_view paging[] = {"page", "per_page", "cursor", "order", "direction"};

enum class kind { text, boolean, integer, time };

/// What a field takes.
struct shape {
    kind what = kind::text;
    bool is_list = false;
    std::vector<std::string_view> choices;
};

/// Empty for an object, which is not a single value.
std::optional<shape> shape_of(wire::slot probe) {
    auto const& [how, where] = probe;
    shape found;
    found.choices = how->choices();
    if (auto const elements = how->on_array(where); elements.how) {
        auto const element = shape_of(elements.how->element(elements.where));
        if (element) found.what = element->what;
        found.is_list = true;
        return element ? std::optional{found} : std::nullopt;
    }
    if (how->on_object(where).how) return std::nullopt;
    if (!found.choices.empty() || how->on_string(where, "text")) return found;
    if (how->on_string(where, "2000-01-01T00:00:00Z")) {
        found.what = kind::time;
    } else {
        found.what = how->on_boolean(where, true) ? kind::boolean : kind::integer;
    }
    return found;
}

std::string join(std::vector<std::string_view> const& words, std::string_view separator) {
    std::string text;
    for (auto const& each : words) {
        if (!text.empty()) text += separator;
        text += each;
    }
    return text;
}

/// The longest list of names that stands beside the option rather than in its description.
constexpr std::size_t longest_value = 20;

/// What stands for the value in the help.
std::string value_name(shape const& of) {
    auto const names = join(of.choices, "|");
    if (of.is_list) return of.choices.empty() ? "TEXT,..." : "NAME,...";
    if (!names.empty()) return names.size() <= longest_value ? names : "NAME";
    switch (of.what) {
        case kind::boolean:
            return "true|false";
        case kind::integer:
            return "N";
        case kind::time:
            return "TIME";
        case kind::text:
            break;
    }
    return "TEXT";
}

/// What a value must be.
std::string expectation(shape const& of) {
    if (!of.choices.empty()) return "one of " + join(of.choices, ", ");
    if (of.what == kind::boolean) return "true or false";
    if (of.what == kind::integer) return "a whole number";
    if (of.what == kind::time) return std::string{time_forms};
    return "text";
}

bool is_among(std::span<std::string_view const> names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// The names in `A|B`, as the help of a field has them whose type takes any text.
std::vector<std::string_view> names_in(std::string_view value) {
    std::vector<std::string_view> names;
    if (value.find('|') == std::string_view::npos) return names;
    while (!value.empty()) {
        auto const end = std::min(value.find('|'), value.size());
        names.push_back(value.substr(0, end));
        value.remove_prefix(std::min(end + 1, value.size()));
    }
    return names;
}

/// One field with its option.
class option {
public:
    option(field_place place, shape what, field_help help)
        : field_{place.field},
          object_{std::move(place.object)},
          name_{option_name(field_->name)},
          shape_{std::move(what)},
          help_{help} {}

    CLI::Option* add_to(CLI::App& app) const {
        auto* const added = shape_.is_list ? add_list(app) : add_scalar(app);
        auto const value = help_.value.empty() ? value_name(shape_) : std::string{help_.value};
        // The help may name the ones that make sense.
        if (help_.value.empty() && !shape_.choices.empty()) {
            programs::offer(added, {shape_.choices.begin(), shape_.choices.end()});
        }
        return added->type_name(value);
    }

    CLI::Option* add_clear_to(CLI::App& app, CLI::Option* set) const {
        auto const clear = [self = *this] { self.field_->how->on_null(self.where()); };
        return app
            .add_flag_callback(option_name("clear_" + std::string{field_->name}), clear,
                               "Set " + std::string{field_->name} + " to null")
            ->excludes(set);
    }

private:
    CLI::Option* add_scalar(CLI::App& app) const {
        auto const store = [self = *this](std::string const& given) {
            self.store({self.field_->how, self.where()}, given);
        };
        auto* const added = app.add_option_function<std::string>(name_, store, description());
        // `--is-regex` alone means true.
        if (shape_.what == kind::boolean) added->expected(0, 1);
        return added;
    }

    CLI::Option* add_list(CLI::App& app) const {
        auto const store_all = [self = *this](std::vector<std::string> const& given) {
            auto const elements = self.field_->how->on_array(self.where());
            for (auto const& each : given) {
                if (!each.empty()) self.store(elements.how->element(elements.where), each);
            }
        };
        return app.add_option_function<std::vector<std::string>>(name_, store_all, description())
            ->delimiter(',')
            ->allow_extra_args(false);
    }

    void store(wire::slot into, std::string const& given) const {
        auto text = given;
        if (shape_.what == kind::boolean) {
            constexpr std::array<std::string_view, 2> names{"true", "false"};
            text = given.empty() ? "true" : programs::as_spelt(names, given);
        } else if (shape_.what == kind::text) {
            auto const names = shape_.choices.empty() ? names_in(help_.value) : shape_.choices;
            text = programs::as_spelt(names, given);
        }
        bool const is_known = shape_.choices.empty() || is_among(shape_.choices, text);
        if (shape_.what == kind::time) {
            if (auto const time = to_time(text, current_time())) {
                text = cloudflare::to_string(*time);
            }
        }
        if (is_known && wire::from_text(*into.how, into.where, text)) return;
        throw CLI::ValidationError(name_,
                                   "must be " + expectation(shape_) + ", not '" + given + '\'');
    }

    std::string description() const {
        std::string text{help_.text};
        bool const is_told =
            !help_.value.empty() || value_name(shape_).find('|') != std::string::npos;
        if (!shape_.choices.empty() && !is_told) {
            text += (text.empty() ? "" : ": ") + join(shape_.choices, ", ");
        }
        return field_->is_deprecated ? text + " (deprecated)" : text;
    }

    void* where() const { return field_->address(object_.get()); }

    wire::field const* field_;
    std::shared_ptr<void> object_;
    std::string name_;
    shape shape_;
    field_help help_;
};

/// The collection's own help comes before the common one.
std::optional<field_help> find_help(std::string_view name, std::vector<field_help> const& own) {
    auto const is_it = [name](field_help const& each) { return each.name == name; };
    auto const mine = std::find_if(own.begin(), own.end(), is_it);
    if (mine != own.end()) return *mine;
    auto const shared = std::find_if(std::begin(common), std::end(common), is_it);
    return shared == std::end(common) ? std::nullopt : std::optional{*shared};
}

/// Whether null is something that the field can hold.
bool is_clearable(wire::codec const& how, void* probe) {
    return !how.is_present(probe) && how.on_null(probe) && how.is_present(probe);
}

}  // namespace

std::string option_name(std::string_view field) {
    std::string name{"--"};
    name += field;
    std::replace(name.begin(), name.end(), '_', '-');
    return name;
}

void add_options(CLI::App& to, std::vector<field_place> const& places, field_options const& how) {
    // Those that must be given, in the order in which they were named, come first.
    auto const others = std::ssize(how.required);
    auto const rank = [&how, others](field_place const& each) {
        auto const named = std::find(how.required.begin(), how.required.end(), each.field->name);
        auto const position = named - how.required.begin();
        return position == others && is_among(paging, each.field->name) ? others + 1 : position;
    };
    std::multimap<std::ptrdiff_t, field_place> ranked;
    for (auto const& each : places) ranked.emplace(rank(each), each);
    for (auto const& [position, each] : ranked) {
        auto const& field = *each.field;
        auto const help = find_help(field.name, how.helps);
        bool const can_clear = how.can_clear && is_clearable(*field.how, each.probe);
        auto const what = shape_of({field.how, each.probe});
        if (!what || is_among(how.without, field.name)) continue;
        if (field.is_deprecated && !help) continue;
        option const made{each, *what, help.value_or(field_help{field.name, ""})};
        auto* const added = made.add_to(to);
        bool const is_required = position < others;
        added->required(is_required);
        added->group(is_required                    ? "Required"
                     : is_among(paging, field.name) ? "Pages and order"
                                                    : how.group);
        if (can_clear) made.add_clear_to(to, added)->group("Clear a field");
    }
}

std::shared_ptr<cloudflare::detail::any_object> add_field_options(
    CLI::App& to, cloudflare::detail::object_type const& type, field_options const& how) {
    auto object = std::make_shared<cloudflare::detail::any_object>(type);
    std::shared_ptr<void> const kept{object, object->get()};
    cloudflare::detail::any_object probe{type};
    std::vector<field_place> places;
    for (auto const& field : type.fields()) {
        places.push_back({&field, kept, field.address(probe.get())});
    }
    add_options(to, places, how);
    return object;
}

wire::field const* find_field(std::span<wire::field const> fields, std::string_view name) {
    for (auto const& field : fields) {
        if (field.name == name && !field.is_deprecated) return &field;
    }
    return nullptr;
}

}  // namespace cfes
