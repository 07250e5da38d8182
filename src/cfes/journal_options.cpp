#include "journal_options.hpp"

#include "output.hpp"
#include "shared_quota.hpp"
#include "state_directory.hpp"

namespace cfes {

namespace cf = cloudflare;
namespace es = cloudflare::email_security;

void add_journal_arguments(CLI::App& verb, journal_arguments& into) {
    constexpr char const* group = "Journal";
    auto* const directory =
        verb.add_option("--journal", into.directory,
                        "Keep the journal, for undo, in this directory [~/.local/state/cfes]");
    directory->type_name("DIR")->group(group);
    verb.add_flag("--no-journal", into.none, "Keep no journal: nothing can be undone")
        ->excludes(directory)
        ->group(group);
    add_wait(verb, "--wait-lock",
             "Wait so long for another sync of the same list and owner to end [0]", into.wait)
        ->group(group);
}

kept_state prepare_state(journal_arguments const& given, global_options const& globals) {
    kept_state state;
    state.wait = given.wait.value_or(std::chrono::milliseconds{0});
    if (!given.directory.empty()) {
        auto const directory = writable_directory("--journal", given.directory);
        state.journal = std::make_shared<es::journal_file>(directory);
    }
    if (globals.simulate) return state;
    state.leases = quota_store_of(globals);
    // On one host the lock does.
    if (state.leases && state.leases->kind() == cf::quota_store_options::place::file) {
        state.leases.reset();
    }
    if (state.leases) state.leases->ca_file(globals.ca_file);
    try {
        state.locks = state_directory();
    } catch (usage_error const& none) {
        if (!given.none) {
            throw usage_error(std::string{none.what()} +
                              "; --no-journal does without a journal and a lock");
        }
        complain("warning: without a lock: " + std::string{none.what()});
        return state;
    }
    if (!state.journal && !given.none) {
        state.journal = std::make_shared<es::journal_file>(*state.locks);
    }
    return state;
}

}  // namespace cfes
