#include "files.hpp"

#include "bounded_read.hpp"
#include "globals.hpp"

#include <cloudflare/detail/sync/engine.hpp>

#include <boost/json/parse.hpp>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <system_error>
#include <utility>

namespace cfes {

namespace json = boost::json;
namespace wire = cloudflare::wire;

namespace {

[[noreturn]] void refuse(std::string const& at, std::string const& why) {
    throw usage_error((at.empty() ? "the document" : at) + ' ' + why);
}

void store(json::value const& value, wire::slot into, std::string const& at);

void store_object(json::object const& object, wire::slot into, std::string const& at) {
    auto const members = into.how->on_object(into.where);
    if (!members.how) refuse(at, "must not be an object");
    std::size_t hint = 0;
    for (auto const& member : object) {
        auto const place = members.how->member(members.where, member.key(), hint);
        if (!place.how) refuse(at, "has no field '" + std::string{member.key()} + '\'');
        store(member.value(), place, at + '/' + std::string{member.key()});
    }
}

void store_array(json::array const& array, wire::slot into, std::string const& at) {
    auto const elements = into.how->on_array(into.where);
    if (!elements.how) refuse(at, "must not be an array");
    std::size_t index = 0;
    for (auto const& each : array) {
        store(each, elements.how->element(elements.where), at + '/' + std::to_string(index++));
    }
}

void store(json::value const& value, wire::slot into, std::string const& at) {
    auto const& [how, where] = into;
    bool fits = false;
    switch (value.kind()) {
        case json::kind::object:
            return store_object(value.get_object(), into, at);
        case json::kind::array:
            return store_array(value.get_array(), into, at);
        case json::kind::null:
            fits = how->on_null(where);
            break;
        case json::kind::bool_:
            fits = how->on_boolean(where, value.get_bool());
            break;
        case json::kind::int64:
            fits = how->on_integer(where, value.get_int64());
            break;
        case json::kind::uint64:
            break;
        case json::kind::double_:
            fits = how->on_number(where, value.get_double());
            break;
        case json::kind::string:
            fits = how->on_string(where, value.get_string());
            break;
    }
    if (!fits) refuse(at, "does not have a valid value");
}

/// @throws usage_error when there is more: what is too long is not kept in memory.
std::string read_up_to(std::istream& from, std::string const& path, std::size_t longest) {
    auto text = programs::read_up_to(from, longest);
    if (!text) throw usage_error(path + " is larger than " + std::to_string(longest) + " bytes");
    return std::move(*text);
}

}  // namespace

std::string reason_of(int number) {
    return std::error_code{number, std::generic_category()}.message();
}

void require_stdin() {
    if (std::ferror(stdin) != 0) throw usage_error("cannot read stdin");
}

std::string read_file(std::string const& path, std::size_t longest) {
    if (path == "-") {
        auto text = read_up_to(std::cin, path, longest);
        require_stdin();
        return text;
    }
    std::error_code ec;
    if (std::filesystem::is_directory(path, ec)) throw usage_error(path + " is a directory");
    errno = 0;
    std::ifstream file{path, std::ios::binary};
    bool const is_open = file.is_open();
    std::string text;
    if (is_open) text = read_up_to(file, path, longest);
    if (!is_open || file.bad()) throw usage_error("cannot read " + path + ": " + reason_of(errno));
    return text;
}

std::string read_regular_file(std::string const& path, std::size_t longest) {
    // Another kind, as a device or a pipe that nobody writes to, may have no end.
    std::error_code ec;
    auto const there = std::filesystem::status(path, ec);
    bool const is_other =
        path != "-" && std::filesystem::exists(there) && !std::filesystem::is_regular_file(there);
    if (is_other) throw usage_error(path + " is not a regular file");
    return read_file(path, longest);
}

namespace {

/// Checks that each object of an array has all of some members.
void require_members(json::object const& document, required_members const& which) {
    auto const* const all = document.if_contains(which.array);
    if (!all || !all->is_array()) return;
    std::size_t index = 0;
    for (auto const& each : all->get_array()) {
        auto const at = '/' + which.array + '/' + std::to_string(index++);
        if (!each.is_object()) continue;
        for (auto const& name : which.names) {
            if (!each.get_object().contains(name)) {
                refuse(at, "has no '" + name + "', which must be given, as it replaces all");
            }
        }
    }
}

}  // namespace

bool is_saved_plan(std::string const& path) {
    std::error_code ec;
    if (path == "-" || !std::filesystem::is_regular_file(path, ec)) return false;
    std::ifstream file{path, std::ios::binary};
    std::string begin(64, '\0');
    file.read(begin.data(), static_cast<std::streamsize>(begin.size()));
    return cloudflare::email_security::looks_like_plan(begin);
}

void read_json_file(std::string const& path, wire::slot into, required_members const& required) {
    constexpr std::size_t longest = 64U << 20U;
    auto const text = read_file(path, longest);
    boost::system::error_code wrong;
    auto const document = json::parse(text, wrong);
    if (wrong) throw usage_error(path + " is not JSON: " + wrong.message());
    if (!document.is_object()) throw usage_error(path + " must hold a JSON object");
    try {
        store(document, into, {});
        require_members(document.get_object(), required);
    } catch (usage_error const& refused) {
        throw usage_error(path + ": " + refused.what());
    }
}

}  // namespace cfes
