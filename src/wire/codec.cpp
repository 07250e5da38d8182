#include "wire/json_writer.hpp"

#include <cloudflare/detail/codec.hpp>

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include <algorithm>
#include <charconv>

namespace cloudflare::inline v0::wire {

namespace {

/// Takes scalars as plain text, also those of an array.
class plain_sink : public sink {
public:
    void null() override {}
    void boolean(bool value) final { append(value ? "true" : "false"); }
    void integer(std::int64_t value) final { append(std::to_string(value)); }
    void number(double value) final { append(std::to_string(value)); }
    void string(std::string_view value) final { append(value); }
    void begin_object() final {}
    void key(std::string_view) final {}
    void end_object() final {}
    void begin_array() final {}
    void end_array() final {}

protected:
    ~plain_sink() = default;

private:
    virtual void append(std::string_view value) = 0;
};

/// Turns one scalar into plain text, and several with commas between them.
class text_sink final : public plain_sink {
public:
    explicit text_sink(std::string& out) : out_{out} {}

private:
    void append(std::string_view value) override {
        if (!is_first_) out_ += ',';
        is_first_ = false;
        out_ += value;
    }

    std::string& out_;
    bool is_first_ = true;
};

/// Appends `name=value` for every scalar.
class query_sink final : public plain_sink {
public:
    explicit query_sink(std::string& out) : out_{out} {}

    void field(std::string_view name) { name_ = name; }
    void null() override { append({}); }

private:
    void append(std::string_view value) override {
        out_ += separator_;
        separator_ = '&';
        out_ += name_;
        out_ += '=';
        out_ += boost::urls::encode(value, boost::urls::unreserved_chars);
    }

    std::string& out_;
    std::string_view name_;
    char separator_ = '?';
};

/// Puts a scalar, or an array of them, into a place of another type.
class copying_sink final : public sink {
public:
    explicit copying_sink(slot to) : to_{to} {}

    void null() override {
        put([](slot to) { return to.how->on_null(to.where); });
    }
    void boolean(bool value) override {
        put([value](slot to) { return to.how->on_boolean(to.where, value); });
    }
    void integer(std::int64_t value) override {
        put([value](slot to) { return to.how->on_integer(to.where, value); });
    }
    void number(double value) override {
        put([value](slot to) { return to.how->on_number(to.where, value); });
    }
    void string(std::string_view value) override {
        put([value](slot to) { return to.how->on_string(to.where, value); });
    }
    void begin_object() override { fits_ = false; }
    void key(std::string_view) override {}
    void end_object() override {}
    void begin_array() override {
        elements_ = to_.how->on_array(to_.where);
        fits_ = fits_ && elements_.how;
    }
    void end_array() override {}

    bool fits() const noexcept { return fits_; }

private:
    template <class Put>
    void put(Put how) {
        auto const to = elements_.how ? elements_.how->element(elements_.where) : to_;
        fits_ = fits_ && how(to);
    }

    slot to_;
    slot elements_;
    bool fits_ = true;
};

/// Members are only read through the address.
void const* address(field const& which, void const* object) {
    return which.address(const_cast<void*>(object));
}

}  // namespace

void sink::moment(timestamp value) {
    string(to_string(value));
}

void codec_of<identifier>::write(void const* at, sink& out) const {
    auto const& id = *static_cast<identifier const*>(at);
    std::int64_t number{};
    if (id.is_integer()) {
        auto const& text = id.text();
        std::from_chars(text.data(), text.data() + text.size(), number);
        out.integer(number);
    } else {
        out.string(id.text());
    }
}

bool codec_of<timestamp>::on_string(void* at, std::string_view value) const {
    // An entry that nobody changed has one date three times, and those of a batch have the same.
    struct date {
        std::string text;
        timestamp value;
    };
    static thread_local date last;
    if (value.empty() || value != last.text) {
        auto const read = parse_timestamp(value);
        if (!read) return false;
        *static_cast<timestamp*>(at) = *read;
        constexpr std::size_t usual_size = 40;
        if (value.size() > usual_size) return true;
        last.text = value;
        last.value = *read;
    }
    *static_cast<timestamp*>(at) = last.value;
    return true;
}

field const* find_field(std::span<field const> fields, std::string_view name,
                        std::size_t& hint) noexcept {
    for (std::size_t tried = 0; tried < fields.size(); ++tried) {
        auto const index = hint < fields.size() ? hint : 0;
        hint = index + 1;
        if (fields[index].name == name) return &fields[index];
    }
    return nullptr;
}

void write_fields(std::span<field const> fields, void const* object, sink& out) {
    for (auto const& each : fields) {
        if (each.is_deprecated && !out.wants_deprecated()) continue;
        auto const* const where = address(each, object);
        if (!each.how->is_present(where)) continue;
        out.key(each.name);
        each.how->write(where, out);
    }
}

void append_json(codec const& how, void const* object, std::string& out) {
    json_writer writer{out};
    how.write(object, writer);
}

void append_query(std::span<field const> fields, void const* object, std::string& out) {
    query_sink query{out};
    for (auto const& each : fields) {
        auto const* const where = address(each, object);
        if (!each.how->is_present(where)) continue;
        query.field(each.name);
        each.how->write(where, query);
    }
}

std::string to_text(codec const& how, void const* object) {
    std::string text;
    text_sink out{text};
    how.write(object, out);
    return text;
}

namespace {

bool scalar_from_text(slot into, std::string_view text) {
    if (into.how->on_string(into.where, text)) return true;
    if (text == "true" || text == "false") return into.how->on_boolean(into.where, text == "true");
    std::int64_t number{};
    auto const* const end = text.data() + text.size();
    auto const [stop, failed] = std::from_chars(text.data(), end, number);
    return failed == std::errc{} && stop == end && into.how->on_integer(into.where, number);
}

}  // namespace

bool from_text(codec const& how, void* object, std::string_view text) {
    if (!how.is_list()) return scalar_from_text({&how, object}, text);
    auto const elements = how.on_array(object);
    while (!text.empty()) {
        auto const end = std::min(text.find(','), text.size());
        auto const into = elements.how->element(elements.where);
        if (!scalar_from_text(into, text.substr(0, end))) return false;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return true;
}

bool copy_value(codec const& from, void const* source, codec const& to, void* target) {
    if (!from.is_present(source)) return false;
    copying_sink out{{&to, target}};
    from.write(source, out);
    return out.fits();
}

}  // namespace cloudflare::inline v0::wire
