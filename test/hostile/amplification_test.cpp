#include "harness.hpp"
#include "program.hpp"

#include <string>
#include <string_view>
#include <vector>

/// However an answer is made, what it becomes in memory is in proportion to its size.

namespace {

struct row {
    char const* name;
    char const* call;
    char const* status;
    char const* front;
    char const* part;
    char const* back;
    char const* becomes;  ///< part of what the caller is told
};

constexpr auto list = R"({"success":true,"result":[)";
constexpr auto too_large = "response too large";

std::vector<row> const rows{
    {"empty messages", "search", "200", list, "{},", "]}", too_large},
    {"empty entries", "list", "200", list, "{},", "]}", too_large},
    {"entries that are null", "list", "200", list, "null,", "]}", too_large},
    {"a result that is a list, first of the envelope", "search", "200", R"({"result":[)", "{},",
     R"(],"success":true})", too_large},
    {"a list of a refusal", "search", "200", R"({"result":[)", "{},", R"(],"success":false})",
     "request rejected"},
    {"empty findings of one message", "search", "200",
     R"({"success":true,"result":[{"id":"1","findings":[)", "{},", "]}]}", too_large},
    {"empty recipients of one message", "search", "200",
     R"({"success":true,"result":[{"id":"1","client_recipients":[)", R"("",)", "]}]}", too_large},
    {"short recipients of one message", "search", "200",
     R"({"success":true,"result":[{"id":"1","client_recipients":[)", R"("a@b.example.org",)",
     "]}]}", too_large},
    {"empty links", "detections", "200", R"({"success":true,"result":{"links":[)", "{},", "]}}",
     too_large},
    {"moved messages", "move", "200", list, "{},", "]}", too_large},
    {"deletes", "batch", "200", R"({"success":true,"result":{"deletes":[)", "{},", "]}}",
     too_large},
    {"posts", "batch", "200", R"({"success":true,"result":{"posts":[)", "{},", "]}}", too_large},
    {"results after results", "list", "200", R"({"success":true,)", R"("result":[{},{}],)",
     R"(,"x":1})", ""},
    {"months", "report", "200", R"({"success":true,"result":{"by_month":{"":[]},"by_month":{)",
     R"("2026-10":[{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}],)",
     R"(,"x":[]}}})", too_large},
    {"empty errors", "create", "400", R"({"success":false,"errors":[)", "{},", "]}",
     "request rejected"},
    {"errors", "list", "500", R"({"success":false,"errors":[)",
     R"({"code":1,"message":"abcdefghijklmnopqrstuvwxyz","source":{"pointer":"/a/b/c/d/e/f/g/h"}},)",
     "]}", "server error"},
    {"empty messages of a success", "get", "200", R"({"success":true,"result":{},"messages":[)",
     "{},", "]}", "ok"},
    {"an error of many letters", "get", "400", R"({"success":false,"errors":[{"message":")",
     "abcdefgh", R"("}]})", "request rejected"},
    {"an error of many escapes", "get", "400", R"({"success":false,"errors":[{"message":")",
     R"(a\nb)", R"("}]})", "request rejected"},
    {"a pattern of many letters", "get", "200", R"({"success":true,"result":{"pattern":")",
     "abcdefgh", R"("}})", "ok"},
    {"a pattern of many letters after an escape", "get", "200",
     R"({"success":true,"result":{"pattern":"\n)", "abcdefgh", R"("}})", "ok"},
    {"a message as it was sent", "raw", "200", R"({"success":true,"result":{"raw":")", "abcdefgh",
     R"("}})", "ok"},
    {"many escapes", "raw", "200", R"({"success":true,"result":{"raw":")", R"(\u00e4\n)", R"("}})",
     "ok"},
    {"members that nobody knows", "get", "200", R"({"success":true,"result":{)", R"("x":{"y":[]},)",
     R"(,"id":"1"}})", "ok"},
    {"a name of many letters", "get", "200", R"({"success":true,"result":{")", "abcdefgh",
     R"(":1}})", "ok"},
    {"a number of many digits", "get", "200", R"({"success":true,"result":{"x":1)", "1234567890",
     R"(}})", "ok"},
    {"blanks", "get", "200", R"({"success":true,"result":{}})", "        ", "", "ok"},
    {"no JSON", "get", "200", "", "abcdefgh", "", "malformed"},
    {"HTML", "get", "502", "<html>", "<p>abcdefgh</p>", "", "server error"},
};

struct came_to {
    std::string told;
    long peak_kib = 0;
};

came_to run(row const& of, std::size_t size, std::vector<std::string> more = {}) {
    std::vector<std::string> command{AMPLIFIED_CLIENT, of.call, of.status,           of.front,
                                     of.part,          of.back, std::to_string(size)};
    command.insert(command.end(), more.begin(), more.end());
    test::program one{command};
    came_to got;
    got.told = one.read_line();
    auto const peak = one.read_line();
    got.peak_kib = peak.empty() ? 0 : std::stol(peak);
    BOOST_TEST(one.wait() == 0);
    return got;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(amplification)

BOOST_AUTO_TEST_CASE(memory_is_in_proportion_to_the_answer) {
    constexpr std::size_t mib = 1024 * 1024;
    for (auto const size : {mib, 16 * mib, 64 * mib}) {
        for (auto const& each : rows) {
            BOOST_TEST_CONTEXT(each.name << ", " << size / mib << " MiB") {
                auto const got = run(each, size);
                auto const bound = static_cast<long>((4 * size + 32 * mib) / 1024);
                BOOST_TEST(got.peak_kib > 0);
                BOOST_TEST(got.peak_kib <= bound);
                // A megabyte may be within the bounds of what any answer may become.
                auto const is_refused = std::string_view{each.becomes} == too_large;
                if (is_refused && size == mib) continue;
                BOOST_TEST(got.told.find(each.becomes) != std::string::npos, got.told);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(the_deadline_is_looked_at_while_an_answer_is_read) {
    // The time is over long before so much can be read, however fast the machine is.
    for (auto const& each : rows) {
        if (each.call != std::string_view{"get"} || each.status != std::string_view{"200"})
            continue;
        // Blanks are skipped faster than anything can be read.
        if (each.name == std::string_view{"no JSON"}) continue;
        if (each.name == std::string_view{"blanks"}) continue;
        BOOST_TEST_CONTEXT(each.name) {
            auto const got = run(each, std::size_t{32} * 1024 * 1024, {"1"});
            BOOST_TEST(got.told.find("timed out") != std::string::npos, got.told);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
