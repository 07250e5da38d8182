#pragma once

#include "problem.hpp"

#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cloudflare::inline v0::simulator {

enum class field_type { text, text_list, boolean, integer, object };

/// One field of a collection's entries. `id` and the times are not fields: every entry has them.
struct field {
    std::string_view name = {};
    field_type type = field_type::text;
    /// Must be given on create.
    bool required = false;
    bool nullable = false;
    /// Null may be given on create and replace, but not in a patch. What is then not `nullable`
    /// the entry does not have.
    bool no_null_in_patch = false;
    /// Ignored when a request gives it.
    bool read_only = false;
    /// The same, but only when the entry is there already.
    bool immutable = false;
    /// Known to the simulator alone: neither read nor shown.
    bool hidden = false;
    /// May be used as a parameter of the list: by itself, in `order`, or by `search`.
    bool filter = false;
    bool order = false;
    bool search = false;
    /// Of a text, in code points.
    std::size_t min_length = 0;
    std::size_t max_length = std::numeric_limits<std::size_t>::max();
    /// Of a list, on create and replace; a patch is free of it.
    std::size_t min_items = 0;
    std::size_t max_items = std::numeric_limits<std::size_t>::max();
    /// Of an integer.
    std::int64_t min_value = std::numeric_limits<std::int64_t>::min();
    std::int64_t max_value = std::numeric_limits<std::int64_t>::max();
    /// All that a text, or each one of a list, may be; empty when anything may.
    std::vector<std::string_view> values = {};
    /// Those of `values` that entries may have but requests may not give.
    std::vector<std::string_view> unwritable = {};
    /// Names something that has no case: stored in lower case by a server that normalises, unless
    /// the entry is a regular expression.
    bool caseless = false;
    /// A deprecated second name: accepted in requests, given in answers.
    std::string_view alias = {};
};

/// A parameter of the list that goes by another name than the field it looks at. Of a list, any
/// item may be what is asked for.
struct list_parameter {
    std::string_view name = {};
    std::string_view field_name = {};
    /// Only the first item of the list counts.
    bool first_item = false;
};

/// Which of the batch's arrays there are.
enum class batch_support { none, deletes, all };

/// What becomes of a field that a request gives and the collection does not have.
enum class unknown_fields { ignored, refused_on_create, refused };

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
    std::vector<list_parameter> parameters = {};
    /// Which of the operations that not all collections share the API has.
    batch_support batch = batch_support::all;
    bool has_put = false;
    bool has_delete_all = false;
    bool has_verification = false;
    unknown_fields unknown = unknown_fields::ignored;
    /// A replacing request, too, must give what is required.
    bool put_requires = false;
    bool patch_may_be_empty = false;
    /// Answers have the deprecated `last_modified` too.
    bool has_last_modified = true;
    /// Checks what no field tells by itself, on a whole entry. `at` is the JSON pointer of the
    /// entry.
    void (*check)(collection const&, row const&, std::string const& at, problems&) = nullptr;
    /// Adds to a new entry what the API works out by itself. `name` differs for each entry, and is
    /// the same again with the same seed.
    void (*complete)(collection const&, row&, std::string const& name,
                     std::string const& now) = nullptr;
    /// Why an entry may not be changed; empty when it may.
    std::string_view (*locked)(collection const&, row const&) = nullptr;

    std::optional<std::size_t> find(std::string_view field_name) const noexcept {
        for (std::size_t i = 0; i != fields.size(); ++i) {
            if (fields[i].name == field_name) return i;
        }
        return std::nullopt;
    }
};

}  // namespace cloudflare::inline v0::simulator
