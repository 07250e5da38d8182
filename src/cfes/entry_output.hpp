#pragma once

#include "collection_commands.hpp"

#include <optional>

namespace cfes {

/// Prints entries as a verb comes to them: one as an object, several as a list.
class entry_output {
public:
    /// The session must outlive it.
    entry_output(session const& with, collection_verbs const& of, columns const& shown,
                 bool is_one);

    void add(any_object const& entry);
    /// Prints what is left; the exit status.
    int finish();

private:
    session const* with_;
    int status_ = done;
    std::optional<row_writer> rows_;  // of a list
};

}  // namespace cfes
