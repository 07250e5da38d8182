#pragma once

#include "problem.hpp"

#include <boost/json/value.hpp>

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cloudflare::simulator {

enum class field_type { text, text_list, boolean, integer };

/// One field of a collection's entries. `id` and the times are no fields: every entry has them.
struct field {
    std::string_view name = {};
    field_type type = field_type::text;
    /// Must be given on create.
    bool required = false;
    bool nullable = false;
    /// Ignored when a request gives it.
    bool read_only = false;
    /// May be used as a parameter of the list: by itself, in `order`, or by `search`.
    bool filter = false;
    bool order = false;
    bool search = false;
    /// Of a text, in code points.
    std::size_t min_length = 0;
    std::size_t max_length = std::numeric_limits<std::size_t>::max();
    /// All that a text, or each one of a list, may be; empty when anything may.
    std::vector<std::string_view> values = {};
    /// Those of `values` that entries may have but requests may not give.
    std::vector<std::string_view> unwritable = {};
    /// A deprecated second name: accepted in requests, given in answers.
    std::string_view alias = {};
};

/// An entry's values in the order of its collection's fields. Null in a field that is not nullable
/// means that the entry does not have it.
using row = std::vector<boost::json::value>;

/// What there is to know about one collection of the settings; all operations work from this.
struct collection {
    /// The path segment under `settings/`.
    std::string_view name = {};
    std::vector<field> fields = {};
    /// The fields that together make an entry the same as another.
    std::vector<std::string_view> natural_key = {};
    /// Whether the API has the operations that not all collections share.
    bool has_batch = true;
    bool has_put = false;
    /// Checks what no field tells by itself, on a whole entry. `at` is the JSON pointer of the
    /// entry.
    void (*check)(collection const&, row const&, std::string const& at, problems&) = nullptr;

    std::optional<std::size_t> find(std::string_view field_name) const noexcept {
        for (std::size_t i = 0; i != fields.size(); ++i) {
            if (fields[i].name == field_name) return i;
        }
        return std::nullopt;
    }
};

}  // namespace cloudflare::simulator
