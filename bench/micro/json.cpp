// The JSON of a create and of a thousand entries, read and written.

#include "wire/envelope.hpp"

#include <cloudflare/email_security/block_senders.hpp>

#include <benchmark/benchmark.h>
#include <string>
#include <utility>
#include <vector>

namespace es = cloudflare::email_security;
namespace wire = cloudflare::wire;

namespace {

constexpr int page_size = 1000;

std::string pattern_number(int n) {
    return "mail-" + std::to_string(1'000'000 + n) + ".spam.example";
}

/// An entry as the API gives it.
std::string entry_text(int n) {
    return R"({"id":"4d8f2a0e-6b1c-4f7a-9c3d-5e2b8a)" + std::to_string(100'000 + n) +
           R"(","pattern":")" + pattern_number(n) +
           R"(","pattern_type":"DOMAIN","is_regex":false,"comments":"seen in the feed of the day",)"
           R"("created_at":"2026-11-01T12:00:00.123456Z",)"
           R"("modified_at":"2026-11-01T12:00:00.123456Z",)"
           R"("last_modified":"2026-11-01T12:00:00.123456Z"})";
}

cloudflare::response answer_of(std::string result) {
    cloudflare::response answer;
    answer.status = 200;
    answer.body = R"({"success":true,"errors":[],"messages":[],"result":)" + std::move(result) +
                  R"(,"result_info":{"count":1000,"page":1,"per_page":1000,"total_count":1000}})";
    return answer;
}

template <class Result>
void decode(benchmark::State& state, cloudflare::response const& answer) {
    for (auto _ : state) {
        Result result;
        cloudflare::page_info info;
        std::vector<cloudflare::api_message> messages;
        wire::expectation into;
        into.result = {&wire::codec_for<Result>(), &result};
        into.info = &info;
        auto const failure = wire::decode_success(answer, into, messages);
        if (failure) state.SkipWithError(failure->message().c_str());
        benchmark::DoNotOptimize(result);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(answer.body.size()));
}

void decode_create(benchmark::State& state) {
    decode<es::block_sender>(state, answer_of(entry_text(1)));
}
BENCHMARK(decode_create);

void decode_page_of_1000(benchmark::State& state) {
    std::string entries;
    for (int n = 0; n < page_size; ++n) {
        entries += n == 0 ? '[' : ',';
        entries += entry_text(n);
    }
    entries += ']';
    decode<std::vector<es::block_sender>>(state, answer_of(std::move(entries)));
}
BENCHMARK(decode_page_of_1000)->Unit(benchmark::kMillisecond);

es::new_block_sender new_entry(int n) {
    es::new_block_sender entry{pattern_number(n), es::pattern_type::domain};
    entry.comments("seen in the feed of the day");
    return entry;
}

void encode_create(benchmark::State& state) {
    auto const entry = new_entry(1);
    for (auto _ : state) benchmark::DoNotOptimize(wire::to_json(entry));
}
BENCHMARK(encode_create);

void encode_batch_of_1000(benchmark::State& state) {
    es::block_senders::batch_request changes;
    for (int n = 0; n < page_size; ++n) changes.create(new_entry(n));
    for (auto _ : state) benchmark::DoNotOptimize(wire::to_json(changes));
}
BENCHMARK(encode_batch_of_1000)->Unit(benchmark::kMillisecond);

}  // namespace
