#pragma once

#include "email_security/feed/entry_maker.hpp"
#include "email_security/feed/member_names.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cloudflare::inline v0::email_security {

/// Makes entries of JSON objects with the API's members, and of texts that are patterns.
class json_records {
public:
    explicit json_records(entry_maker& make) : make_{make}, names_{make} {}

    /// One value, as it stands in the feed.
    void take(record_place where, std::string_view value);
    /// How many were taken.
    std::int64_t count() const noexcept { return count_; }
    /// Why none of the records had a pattern; or the facts are completed.
    std::optional<error> finish(std::string_view form);

private:
    void take_object(record_place where, boost::json::object const& record);

    entry_maker& make_;
    member_names names_;
    bool saw_pattern_ = false;
    std::int64_t count_ = 0;
    std::size_t objects_ = 0;
    std::vector<std::string> members_;  // of the first object without a pattern
};

}  // namespace cloudflare::inline v0::email_security
