#pragma once

#include <string>
#include <string_view>

namespace bench {

/// What a create's answer tells, as far as the peers decode it.
struct entry {
    bool success = false;
    std::string id;
    std::string pattern;
    std::string pattern_type;
    bool is_regex = false;
    std::string comments;
    std::string created_at;
    std::string modified_at;
    std::string last_modified;
};

/// Reads an answer into an entry by the events of a parser, without a tree. The entry's strings are
/// reused.
class entry_reader {
public:
    entry_reader();
    ~entry_reader();
    entry_reader(entry_reader const&) = delete;
    entry_reader& operator=(entry_reader const&) = delete;

    /// The entry; throws when the text is no answer to a create.
    entry const& read(std::string_view text);

private:
    class parser;
    parser* parser_;
};

}  // namespace bench
