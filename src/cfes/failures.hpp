#pragma once

#include "exit_status.hpp"
#include "session.hpp"

#include <cloudflare/error.hpp>

#include <string>
#include <string_view>

/// How a command says that it failed: what, on what, and what to do.
///
/// Where JSON was asked for, it says so in a document, too: an object `error` with `code` (the name
/// of the kind), `message`, `outcome`, `exit_status` and, where there are such, `status` of HTTP,
/// `ray`, `hint` and the API's own `errors`.
namespace cfes {

/// Why a call failed, as a line for people: of one that was not allowed also which token may not do
/// what, on which account.
std::string explain(session const& with, cloudflare::error const& why);

/// Says why a call failed, with what may help, if there is something; the exit status.
int complain_about(session const& with, cloudflare::error const& why, std::string const& hint = {});

/// The same for the document of a plan or a sync, which has a text besides: `failure`.
std::string failure_part(session const& with, cloudflare::error const& why);
/// The same for what did not come so far that a call failed. `code` is its kind.
std::string failure_part(std::string_view code, std::string_view why, exit_status status);
/// The document of a command that was refused before anything was sent.
std::string refusal_document(std::string_view why);

}  // namespace cfes
