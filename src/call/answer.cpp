#include "call/answer.hpp"

#include "call/redaction.hpp"
#include "quota/response_headers.hpp"
#include "wire/envelope.hpp"

#include <chrono>
#include <utility>

namespace cloudflare::inline v0::call {

namespace {

std::optional<error> decode(response const& answer, reply const& into,
                            std::chrono::steady_clock::time_point deadline,
                            std::vector<api_message>& messages) {
    if (answer.status / 100 != 2) return wire::decode_failure(answer, deadline);
    wire::expectation expected;
    expected.result = into.result;
    expected.info = into.info;
    expected.may_lack_result = into.may_lack_result;
    expected.max_elements = into.max_elements;
    expected.deadline = deadline;
    if (auto refusal = wire::decode_success(answer, expected, messages)) return refusal;
    if (!into.check) return std::nullopt;
    auto fault = into.check->check_answer();
    if (fault) fault->outcome(outcome::unknown).status(answer.status).ray_id(answer.ray_id);
    return fault;
}

/// How an answer failed whose status says that all is well.
failure kind_of(error const& refusal) {
    if (refusal.outcome() != outcome::unknown) return failure::status;
    if (refusal.code() == errc::timed_out) return failure::timeout;
    if (refusal.code() == errc::response_too_large) return failure::response_too_large;
    return failure::malformed_response;
}

/// What the headers say about another attempt.
void read_advice(response const& answer, attempt_outcome& seen) {
    seen.status = answer.status;
    seen.should_retry = quota::parse_should_retry(answer.should_retry);
    seen.retry_after = quota::parse_retry_after_ms(answer.retry_after_ms);
    if (!seen.retry_after && !answer.retry_after.empty()) {
        seen.retry_after =
            quota::parse_retry_after(answer.retry_after, std::chrono::system_clock::now());
    }
}

}  // namespace

std::optional<error> read_answer(call_scope const& of, response& answer, reply const& into,
                                 attempt_outcome& seen, std::vector<api_message>& messages) {
    auto const& secret = of.core.options.credentials();
    read_advice(answer, seen);
    if (answer.status == 429) count(of.core.telemetry->rate_limited);

    auto refusal = decode(answer, into, of.deadline, messages);
    // An error quotes parts of the body, which may begin or end within a secret.
    if (refusal && hide(secret, answer.body)) refusal = decode(answer, into, of.deadline, messages);
    if (!refusal) {
        seen.kind = failure::none;
        if (into.status) *into.status = answer.status;
        if (into.location) {
            hide(secret, answer.location);
            *into.location = std::move(answer.location);
        }
        return std::nullopt;
    }
    seen.kind = answer.status / 100 == 2 ? kind_of(*refusal) : failure::status;
    if (seen.kind != failure::status) return refusal;
    seen.transient_code_1000 = wire::is_request_timeout(*refusal);
    if (seen.retry_after) {
        refusal->retry_after(std::chrono::ceil<std::chrono::milliseconds>(*seen.retry_after));
    }
    return refusal;
}

void clear(reply const& into) {
    if (into.result.how) into.result.how->clear(into.result.where);
    if (into.info) *into.info = {};
}

}  // namespace cloudflare::inline v0::call
