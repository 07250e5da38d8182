#pragma once

#include <cloudflare/detail/codec.hpp>

#include <cstddef>
#include <string>

namespace cloudflare::inline v0::wire {

/// Appends JSON to a string; Boost.JSON writes what needs escaping by the standard. What else a
/// terminal obeys or a script takes for the end of a line is escaped too, as every reader accepts
/// it: U+007F, U+0080 to U+009F, U+2028 and U+2029.
class json_writer final : public sink {
public:
    explicit json_writer(std::string& out) : out_{out} {}

    void null() override;
    void boolean(bool value) override;
    void integer(std::int64_t value) override;
    void number(double value) override;
    void string(std::string_view value) override;
    void begin_object() override;
    void key(std::string_view name) override;
    void end_object() override;
    void begin_array() override;
    void end_array() override;

private:
    void separate();
    /// In what was appended from there on.
    void escape_terminal_controls(std::size_t begin);

    std::string& out_;
    bool needs_comma_ = false;
};

}  // namespace cloudflare::inline v0::wire
