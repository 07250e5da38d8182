#pragma once

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace test {

/// What a list has, without what cannot come back: identifiers and dates. Sorted.
/// @param entries the array that the API would return
inline std::vector<std::string> contents_of(std::string const& entries) {
    std::vector<std::string> all;
    auto const parsed = boost::json::parse(entries);
    for (auto const& each : parsed.as_array()) {
        auto entry = each.as_object();
        for (auto const* const name : {"id", "created_at", "modified_at", "last_modified"}) {
            entry.erase(name);
        }
        all.push_back(boost::json::serialize(entry));
    }
    std::sort(all.begin(), all.end());
    return all;
}

}  // namespace test
