#include "wire/json_writer.hpp"

#include "wire/all_of.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/serializer.hpp>
#include <boost/json/value.hpp>

#include <charconv>

namespace cloudflare::wire {

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
    while (!serializer.done()) {
        char chunk[512];
        auto const part = serializer.read(chunk, sizeof chunk);
        out_.append(part.data(), part.size());
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

}  // namespace cloudflare::wire
