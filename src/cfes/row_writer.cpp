#include "row_writer.hpp"

#include "globals.hpp"
#include "output.hpp"
#include "times.hpp"

#include <cloudflare/detail/csv_field.hpp>
#include <cloudflare/detail/one_line.hpp>
#include <cloudflare/identifier.hpp>
#include <cloudflare/timestamp.hpp>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>
#include <unistd.h>
#include <utility>

namespace cfes {

namespace wire = cloudflare::wire;
using cloudflare::email_security::append_csv_field;
using cloudflare::email_security::guarded_cell;

namespace {

/// A value as a cell for people: elements and members with commas between them.
class cell_sink final : public wire::sink {
public:
    explicit cell_sink(bool has_short_times) : has_short_times_{has_short_times} {}

    void null() override {}
    void boolean(bool value) override { add(value ? "true" : "false"); }
    void integer(std::int64_t value) override { add(std::to_string(value)); }
    void number(double value) override {
        char digits[32];
        auto const* const end = std::to_chars(digits, std::end(digits), value).ptr;
        add({digits, end});
    }
    void string(std::string_view value) override { add(value); }
    void moment(cloudflare::timestamp value) override {
        add(has_short_times_ ? to_short_time(value, now_) : cloudflare::to_string(value));
    }
    void begin_object() override { is_nested_ = true; }
    void key(std::string_view name) override {
        separate();
        text_.append(name) += '=';
        follows_key_ = true;
    }
    void end_object() override {}
    void begin_array() override {}
    void end_array() override {}
    bool wants_deprecated() const override { return false; }

    std::string take() { return std::move(text_); }
    /// Whether there are objects in it, so that it is more than a list of values.
    bool is_nested() const noexcept { return is_nested_; }

private:
    void separate() {
        if (!text_.empty() && !follows_key_) text_ += ", ";
    }
    void add(std::string_view value) {
        separate();
        follows_key_ = false;
        text_ += value;
    }

    bool has_short_times_;
    bool is_nested_ = false;
    bool follows_key_ = false;
    cloudflare::timestamp now_ = current_time();
    std::string text_;
};

template <class T>
bool holds(wire::field const& field) {
    return field.how == &wire::codec_for<T>() || field.how == &wire::codec_for<std::optional<T>>();
}

column_kind kind_of(wire::field const& field) {
    if (field.name.ends_with("disposition")) return column_kind::verdict;
    if (holds<cloudflare::timestamp>(field)) return column_kind::time;
    if (holds<bool>(field)) return column_kind::boolean;
    if (holds<std::int64_t>(field) || holds<double>(field)) return column_kind::number;
    bool const is_identifier = field.name == "id" || field.name.ends_with("_id");
    if (is_identifier || holds<cloudflare::identifier>(field)) return column_kind::identifier;
    bool const is_word = !field.how->is_list() && !field.how->choices().empty();
    return is_word ? column_kind::choice : column_kind::text;
}

/// The place of a field, which is only read.
void* place_of(wire::field const& field, void* object) {
    return field.address(object);
}

/// A value as one field of a CSV or TSV: as a feed has it, or JSON where that has no form for it.
std::string to_plain(wire::field const& field, void* object) {
    auto* const at = place_of(field, object);
    if (!field.how->is_present(at)) return {};
    cell_sink shape{false};
    field.how->write(at, shape);
    if (!shape.is_nested()) return wire::to_text(*field.how, at);
    std::string json;
    wire::append_json(*field.how, at, json);
    return json;
}

/// Tabs and line ends, as databases write them.
std::string to_tsv_field(std::string const& text) {
    std::string shown;
    for (char const c : guarded_cell(text)) {
        switch (c) {
            case '\t':
                shown += "\\t";
                break;
            case '\n':
                shown += "\\n";
                break;
            case '\r':
                shown += "\\r";
                break;
            case '\\':
                shown += "\\\\";
                break;
            default:
                shown += c;
        }
    }
    return shown;
}

std::string to_markdown_field(std::string const& text) {
    std::string shown;
    for (char const c : text) {
        // What a reader's browser would take for something else.
        if (c == '|' || c == '\\' || c == '`' || c == '*' || c == '_' || c == '[' || c == '<') {
            shown += '\\';
        }
        shown += c;
    }
    return shown;
}

/// A line for people of what may hold what moves the cursor.
std::string to_shown_line(std::string text) {
    if (!is_terminal()) return text + '\n';
    return for_terminal(cloudflare::one_line(text)) + '\n';
}

}  // namespace

row_writer::row_writer(output_form form, row_options const& options, row_type type)
    : form_{form}, options_{options}, type_{std::move(type)}, layout_{{}} {
    columns names{options_.columns.begin(), options_.columns.end()};
    bool const is_narrow = form_ == output_form::table || form_ == output_form::markdown;
    if (names.empty() && is_narrow) names = type_.shown;
    bool const has_all = form_ == output_form::json || form_ == output_form::jsonl;
    for (auto const& each : type_.fields) {
        if (!names.empty()) break;
        if (has_all || !each.is_deprecated) fields_.push_back(find(std::string{each.name}));
    }
    for (auto const& each : names) fields_.push_back(find(std::string{each}));
    for (auto const& each : options_.sort) sort_by_.push_back(find(each.name));
    std::vector<table_column> titles;
    for (auto const& each : fields_) titles.push_back({each.name, each.kind});
    layout_ = table_layout{std::move(titles)};
}

row_writer::shown_field row_writer::find(std::string const& name) const {
    std::string all;
    for (auto const& each : type_.fields) {
        if (each.name == name) return {name, &each, kind_of(each)};
        if (each.is_deprecated) continue;
        all += (all.empty() ? "" : ", ") + std::string{each.name};
    }
    throw usage_error("there is no column '" + to_line(name) + "': there are " + all);
}

wire::field const& row_writer::identifying_field() const {
    for (auto const& each : type_.fields) {
        if (kind_of(each) == column_kind::identifier) return each;
    }
    return type_.fields.front();
}

bool row_writer::is_table() const noexcept {
    return form_ == output_form::table || form_ == output_form::wide;
}

bool row_writer::wants_more() const noexcept {
    if (failed_with_ != 0) return false;
    return !sort_by_.empty() || !options_.limit || count_ < *options_.limit;
}

std::string row_writer::to_json(void const* from) const {
    auto* const object = const_cast<void*>(from);  // is only read
    std::string text = "{";
    for (auto const& each : fields_) {
        auto* const at = place_of(*each.field, object);
        if (!each.field->how->is_present(at)) continue;
        if (text.size() > 1) text += ',';
        text += '"' + each.name + "\":";
        wire::append_json(*each.field->how, at, text);
    }
    return text + '}';
}

std::string row_writer::make_text(void* object) const {
    std::string line;
    switch (form_) {
        case output_form::json:
            return to_json(object);
        case output_form::jsonl:
            return to_shown_line(to_json(object));
        case output_form::ids: {
            auto const id = to_plain(identifying_field(), object);
            return id.empty() ? id : to_shown_line(cloudflare::one_line(id));
        }
        case output_form::markdown:
            for (auto const& each : fields_) {
                auto const text = cloudflare::one_line(to_plain(*each.field, object));
                line += "| " + to_markdown_field(text) + ' ';
            }
            return line + "|\n";
        case output_form::csv:
            for (auto const& each : fields_) {
                if (&each != &fields_.front()) line += ',';
                append_csv_field(to_plain(*each.field, object), line);
            }
            break;
        default:
            for (auto const& each : fields_) {
                if (&each != &fields_.front()) line += '\t';
                line += to_tsv_field(to_plain(*each.field, object));
            }
            if (is_terminal()) break;
            return line + '\n';
    }
    return to_shown_line(std::move(line));
}

std::string row_writer::header() const {
    if (is_table()) return layout_.header();
    std::string line;
    std::string rule;
    bool const is_markdown = form_ == output_form::markdown;
    for (auto const& each : fields_) {
        if (!line.empty() && !is_markdown) line += form_ == output_form::csv ? ',' : '\t';
        line += is_markdown ? "| " + to_markdown_field(each.name) + ' ' : each.name;
        rule += "| --- ";
    }
    return is_markdown ? line + "|\n" + rule + "|\n" : line + '\n';
}

row_writer::kept_row row_writer::make_row(void* object) const {
    kept_row row;
    for (auto const& each : sort_by_) {
        auto& key = row.keys.emplace_back();
        key.text = to_plain(*each.field, object);
        if (each.kind != column_kind::number) continue;
        // What is absent comes first.
        key.number = -std::numeric_limits<double>::infinity();
        std::from_chars(key.text.data(), key.text.data() + key.text.size(), key.number);
        key.text.clear();
    }
    if (!is_table()) {
        row.text = make_text(object);
        return row;
    }
    for (auto const& each : fields_) {
        auto* const at = place_of(*each.field, object);
        cell_sink cell{is_terminal()};
        if (each.field->how->is_present(at)) each.field->how->write(at, cell);
        row.cells.push_back(make_cell(each.name, cell.take()));
    }
    return row;
}

void row_writer::add(void const* object) {
    if (!wants_more()) return;
    ++count_;
    // Members are only read through the address.
    auto row = make_row(const_cast<void*>(object));
    bool const is_kept = !sort_by_.empty() || is_whole_document() || is_table();
    if (is_kept && !layout_.is_measured()) {
        kept_.push_back(std::move(row));
        return;
    }
    if (!has_begun_ && options_.has_headers && form_ != output_form::jsonl &&
        form_ != output_form::ids) {
        pending_ += header();
    }
    has_begun_ = true;
    pending_ += is_table() ? layout_.line(row.cells) : row.text;
}

void row_writer::sort_kept() {
    if (sort_by_.empty()) return;
    auto const comes_before = [this](kept_row const& a, kept_row const& b) {
        for (std::size_t i = 0; i != sort_by_.size(); ++i) {
            auto const& [x, y] = options_.sort[i].is_descending ? std::pair{&b.keys[i], &a.keys[i]}
                                                                : std::pair{&a.keys[i], &b.keys[i]};
            if (x->number != y->number) return x->number < y->number;
            if (auto const order = x->text.compare(y->text); order != 0) return order < 0;
        }
        return false;
    };
    std::ranges::stable_sort(kept_, comes_before);
    if (options_.limit && kept_.size() > *options_.limit) kept_.resize(*options_.limit);
    count_ = kept_.size();
}

/// Writes the rows that were kept, and what comes before them.
void row_writer::write_kept(bool more_come) {
    if (is_whole_document()) {
        std::string document = "[";
        for (auto const& each : kept_) {
            if (document.size() > 1) document += ',';
            document += each.text;
        }
        pending_ += to_shown_json(document + "]\n");
        return;
    }
    if (is_table() && !layout_.is_measured()) {
        std::vector<table_row> rows;
        rows.reserve(kept_.size());
        for (auto& each : kept_) rows.push_back(std::move(each.cells));
        std::optional<std::size_t> width;
        if (is_terminal() && form_ == output_form::table)
            width = width_of(STDOUT_FILENO).value_or(80);
        layout_.measure(rows, width, more_come);
        if (options_.has_headers) pending_ += layout_.header();
        has_begun_ = true;
        for (auto const& each : rows) pending_ += layout_.line(each);
    } else {
        bool const has_header =
            options_.has_headers && form_ != output_form::jsonl && form_ != output_form::ids;
        if (!has_begun_ && has_header) pending_ += header();
        has_begun_ = true;
        for (auto const& each : kept_) pending_ += each.text;
    }
    kept_.clear();
}

void row_writer::flush() {
    bool const more_may_come = !expected_ || count_ < *expected_;
    if (!sort_by_.empty() || is_whole_document() || !wants_more() || !more_may_come) return;
    write_kept(true);
    write(std::exchange(pending_, {}));
}

void row_writer::write(std::string const& text) {
    // In parts, as a reader may go after the first of them.
    constexpr std::size_t part = 32U * 1024U;
    for (std::size_t at = 0; at < text.size() && failed_with_ == 0; at += part) {
        failed_with_ = write_to_stdout(std::string_view{text}.substr(at, part));
        if (failed_with_ == 0) has_written_ = true;
    }
}

int row_writer::finish(bool is_all) {
    auto const found = count_;
    sort_kept();
    write_kept(false);
    write(std::exchange(pending_, {}));
    // Whoever has read the beginning and goes has seen enough.
    if (failed_with_ == EPIPE && has_written_) return done;
    if (failed_with_ != 0) {
        complain_about_stdout(failed_with_);
        return failed;
    }
    if (!sort_by_.empty()) {
        expected_ = found;
    } else if (is_all && wants_more()) {
        expected_ = count_;
    }
    if (::isatty(STDERR_FILENO) != 0) tell_count();
    return done;
}

namespace {

/// `20,000`
std::string with_separators(std::size_t number) {
    auto text = std::to_string(number);
    for (auto at = text.size(); at > 3;) {
        at -= 3;
        text.insert(at, 1, ',');
    }
    return text;
}

}  // namespace

void row_writer::tell_count() const {
    auto text = "showing " + with_separators(count_);
    bool const is_total_known = expected_ && *expected_ >= count_;
    text += is_total_known ? " of " + with_separators(*expected_) : "; there may be more";
    std::string names;
    for (auto const& each : layout_.left_out()) names += (names.empty() ? "" : ", ") + each;
    if (!names.empty()) text += ", without " + names + " (-o wide shows all)";
    remark(text);
}

std::string to_shown_json(std::string const& document) {
    if (!is_terminal()) return document;
    std::string text;
    std::size_t depth = 0;
    bool is_quoted = false;
    auto const break_line = [&] { text.append(1, '\n').append(2 * depth, ' '); };
    for (std::size_t i = 0; i != document.size(); ++i) {
        auto const c = document[i];
        if (is_quoted) {
            text += c;
            if (c == '\\') text += document[++i];
            is_quoted = c != '"';
            continue;
        }
        switch (c) {
            case '{':
            case '[': {
                text += c;
                auto const end = c == '{' ? '}' : ']';
                if (document[i + 1] == end) {
                    text += document[++i];
                } else {
                    ++depth;
                    break_line();
                }
                break;
            }
            case '}':
            case ']':
                --depth;
                break_line();
                text += c;
                break;
            case ',':
                text += c;
                break_line();
                break;
            case ':':
                text += ": ";
                break;
            default:
                is_quoted = c == '"';
                text += c;
        }
    }
    return for_terminal(without_controls(text));
}

std::string to_shown_json(std::string const& document, output_form form) {
    return form == output_form::json ? to_shown_json(document) : document;
}

}  // namespace cfes
