#pragma once

#include "collection_commands.hpp"

#include <cstdint>
#include <optional>

namespace cfes {

/// Why entries are printed.
enum class shown_for : std::uint8_t {
    question,  ///< they were asked for
    change,    ///< they were changed: --quiet and a dry run leave them out
};

/// Prints entries as a verb comes to them: one as an object, several as a list.
class entry_output {
public:
    /// The session must outlive it.
    entry_output(session const& with, collection_verbs const& of, columns const& shown,
                 bool is_one, shown_for why);

    void add(any_object const& entry);
    /// Prints what is left; the exit status.
    int finish();

private:
    session const* with_;
    bool is_silent_;
    int status_ = done;
    std::optional<row_writer> rows_;  // of a list
};

}  // namespace cfes
