#include "identifier.hpp"

#include "text.hpp"

#include <boost/container_hash/hash.hpp>
#include <boost/json/string.hpp>
#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/string_generator.hpp>
#include <boost/uuid/uuid.hpp>
#include <boost/uuid/uuid_io.hpp>

#include <bit>
#include <exception>

namespace cloudflare::inline v0::simulator {

namespace {

identifier to_identifier(boost::uuids::uuid const& id) {
    return std::bit_cast<identifier>(id);
}

boost::uuids::uuid to_uuid(identifier const& id) {
    return std::bit_cast<boost::uuids::uuid>(id);
}

}  // namespace

std::size_t hash_value(identifier const& id) noexcept {
    std::size_t seed = 0;
    boost::hash_combine(seed, id.high);
    boost::hash_combine(seed, id.low);
    return seed;
}

identifier_maker::identifier_maker(identifier_form form, std::uint64_t seed)
    : form_(form), random_(seed) {}

identifier identifier_maker::make() {
    if (form_ == identifier_form::integer) return {0, ++last_};
    boost::uuids::basic_random_generator<std::mt19937_64> generate(&random_);
    return to_identifier(generate());
}

boost::json::value identifier_maker::to_json(identifier const& id) const {
    if (form_ == identifier_form::integer) return id.low;
    return boost::json::value(boost::uuids::to_string(to_uuid(id)));
}

std::optional<identifier> identifier_maker::from_json(boost::json::value const& value) const {
    if (form_ == identifier_form::integer) {
        auto const* const number = value.if_int64();
        if (!number || *number <= 0) return std::nullopt;
        return identifier{0, static_cast<std::uint64_t>(*number)};
    }
    auto const* const text = value.if_string();
    if (!text) return std::nullopt;
    return from_path(*text);
}

std::optional<identifier> identifier_maker::from_path(std::string_view segment) const {
    if (form_ == identifier_form::integer) {
        auto const number = to_number<std::uint64_t>(segment);
        return number ? std::optional(identifier{0, *number}) : std::nullopt;
    }
    // The generator also takes braces and no dashes, which the API does not.
    if (segment.size() != 36) return std::nullopt;
    try {
        return to_identifier(boost::uuids::string_generator{}(segment.begin(), segment.end()));
    } catch (std::exception const&) {
        return std::nullopt;
    }
}

}  // namespace cloudflare::inline v0::simulator
