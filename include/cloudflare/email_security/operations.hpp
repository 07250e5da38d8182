#pragma once

#include <cloudflare/detail/named_operation.hpp>
#include <cloudflare/email_security/allow_policies.hpp>
#include <cloudflare/email_security/analytics.hpp>
#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/email_security/bulk_jobs.hpp>
#include <cloudflare/email_security/content_policies.hpp>
#include <cloudflare/email_security/domains.hpp>
#include <cloudflare/email_security/impersonation_registry.hpp>
#include <cloudflare/email_security/investigate.hpp>
#include <cloudflare/email_security/phishguard.hpp>
#include <cloudflare/email_security/sending_domain_restrictions.hpp>
#include <cloudflare/email_security/submissions.hpp>
#include <cloudflare/email_security/trusted_domains.hpp>
#include <cloudflare/email_security/url_ignore_patterns.hpp>

namespace cloudflare::inline v0::email_security {

/// All operations of the API, each with the function that carries it out.
inline constexpr auto all_operations = join(
    allow_policies::operations::all(), block_senders::operations::all(),
    content_policies::operations::all(), domains::operations::all(),
    impersonation_registry::operations::all(), sending_domain_restrictions::operations::all(),
    trusted_domains::operations::all(), url_ignore_patterns::operations::all(),
    investigate::operations::all(), bulk_jobs::operations::all(), submissions::operations::all(),
    phishguard_reports::operations::all(), analytics::operations::all());

}  // namespace cloudflare::inline v0::email_security
