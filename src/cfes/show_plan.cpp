#include "show_plan.hpp"

#include "files.hpp"
#include "plan_output.hpp"
#include "sync_runs.hpp"
#include "times.hpp"

#include <cloudflare/detail/sync/any_feed.hpp>
#include <cloudflare/email_security/allow_policies.hpp>
#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/email_security/content_policies.hpp>
#include <cloudflare/email_security/domains.hpp>
#include <cloudflare/email_security/saved_plan.hpp>
#include <cloudflare/email_security/trusted_domains.hpp>
#include <cloudflare/email_security/url_ignore_patterns.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <sstream>
#include <string>

namespace cfes {

namespace {

/// The collections that plans are for.
std::array<es::sync_type const*, 6> all_types() {
    return {&es::sync_type_of<es::block_senders_traits>(),
            &es::sync_type_of<es::allow_policies_traits>(),
            &es::sync_type_of<es::trusted_domains_traits>(),
            &es::sync_type_of<es::url_ignore_patterns_traits>(),
            &es::sync_type_of<es::domains_traits>(),
            &es::sync_type_of<es::content_policies_traits>()};
}

/// What the plan is about, and when it was made.
std::string show_header(es::plan_header const& header) {
    auto text = "plan for " + header.collection + " of the account " + header.account_id;
    if (!header.owner.empty()) text += ", owner " + header.owner;
    if (header.made_at) {
        text += ", made at " + (is_terminal() ? to_long_time(*header.made_at)
                                              : cloudflare::to_string(*header.made_at));
    }
    return to_line(text) + '\n';
}

/// Where it is for.
std::string show_place(es::plan_header const& header) {
    auto const text = "account " + header.account_id;
    bool const is_usual = header.base_url == cf::client_options{}.base_url();
    return is_usual ? text : text + ", at " + header.base_url;
}

/// The same as JSON, without the counts, which a report has too.
std::string header_object(es::plan_header const& header) {
    auto text = cf::wire::to_json(header);
    text.resize(text.find(",\"desired\":"));
    return text + '}';
}

struct saved {
    explicit saved(es::sync_type const& of) : type{of}, desired{of} {}

    es::sync_type const& type;
    es::any_feed desired;
    es::sync_changes changes;
    es::plan_header header;
};

/// @throws usage_error when it is no plan
std::shared_ptr<saved> read_saved(std::string const& path) {
    constexpr std::size_t longest = std::size_t{4} << 30U;
    auto const text = read_file(path, longest);
    auto const refuse = [&path](cf::error const& why) {
        throw usage_error(path + ": " + why.detail());
    };
    std::istringstream beginning{text};
    auto const header = es::read_plan_header(beginning);
    if (!header) refuse(header.error());
    auto const types = all_types();
    auto const is_it = [&header](es::sync_type const* each) {
        return each->collection->name == header->collection;
    };
    auto const found = std::ranges::find_if(types, is_it);
    if (found == types.end()) {
        throw usage_error(path + ": there is no collection '" + to_line(header->collection) + '\'');
    }
    auto made = std::make_shared<saved>(**found);
    any_object const no_defaults{*made->type.collection->patch};
    es::any_feed::receiver entries{made->desired, no_defaults};
    std::istringstream whole{text};
    auto const failed =
        es::read_plan(whole, {made->type, entries, made->desired, made->changes, made->header});
    if (failed) refuse(*failed);
    return made;
}

}  // namespace

void add_show(command_line& line) {
    auto& verb = *line.app.add_subcommand("show", "Show a plan that was saved with plan --out");
    verb.group("Other commands");
    auto const path = std::make_shared<std::string>();
    verb.add_option("PLAN", *path, "The plan's file; - is stdin")->required()->type_name("");
    auto const all = std::make_shared<bool>(false);
    verb.add_flag("--all", *all, "Show all changes, however many there are");
    line.rows[&verb] = plan_rows();
    verb.callback([&line, path, all] {
        line.run_offline = [&line, path, all] {
            auto const plan = read_saved(*path);
            auto const& report = plan->changes.report;
            print_complaints(report);
            std::vector<std::string> parts{to_object(report), header_object(plan->header)};
            auto const text = show_header(plan->header) +
                              show_changes(plan->type, plan->desired, plan->changes,
                                           *all ? all_lines : few_lines) +
                              show_summary(report);
            told_plan const told{plan->type, plan->desired, plan->changes,
                                 show_place(plan->header)};
            return finish_plan(line.globals.output, line.globals.rows, {}, std::move(parts), text,
                               told);
        };
    });
}

}  // namespace cfes
