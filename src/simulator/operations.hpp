#pragma once

#include "envelope.hpp"
#include "identifier.hpp"
#include "store.hpp"

#include <boost/json/array.hpp>
#include <boost/url/params_view.hpp>

#include <string_view>

namespace cloudflare::inline v0::simulator {

/// What an operation works on: a store, and what all of them share.
struct operation_context {
    store& entries;
    identifier_maker& identifiers;
    timestamp now;
    /// Whether what has no case is stored in lower case.
    bool normalises = false;
};

/// The operations that collections have, one function for each of the API's.
/// @{
reply list_entries(operation_context c, boost::urls::params_view query);
reply get_entry(operation_context c, std::string_view id);
reply create_entry(operation_context c, std::string_view body);
reply edit_entry(operation_context c, std::string_view id, std::string_view body);
reply replace_entry(operation_context c, std::string_view id, std::string_view body);
reply delete_entry(operation_context c, std::string_view id);
reply delete_all_entries(operation_context c);
reply apply_batch(operation_context c, std::string_view body);
/// @}

/// How a domain is verified: 200 with the DNS record that it awaits, or 204 for one that is
/// verified by other means.
reply get_verification(operation_context c, std::string_view id);

reply no_such_entry();

/// An entry as the API shows it.
boost::json::object render(operation_context const& c, store::slot where,
                           boost::json::storage_ptr memory = {});

}  // namespace cloudflare::inline v0::simulator
