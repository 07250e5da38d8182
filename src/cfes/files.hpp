#pragma once

#include <cloudflare/detail/codec.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cfes {

/// What an `errno` means.
std::string reason_of(int number);

/// What was read of stdin is all of it only if nothing failed: `std::cin` takes a failure for the
/// end.
/// @throws usage_error when it did.
void require_stdin();

/// The whole file; `-` is stdin.
/// @throws usage_error when it cannot be read, or is longer than that.
std::string read_file(std::string const& path, std::size_t longest);

/// The same of a file that is nothing else, as a device; `-` is stdin.
std::string read_regular_file(std::string const& path, std::size_t longest);

/// Whether it is a regular file that begins as a saved plan does.
bool is_saved_plan(std::string const& path);

/// What each object of an array in a document must have.
struct required_members {
    std::string array;
    std::vector<std::string> names;
};

/// Reads a JSON document into a described object, strictly: what has no place in it is an error.
/// A batch has 64 MiB at most.
/// @throws usage_error that says where and what.
void read_json_file(std::string const& path, cloudflare::wire::slot into,
                    required_members const& required);

}  // namespace cfes
