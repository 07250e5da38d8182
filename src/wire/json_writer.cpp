#include "wire/json_writer.hpp"

#include "wire/all_of.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/serializer.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace cloudflare::inline v0::wire {

using namespace std::string_view_literals;

void json_writer::separate() {
    if (needs_comma_) out_ += ',';
    needs_comma_ = true;
}

void json_writer::null() {
    separate();
    out_ += "null"sv;
}

void json_writer::boolean(bool value) {
    separate();
    out_ += value ? "true"sv : "false"sv;
}

void json_writer::integer(std::int64_t value) {
    separate();
    char text[24];
    auto const end = std::to_chars(text, text + sizeof text, value).ptr;
    out_.append(text, end);
}

void json_writer::number(double value) {
    separate();
    out_ += boost::json::serialize(boost::json::value(value));
}

void json_writer::string(std::string_view value) {
    separate();
    // Most texts have nothing to escape, and the serializer's start alone costs more than this.
    if (all_of(value,
               [](unsigned char c) { return c >= ' ' && c < 0x7f && c != '"' && c != '\\'; })) {
        out_ += '"';
        out_ += value;
        out_ += '"';
        return;
    }
    boost::json::serializer serializer;
    serializer.reset(boost::json::string_view{value});
    auto const begin = out_.size();
    while (!serializer.done()) {
        char chunk[512];
        auto const part = serializer.read(chunk, sizeof chunk);
        out_.append(part.data(), part.size());
    }
    escape_terminal_controls(begin);
}

void json_writer::escape_terminal_controls(std::size_t begin) {
    constexpr std::string_view digits = "0123456789abcdef";
    auto const begins_one = [](char c) { return c == '\x7f' || c == '\xc2' || c == '\xe2'; };
    auto const first =
        std::find_if(out_.begin() + static_cast<std::ptrdiff_t>(begin), out_.end(), begins_one);
    if (first == out_.end()) return;
    std::string const rest{first, out_.end()};
    out_.erase(first, out_.end());
    for (std::size_t at = 0; at != rest.size();) {
        auto const text = std::string_view{rest}.substr(at);
        auto const byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
        if (text[0] == '\x7f') {
            out_ += "\\u007f"sv;
            ++at;
        } else if (text[0] == '\xc2' && text.size() > 1 && byte(1) >= 0x80 && byte(1) < 0xa0) {
            out_ += "\\u00"sv;
            out_ += digits[byte(1) >> 4U];
            out_ += digits[byte(1) & 15U];
            at += 2;
        } else if (text.starts_with("\xe2\x80\xa8"sv) || text.starts_with("\xe2\x80\xa9"sv)) {
            out_ += byte(2) == 0xa8 ? "\\u2028"sv : "\\u2029"sv;
            at += 3;
        } else {
            out_ += text[0];
            ++at;
        }
    }
}

void json_writer::begin_object() {
    separate();
    out_ += '{';
    needs_comma_ = false;
}

void json_writer::key(std::string_view name) {
    separate();
    // The name of a C++ member: nothing to escape.
    out_ += '"';
    out_ += name;
    out_ += "\":"sv;
    needs_comma_ = false;
}

void json_writer::end_object() {
    out_ += '}';
    needs_comma_ = true;
}

void json_writer::begin_array() {
    separate();
    out_ += '[';
    needs_comma_ = false;
}

void json_writer::end_array() {
    out_ += ']';
    needs_comma_ = true;
}

}  // namespace cloudflare::inline v0::wire
