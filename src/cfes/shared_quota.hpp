#pragma once

#include "globals.hpp"

#include <cloudflare/client_options.hpp>
#include <cloudflare/quota_store.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

/// The quota that the processes of a user share, as the command line and the environment say.
namespace cfes {

void add_quota_store_options(CLI::App& app, quota_store_arguments& into);

/// Where the quota is kept; none: each process keeps its own.
/// @throws usage_error when the address cannot be used. It is not repeated, nor what is in a file.
std::optional<cloudflare::quota_store_options> quota_store_of(global_options const& globals);

/// The limiter for a client of these options, which tells on stderr when its store goes away.
/// @throws usage_error when this build cannot use the store.
std::shared_ptr<cloudflare::quota_store> open_quota_store(boost::asio::any_io_executor executor,
                                                          global_options const& globals,
                                                          cloudflare::client_options const& with);

}  // namespace cfes
