#pragma once

#include <cloudflare/detail/codec.hpp>

#include <cstddef>
#include <string_view>

namespace cloudflare::inline v0::email_security {

/// The codec of a described struct that is made by the caller, and begins as it was made: what is
/// in it knows its type already, as an `any_object`.
template <class T>
class record_codec final : public wire::codec {
public:
    wire::slot on_object(void* at) const override { return {this, at}; }
    wire::slot member(void* at, std::string_view name, std::size_t& hint) const override {
        auto const* const found = wire::find_field(wire::fields_of<T>(), name, hint);
        if (!found) return {};
        return {found->how, found->address(at)};
    }
    void write(void const* at, wire::sink& out) const override {
        out.begin_object();
        wire::write_fields(wire::fields_of<T>(), at, out);
        out.end_object();
    }
};

}  // namespace cloudflare::inline v0::email_security
