#include "faults.hpp"

#include <cloudflare/simulator.hpp>

#include <utility>

namespace cloudflare::inline v0::simulator {

options& options::port(std::uint16_t value) {
    port_ = value;
    return *this;
}

options& options::token(std::string value) {
    token_ = std::move(value);
    return *this;
}

options& options::account_id(std::string value) {
    account_id_ = std::move(value);
    return *this;
}

options& options::request_quota(std::optional<quota> value) {
    quota_ = value;
    return *this;
}

options& options::latency(std::chrono::milliseconds value) {
    latency_ = value;
    return *this;
}

options& options::fault(std::string_view value) {
    // Parsed here only so that a mistake shows where it is made.
    static_cast<void>(fault_plan{value});
    fault_ = value;
    return *this;
}

options& options::max_body(std::uint64_t value) {
    max_body_ = value;
    return *this;
}

options& options::seed(std::uint64_t value) {
    seed_ = value;
    return *this;
}

options& options::on_duplicate(duplicates value) {
    on_duplicate_ = value;
    return *this;
}

options& options::normalise(bool value) {
    normalise_ = value;
    return *this;
}

options& options::identifiers(identifier_form value) {
    identifiers_ = value;
    return *this;
}

options& options::block_senders(std::vector<std::string> value) {
    block_senders_ = std::move(value);
    return *this;
}

options& options::former_bodies(bool value) {
    former_bodies_ = value;
    return *this;
}

options& options::writers(std::uint64_t changes_a_second) {
    writers_ = changes_a_second;
    return *this;
}

options& options::list_lag(std::chrono::milliseconds value) {
    list_lag_ = value;
    return *this;
}

options& options::log_requests(bool value) {
    log_requests_ = value;
    return *this;
}

}  // namespace cloudflare::inline v0::simulator
