#pragma once

#include "envelope.hpp"
#include "identifier.hpp"
#include "store.hpp"

#include <boost/json/array.hpp>
#include <boost/url/params_view.hpp>

#include <string_view>

namespace cloudflare::simulator {

/// What an operation works on: a store, and what all of them share.
struct operation_context {
    store& entries;
    identifier_maker& identifiers;
    timestamp now;
};

/// The operations that all collections have, one function for each of the API's.
/// @{
reply list_entries(operation_context c, boost::urls::params_view query);
reply get_entry(operation_context c, std::string_view id);
reply create_entry(operation_context c, std::string_view body);
reply edit_entry(operation_context c, std::string_view id, std::string_view body);
reply replace_entry(operation_context c, std::string_view id, std::string_view body);
reply delete_entry(operation_context c, std::string_view id);
reply apply_batch(operation_context c, std::string_view body);
/// @}

/// An entry as the API shows it.
boost::json::object render(operation_context const& c, store::slot where,
                           boost::json::storage_ptr memory = {});

}  // namespace cloudflare::simulator
