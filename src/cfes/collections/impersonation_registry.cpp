#include "collection_commands.hpp"
#include "collections/collections.hpp"

#include <cloudflare/email_security/impersonation_registry.hpp>

namespace cfes {

void add_impersonation_registry(command_line& line) {
    add_collection_verbs<es::impersonation_registry_traits>(
        line, {.name = "impersonation-registry",
               .what = "People who are protected from being impersonated",
               .required = {"name", "email"},
               .helps = {{"name", "Name of the person, up to 1024 characters"},
                         {"email", "E-mail address, or regular expression"},
                         {"is_email_regex", "Whether the address is a regular expression"},
                         {"directory_id", "Directory that the person is in"},
                         {"directory_node_id", "Node of the directory"},
                         {"external_directory_node_id", "Node in a directory elsewhere"},
                         {"provenance", "Where the entry comes from"},
                         {"comments", "Anything"}}});
}

}  // namespace cfes
