#pragma once

#include "commands.hpp"

namespace cfes {

// A function for each collection, in a file of its name.
void add_allow_policies(command_line& line);
void add_analytics(command_line& line);
void add_auth(command_line& line);
void add_block_senders(command_line& line);
void add_content_policies(command_line& line);
void add_domains(command_line& line);
void add_impersonation_registry(command_line& line);
void add_investigate(command_line& line);
void add_phishguard_reports(command_line& line);
void add_sending_domain_restrictions(command_line& line);
void add_submissions(command_line& line);
void add_trusted_domains(command_line& line);
void add_url_ignore_patterns(command_line& line);

/// All of them, in the order of the help.
inline constexpr void (*all_collections[])(command_line& line) = {
    &add_block_senders,
    &add_allow_policies,
    &add_trusted_domains,
    &add_content_policies,
    &add_impersonation_registry,
    &add_sending_domain_restrictions,
    &add_url_ignore_patterns,
    &add_domains,
    &add_investigate,
    &add_submissions,
    &add_phishguard_reports,
    &add_analytics,
    &add_auth,
};

}  // namespace cfes
