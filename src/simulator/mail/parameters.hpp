#pragma once

#include "../problem.hpp"
#include "../store.hpp"

#include <boost/json/object.hpp>
#include <boost/url/params_view.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cloudflare::inline v0::simulator {

/// The parameters of a request, out of its query or of an object in its body. Reading one that is
/// malformed adds a problem and gives nothing.
class parameters {
public:
    parameters(boost::urls::params_view query, problems& found);
    /// Members that are null count as not given. @param at the JSON pointer of the object.
    parameters(boost::json::object const& given, std::string at, problems& found);

    std::optional<std::string> text(std::string_view name) const;
    std::optional<std::string> one_of(std::string_view name,
                                      std::span<std::string_view const> allowed) const;
    std::optional<bool> flag(std::string_view name) const;
    std::optional<timestamp> time(std::string_view name) const;
    std::optional<timestamp> date(std::string_view name) const;
    std::optional<std::uint64_t> number(std::string_view name, std::uint64_t least,
                                        std::uint64_t most) const;

    void refuse(std::string_view name, std::string_view why) const;

private:
    std::string const* find(std::string_view name) const;
    template <class T>
    std::optional<T> checked(std::string_view name, std::optional<T> value) const;

    std::map<std::string, std::string, std::less<>> values_;
    /// Of an object in the body.
    std::optional<std::string> at_;
    problems& found_;
};

}  // namespace cloudflare::inline v0::simulator
