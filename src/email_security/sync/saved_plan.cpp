#include "email_security/feed/input_file.hpp"
#include "wire/json_reader.hpp"

#include <cloudflare/email_security/saved_plan.hpp>

#include <array>
#include <charconv>
#include <istream>
#include <ostream>

namespace cloudflare::email_security {

namespace {

constexpr std::string_view format_name = "cloudflare-email-security-plan";
constexpr std::int64_t format_version = 1;

error unusable(std::string reason) {
    return error{errc::invalid_argument, std::move(reason)};
}

}  // namespace

plan_writer::plan_writer(std::ostream& out, plan_header const& header) : out_{out} {
    auto known = header;
    known.format = format_name;
    known.version = format_version;
    auto text = wire::to_json(known);
    text.pop_back();
    out_ << text;
}

void plan_writer::begin(std::string_view array) {
    out_ << ",\n\"" << array << "\":[";
    is_first_ = true;
}

void plan_writer::add_text(std::string_view json) {
    out_ << (is_first_ ? "\n" : ",\n") << json;
    is_first_ = false;
}

void plan_writer::end() {
    out_ << ']';
}

void plan_writer::finish() {
    out_ << "}\n";
}

std::string to_hex(std::uint64_t number) {
    std::array<char, 16> digits{};
    auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
    return {digits.data(), end};
}

std::optional<std::uint64_t> from_hex(std::string_view text) {
    std::uint64_t number{};
    auto const* const end = text.data() + text.size();
    auto const [stop, failed] = std::from_chars(text.data(), end, number, 16);
    if (failed != std::errc{} || stop != end) return std::nullopt;
    return number;
}

std::optional<error> read_plan_document(std::istream& in, std::string_view collection,
                                        wire::slot root, plan_header const& header) {
    auto const fault = wire::read_json(in, root);
    // These come first, and tell more than what was not understood after them.
    if (header.format == format_name && header.version != format_version) {
        return unusable("the plan has version " + std::to_string(header.version) +
                        ", and only version " + std::to_string(format_version) + " is known");
    }
    if (fault) return unusable("is not a saved plan: " + *fault);
    if (header.format != format_name) return unusable("is not a saved plan");
    if (header.collection != collection) {
        return unusable("the plan is for the collection '" + header.collection + "', not '" +
                        std::string{collection} + '\'');
    }
    return std::nullopt;
}

std::optional<error> read_plan_document(std::filesystem::path const& path,
                                        std::string_view collection, wire::slot root,
                                        plan_header const& header) {
    return read_input_file(
        path, [&](std::istream& in) { return read_plan_document(in, collection, root, header); });
}

error invalid_plan(std::string_view kind, std::size_t index, std::string_view why) {
    return unusable("the plan's " + std::string{kind} + '/' + std::to_string(index) + ": " +
                    std::string{why});
}

void plan_drift::add(std::string_view pattern, std::string_view why) {
    if (count++ == 0) first.append("'").append(pattern).append("' ").append(why);
}

std::optional<error> plan_drift::to_error(plan_check how) const {
    if (count == 0) return std::nullopt;
    auto text = "the list has changed since the plan was made: " + std::to_string(count) +
                (count == 1 ? " of its changes does" : " of its changes do") +
                " not fit any more, " + first + "; nothing was changed";
    if (how == plan_check::exact) text += "; plan again, or resume the plan if it was interrupted";
    return error{errc::conflict, std::move(text)};
}

}  // namespace cloudflare::email_security
