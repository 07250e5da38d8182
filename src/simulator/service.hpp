#pragma once

#include "faults.hpp"
#include "identifier.hpp"
#include "lagging_store.hpp"
#include "mail/mailbox.hpp"
#include "operations.hpp"
#include "quota_window.hpp"
#include "request.hpp"
#include "router.hpp"
#include "writers.hpp"

#include <cloudflare/simulator.hpp>

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cloudflare::inline v0::simulator {

/// What the API is set up with; `options` says what each means.
struct service_settings {
    std::optional<std::string> token;
    std::optional<std::string> account_id;
    std::optional<quota> request_quota;
    std::chrono::milliseconds latency{0};
    std::uint64_t max_body = 0;
    std::uint64_t seed = 0;
    duplicates on_duplicate = duplicates::accept;
    bool normalise = false;
    identifier_form identifiers = identifier_form::uuid;
    std::vector<std::string> block_senders;
    bool former_bodies = false;
    bool log_requests = true;
    std::uint64_t writers = 0;
    std::chrono::milliseconds list_lag{0};
};

/// What is to be done with an answer.
struct delivery {
    /// `cut` sends the head and half of the body.
    enum class form { whole, cut, none };
    /// What follows it.
    enum class ending { regular, close, reset, hang };

    reply answer;
    form send = form::whole;
    ending then = ending::regular;
    std::chrono::milliseconds delay{0};
};

/// The API without sockets: what it holds, and how it answers. For one thread.
class service {
public:
    /// @throws std::invalid_argument when `fault_spec` is malformed.
    service(service_settings settings, std::string_view fault_spec);

    delivery serve(request const& asked);
    /// Of a request's body, in bytes.
    std::uint64_t max_body() const noexcept { return settings_.max_body; }

    void set_fault(std::string_view spec);
    void advance_clock(std::chrono::seconds by) { clock_offset_ += by; }
    void set_latency(std::chrono::milliseconds value) { settings_.latency = value; }
    void connected() { ++statistics_.connections; }
    void session_resumed() { ++statistics_.resumed_sessions; }
    statistics const& stats() const noexcept { return statistics_; }
    std::vector<logged_request> take_log();

    void seed_block_senders(std::string_view account_id, std::vector<std::string> const& patterns);
    void seed_entries(std::string_view account_id, std::string_view collection_name,
                      std::string_view json);
    std::vector<std::string> patterns(std::string_view account_id, std::string_view name);
    std::string entries(std::string_view account_id, std::string_view name);

private:
    struct account {
        /// One for each of `all_collections()`, in the same order.
        std::vector<std::unique_ptr<store>> stores;
        /// For each of the stores, or none.
        std::vector<writers> others;
        std::vector<std::unique_ptr<lagging_store>> shown;
        mailbox mail;
    };

    timestamp now() const;

    void add_collection_routes(std::size_t index);
    void add_mail_routes();
    account& account_of(std::string_view id);
    store& store_of(std::string_view account_id, std::string_view collection_name);
    operation_context context(store& entries);
    void seed(store& into, row values);
    /// What others have done since, and what lists show of all that was done.
    void catch_up();
    static void follow(account& all, timestamp due);

    /// Counts the request. @returns the refusal when it is one too many.
    std::optional<reply> charge(request const& asked,
                                std::vector<std::pair<std::string, std::string>>& headers);
    /// What is asked outside of all accounts.
    std::optional<reply> answer_user(request const& asked,
                                     std::vector<std::string> const& path) const;
    reply process(request const& asked);
    void log(request const& asked, delivery const& outcome);

    service_settings settings_;
    fault_plan faults_;
    /// What a fault has put off.
    std::vector<request> late_;
    router router_;
    identifier_maker identifiers_;
    /// Of jobs and submissions, which are UUIDs in any case.
    identifier_maker mail_identifiers_;
    std::unordered_map<std::string, account> accounts_;
    std::unordered_map<std::string, quota_window> windows_;
    statistics statistics_;
    std::deque<logged_request> log_;
    std::size_t logged_bytes_ = 0;
    std::chrono::seconds clock_offset_{0};
};

}  // namespace cloudflare::inline v0::simulator
