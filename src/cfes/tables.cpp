#include "tables.hpp"

#include "output.hpp"
#include "table_layout.hpp"
#include "times.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <unistd.h>
#include <utility>
#include <vector>

namespace cfes {

namespace json = boost::json;
namespace wire = cloudflare::wire;

namespace {

/// Builds a tree of what a codec writes.
class tree_sink final : public wire::sink {
public:
    void null() override { add(nullptr); }
    void boolean(bool value) override { add(value); }
    void integer(std::int64_t value) override { add(value); }
    void number(double value) override { add(value); }
    void string(std::string_view value) override { add(json::string(value)); }
    void moment(cloudflare::timestamp value) override {
        string(is_terminal() ? to_long_time(value) : cloudflare::to_string(value));
    }
    void begin_object() override { open_.push_back({json::object{}, {}}); }
    void key(std::string_view name) override { open_.back().key = name; }
    void end_object() override { close(); }
    void begin_array() override { open_.push_back({json::array{}, {}}); }
    void end_array() override { close(); }
    bool wants_deprecated() const override { return false; }

    json::value take() { return std::move(root_); }

private:
    struct level {
        json::value value;
        std::string key;
    };

    void add(json::value value) {
        if (open_.empty()) {
            root_ = std::move(value);
        } else if (auto* const array = open_.back().value.if_array()) {
            array->push_back(std::move(value));
        } else {
            open_.back().value.get_object()[open_.back().key] = std::move(value);
        }
    }
    void close() {
        auto value = std::move(open_.back().value);
        open_.pop_back();
        add(std::move(value));
    }

    std::vector<level> open_;
    json::value root_;
};

bool is_array_of_objects(json::value const& value) {
    auto const* const array = value.if_array();
    return array && !array->empty() && array->front().is_object();
}

bool is_empty(json::value const& value) {
    if (auto const* const array = value.if_array()) return array->empty();
    auto const* const object = value.if_object();
    return object && std::all_of(object->begin(), object->end(),
                                 [](auto const& each) { return is_empty(each.value()); });
}

/// A value as text, as far as that goes into so many bytes: what is longer is cut by whoever shows
/// it, and no more of it is held.
void append_text(json::value const& value, std::size_t most, std::string& text) {
    if (text.size() > most) return;
    auto const begin = text.size();
    auto const separate = [&] {
        if (text.size() > begin) text += ", ";
    };
    switch (value.kind()) {
        case json::kind::null:
            break;
        case json::kind::string:
            // A byte more says that there is more.
            text += std::string_view{value.get_string()}.substr(0, most + 1);
            break;
        case json::kind::double_: {
            char digits[32];
            auto const end = std::to_chars(digits, std::end(digits), value.get_double()).ptr;
            text.append(digits, end);
            break;
        }
        case json::kind::array:
            for (auto const& each : value.get_array()) {
                if (text.size() > most) break;
                separate();
                append_text(each, most, text);
            }
            break;
        case json::kind::object:
            for (auto const& each : value.get_object()) {
                if (text.size() > most) break;
                separate();
                text += each.key();
                text += '=';
                append_text(each.value(), most, text);
            }
            break;
        default:
            text += json::serialize(value);
    }
}

}  // namespace

std::string indent(std::string const& text) {
    std::string indented;
    for (std::size_t at = 0; at < text.size();) {
        auto const end = text.find('\n', at) + 1;
        indented += "  " + text.substr(at, end - at);
        at = end;
    }
    return indented;
}

std::string to_text(json::value const& value) {
    std::string text;
    append_text(value, longest_line, text);
    return text;
}

namespace {

/// A table of all fields that any of the objects has.
std::string to_whole_table(json::array const& objects, std::size_t margin) {
    std::vector<table_column> header;
    for (auto const& each : objects) {
        for (auto const& member : each.get_object()) {
            std::string_view const name = member.key();
            if (std::ranges::find(header, name, &table_column::title) != header.end()) continue;
            header.push_back({std::string{name}});
        }
    }
    std::vector<table_row> rows;
    for (auto const& each : objects) {
        auto& row = rows.emplace_back();
        for (auto const& column : header) {
            auto const* const value = each.get_object().if_contains(column.title);
            row.push_back(make_cell(column.title, value ? to_text(*value) : std::string{}));
        }
    }
    std::optional<std::size_t> width;
    if (is_terminal()) width = std::max(width_of(STDOUT_FILENO).value_or(80), margin + 1) - margin;
    table_layout layout{header};
    layout.measure(rows, width, false);
    auto text = layout.header();
    for (auto const& each : rows) text += layout.line(each);
    return text;
}

std::string to_record(json::value const& object, std::size_t margin) {
    auto const& members = object.get_object();
    std::size_t widest = 0;
    for (auto const& each : members) {
        auto const is_line = !each.value().is_object() && !is_array_of_objects(each.value());
        if (is_line && !is_empty(each.value())) widest = std::max(widest, each.key().size());
    }
    std::string text;
    for (auto const& each : members) {
        auto const& value = each.value();
        if (is_empty(value)) continue;
        std::string const name{each.key()};
        if (value.is_object()) {
            text += name + '\n' + indent(to_record(value, margin + 2));
        } else if (is_array_of_objects(value)) {
            text += name + '\n' + indent(to_whole_table(value.get_array(), margin + 2));
        } else {
            auto const line = for_terminal(to_line(to_text(value)));
            text += name + std::string(widest - name.size() + 2, ' ') +
                    in_color(line, tone_of(name, line)) + '\n';
        }
    }
    return text;
}

}  // namespace

std::string to_record(json::value const& object) {
    return to_record(object, 0);
}

json::value to_tree(wire::codec const& how, void const* object) {
    tree_sink tree;
    how.write(object, tree);
    return tree.take();
}

}  // namespace cfes
