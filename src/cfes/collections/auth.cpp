#include "collections/collections.hpp"
#include "progress_text.hpp"
#include "verbs.hpp"

#include <cloudflare/detail/invoke.hpp>
#include <cloudflare/email_security/block_senders.hpp>

#include <boost/describe/class.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cfes {

namespace {

/// What the API says of a token.
struct token_status {
    std::optional<std::string> id;
    std::string status;
    std::optional<std::string> expires_on;
};
BOOST_DESCRIBE_STRUCT(token_status, (), (id, status, expires_on))

struct reachable_account {
    std::string id;
    std::string name;
};
BOOST_DESCRIBE_STRUCT(reachable_account, (), (id, name))

/// What a token may do; empty: that could not be found out.
struct permissions {
    std::optional<bool> read;
    std::optional<bool> write;
};
BOOST_DESCRIBE_STRUCT(permissions, (), (read, write))

struct quota_left {
    std::int64_t limit = 0;
    std::int64_t remaining = 0;
    std::int64_t resets_in_s = 0;
};
BOOST_DESCRIBE_STRUCT(quota_left, (), (limit, remaining, resets_in_s))

struct access_report {
    std::string credentials;
    std::optional<token_status> token;  ///< empty: it is none, or nothing is said of it
    std::optional<std::string> account_id;
    std::optional<std::string> account_name;
    std::optional<std::string> profile;
    std::vector<reachable_account> accounts;
    struct permissions permissions;
    std::optional<quota_left> quota;
};
BOOST_DESCRIBE_STRUCT(access_report, (),
                      (credentials, token, account_id, account_name, profile, accounts, permissions,
                       quota))

/// A request outside of all accounts.
cf::result<cf::request> request_for(std::string_view path, std::string const& query = {}) {
    cf::request made;
    made.operation = {cf::http_method::get, path};
    made.target = std::string{path} + query;
    return made;
}

asio::awaitable<cf::result<token_status>> verify(session const& with) {
    auto message = request_for("/user/tokens/verify");
    return cf::invoke<token_status>(with.client(), std::move(message), {});
}

asio::awaitable<cf::result<std::vector<reachable_account>>> list_accounts(session const& with) {
    constexpr std::size_t page_size = 50;  // the most that the API gives
    std::vector<reachable_account> all;
    for (std::size_t number = 1;; ++number) {
        auto message = request_for("/accounts", "?page=" + std::to_string(number) +
                                                    "&per_page=" + std::to_string(page_size));
        auto reading = cf::invoke_page<reachable_account>(with.client(), std::move(message), {});
        auto got = co_await std::move(reading);
        if (!got) co_return got.error();
        auto& items = got->items;
        auto const count = items.size();
        all.insert(all.end(), std::make_move_iterator(items.begin()),
                   std::make_move_iterator(items.end()));
        if (count < page_size) break;
    }
    co_return std::move(all);
}

/// Whether a call was allowed, as far as its end tells.
std::optional<bool> is_allowed(std::optional<cf::error> const& end) {
    if (!end || end->code() == cf::errc::not_found) return true;
    bool const is_denied = status_of(*end) == not_allowed;
    return is_denied ? std::optional{false} : std::nullopt;
}

asio::awaitable<std::optional<cf::error>> try_to_read(session const& with) {
    cf::collection<es::block_senders_traits> const where{with.client(), with.account_id()};
    es::block_senders_traits::filter which;
    which.page(1).per_page(1);
    auto reading = where.list_page(std::move(which));
    auto const got = co_await std::move(reading);
    co_return got ? std::nullopt : std::optional{got.error()};
}

/// Changes an entry that does not exist: whoever may write is told so.
asio::awaitable<std::optional<cf::error>> try_to_write(session const& with) {
    cf::collection<es::block_senders_traits> const where{with.client(), with.account_id()};
    es::block_senders_traits::patch nothing;
    nothing.comments("cfes auth check");
    cf::identifier nobody{"00000000-0000-4000-8000-000000000000"};
    auto editing = where.edit(std::move(nobody), std::move(nothing));
    auto const got = co_await std::move(editing);
    co_return got ? std::nullopt : std::optional{got.error()};
}

std::string to_word(std::optional<bool> const& allowed) {
    if (!allowed) return "not known";
    return *allowed ? "yes" : "no";
}

std::string show_access(session const& with, access_report const& found) {
    auto const line = [](std::string const& name, std::string const& value) {
        return to_line(name + std::string(14 - name.size(), ' ') + value) + '\n';
    };
    auto who = found.credentials;
    if (found.token) {
        who += ": " + found.token->status;
        if (found.token->expires_on) who += ", expires " + *found.token->expires_on;
    }
    auto text = line("credentials", who);
    if (found.account_id) {
        text += line("account", with.place());
        text += line("may read", to_word(found.permissions.read));
        text += line("may write", to_word(found.permissions.write));
    } else {
        text += line("account", "none is given: --account-id, CLOUDFLARE_ACCOUNT_ID or --profile");
    }
    if (found.quota) {
        text += line("quota left", std::to_string(found.quota->remaining) + '/' +
                                       std::to_string(found.quota->limit) + " for the next " +
                                       to_clock(std::chrono::seconds{found.quota->resets_in_s}));
    }
    for (auto const& each : found.accounts) text += line("reaches", each.id + "  " + each.name);
    return text;
}

asio::awaitable<int> run_check(session& with) {
    access_report found;
    auto const& who = with.access();
    found.credentials = who.credentials_name;
    if (!who.profile.empty()) found.profile = who.profile;
    if (!who.account_id.empty()) found.account_id = who.account_id;
    if (!who.account_name.empty()) found.account_name = who.account_name;

    auto verifying = verify(with);
    auto const token = co_await std::move(verifying);
    // Of a global key, and of a token that belongs to an account, this is not told.
    if (token) found.token = *token;
    std::optional<cf::error> failure;
    if (!token && status_of(token.error()) != not_allowed &&
        token.error().code() != cf::errc::request_rejected) {
        failure = token.error();
    }
    if (found.account_id && !failure) {
        auto reading = try_to_read(with);
        auto const read = co_await std::move(reading);
        found.permissions.read = is_allowed(read);
        if (!found.permissions.read) failure = read;
        if (found.permissions.read == true) {
            auto writing = try_to_write(with);
            auto const written = co_await std::move(writing);
            found.permissions.write = is_allowed(written);
        } else if (read && !failure) {
            found.permissions.write = false;
        }
        if (found.permissions.read == false && !token) failure = read;
    } else if (!failure && !token) {
        failure = token.error();
    }
    if (failure) co_return complain_about(with, *failure);

    auto listing = list_accounts(with);
    auto accounts = co_await std::move(listing);
    if (accounts) found.accounts = std::move(*accounts);
    for (auto const& each : found.accounts) {
        if (found.account_id == each.id && !found.account_name) found.account_name = each.name;
    }
    auto const quota = with.client().quota();
    if (quota.limit > 0) {
        auto const left = std::chrono::ceil<std::chrono::seconds>(quota.resets_in);
        found.quota = quota_left{static_cast<std::int64_t>(quota.limit),
                                 static_cast<std::int64_t>(quota.remaining), left.count()};
    }
    auto const form = with.output();
    bool const is_text = form == output_form::table || form == output_form::wide;
    auto const shown = is_text && with.rows().columns.empty()
                           ? (print(show_access(with, found)) ? done : failed)
                           : show_object(with, wire::fields_of<access_report>(),
                                         wire::codec_for<access_report>(), &found);
    if (shown != done) co_return shown;
    bool const is_denied =
        found.permissions.read == false || (found.token && found.token->status != "active");
    if (!is_denied) co_return done;
    complain(found.credentials + " may not read on " + with.place() +
             ": it needs Cloud Email Security: Read, or Write");
    co_return not_allowed;
}

}  // namespace

void add_auth(command_line& line) {
    auto& collection =
        add_collection(line, area::access, "auth", "Whose token it is, and what it may do");
    auto& verb = *collection.add_subcommand(
        "check", "Show whether the token is valid, which accounts it reaches and what it may do");
    verb.preparse_callback([&line](std::size_t) { line.needs_account = false; });
    line.rows[&verb] = {wire::fields_of<access_report>()};
    on_verb(line, verb, [] { return &run_check; });
    group_verbs(collection, "Verbs");
}

}  // namespace cfes
