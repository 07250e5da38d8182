#include "parameters.hpp"

#include "../text.hpp"
#include "../time_text.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include <algorithm>
#include <utility>

namespace cloudflare::inline v0::simulator {

namespace json = boost::json;

parameters::parameters(boost::urls::params_view query, problems& found) : found_(found) {
    for (boost::urls::param const one : query) values_[one.key] = one.value;
}

parameters::parameters(json::object const& given, std::string at, problems& found)
    : at_(std::move(at)), found_(found) {
    for (json::key_value_pair const& one : given) {
        if (one.value().is_null()) continue;
        auto const* const text = one.value().if_string();
        if (!text && !one.value().is_bool()) {
            refuse(one.key(), "must be a string or a boolean");
            continue;
        }
        values_[one.key()] = text ? std::string{*text} : json::serialize(one.value());
    }
}

std::string const* parameters::find(std::string_view name) const {
    auto const found = values_.find(name);
    return found == values_.end() ? nullptr : &found->second;
}

void parameters::refuse(std::string_view name, std::string_view why) const {
    std::string const title{name};
    if (at_) {
        found_.add(400, title + ' ' + std::string{why}, *at_ + '/' + title);
    } else {
        found_.add(400, "query parameter " + title + ' ' + std::string{why}, {});
    }
}

template <class T>
std::optional<T> parameters::checked(std::string_view name, std::optional<T> value) const {
    if (!value) refuse(name, "has an invalid value");
    return value;
}

std::optional<std::string> parameters::text(std::string_view name) const {
    std::string const* const given = find(name);
    return given ? std::optional(*given) : std::nullopt;
}

std::optional<std::string> parameters::one_of(std::string_view name,
                                              std::span<std::string_view const> allowed) const {
    std::string const* const given = find(name);
    if (!given) return std::nullopt;
    bool const known = std::ranges::find(allowed, *given) != allowed.end();
    return checked(name, known ? std::optional(*given) : std::nullopt);
}

std::optional<bool> parameters::flag(std::string_view name) const {
    std::string const* const given = find(name);
    if (!given) return std::nullopt;
    bool const known = *given == "true" || *given == "false";
    return checked(name, known ? std::optional(*given == "true") : std::nullopt);
}

std::optional<timestamp> parameters::time(std::string_view name) const {
    std::string const* const given = find(name);
    return given ? checked(name, from_rfc3339(*given)) : std::nullopt;
}

std::optional<timestamp> parameters::date(std::string_view name) const {
    std::string const* const given = find(name);
    return given ? checked(name, from_date(*given)) : std::nullopt;
}

std::optional<std::uint64_t> parameters::number(std::string_view name, std::uint64_t least,
                                                std::uint64_t most) const {
    std::string const* const given = find(name);
    if (!given) return std::nullopt;
    auto value = to_number<std::uint64_t>(*given);
    if (value && (*value < least || *value > most)) value.reset();
    return checked(name, value);
}

}  // namespace cloudflare::inline v0::simulator
