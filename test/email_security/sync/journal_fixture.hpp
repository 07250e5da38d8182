#pragma once

#include "email_security/sync/owner_marks.hpp"
#include "fixture.hpp"
#include "support/list_contents.hpp"
#include "support/program.hpp"

#include <cloudflare/email_security/journal.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test {

namespace json = boost::json;

/// A journal in memory, which tells of each call.
class kept_journal final : public es::journal_sink {
public:
    cf::result<void> append(std::string_view lines) override {
        if (auto const failed = ask("append")) return *failed;
        text += lines;
        return {};
    }
    cf::result<void> flush() override {
        if (auto const failed = ask("flush")) return *failed;
        flushed = text.size();
        return {};
    }

    /// The lines so far.
    std::vector<json::object> lines() const {
        std::vector<json::object> all;
        std::istringstream in{text};
        for (std::string line; std::getline(in, line);) {
            all.push_back(json::parse(line).as_object());
        }
        return all;
    }
    /// The member of a line that says what it is.
    static std::string kind_of(json::object const& line) {
        return line.contains("format") ? "header" : std::string{line.begin()->key()};
    }
    std::vector<std::string> kinds() const {
        std::vector<std::string> all;
        for (auto const& each : lines()) all.push_back(kind_of(each));
        return all;
    }

    std::string text;
    std::size_t flushed = 0;
    /// Before each call, whose name it is given; what it returns is the failure.
    std::function<std::optional<cf::error>(std::string_view)> on_call;

private:
    std::optional<cf::error> ask(std::string_view what) {
        return on_call ? on_call(what) : std::nullopt;
    }
};

/// Comments as a sync of the owner writes them.
inline std::string marked(std::string const& text) {
    return es::created_comments(text, "me", {});
}

/// A list whose texts in front of the owner's mark are such comments.
inline std::string as_synced(std::string const& list) {
    constexpr std::string_view mark = " [owner:me]";
    auto entries = json::parse(list);
    for (auto& each : entries.as_array()) {
        for (auto& member : each.as_object()) {
            auto* const text = member.value().if_string();
            if (!text || !text->ends_with(mark)) continue;
            *text = marked(std::string{text->begin(), text->end() - mark.size()});
        }
    }
    return json::serialize(entries);
}

struct journal_fixture : fixture {
    using fixture::fixture;

    std::vector<std::string> contents(std::string const& collection = "block_senders") const {
        return contents_of(server.entries(account, collection));
    }

    template <class Traits = es::block_senders_traits>
    cf::result<es::sync_journal> load(std::string const& text) {
        return es::load_journal<Traits>(files.file("journal.jsonl", text));
    }

    /// Plans to undo a journal, and does it.
    template <class Traits>
    es::sync_report undo(cf::collection<Traits> const& where, std::string const& text,
                         es::sync_options options = {}) {
        auto journal = load<Traits>(text);
        BOOST_TEST_REQUIRE(!journal.has_error());
        return undo_all_of(where, *journal, std::move(options));
    }
    template <class Traits>
    es::sync_report undo_all_of(cf::collection<Traits> const& where, es::sync_journal of,
                                es::sync_options options = {}) {
        return run(context, undo_all(where, std::move(of), std::move(options)));
    }
    es::sync_report undo(std::string const& text, es::sync_options options = {}) {
        return undo<es::block_senders_traits>(blocked(), text, std::move(options));
    }

    scratch files;

private:
    template <class Traits>
    static asio::awaitable<es::sync_report> undo_all(cf::collection<Traits> where,
                                                     es::sync_journal of,
                                                     es::sync_options options) {
        auto planning = es::plan_undo(where, std::move(of), options);
        auto plan = co_await std::move(planning);
        if (!plan) {
            es::sync_report report;
            report.failure = plan.error();
            co_return report;
        }
        auto applying = es::apply(where, std::move(*plan), std::move(options));
        co_return co_await std::move(applying);
    }
};

}  // namespace test
