#include "../body.hpp"
#include "../text.hpp"
#include "mail.hpp"
#include "paging.hpp"
#include "search.hpp"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>
#include <boost/url/params_ref.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cloudflare::inline v0::simulator {

namespace json = boost::json;

namespace {

/// A word in a search's `query` that makes the search slow; it selects nothing by itself.
constexpr std::string_view slow_word = "simulate-slow";
/// How many times a slow search says that it is not ready.
constexpr std::uint64_t slow_polls = 2;

// A transparent pixel.
constexpr std::string_view picture =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5E"
    "rkJggg==";

/// Answers from the message that the path names.
template <class Answer>
reply with_message(mail_context& c, call const& asked, Answer answer) {
    message const* const m = c.box.find(asked.arguments.front());
    return m ? answer(*m) : no_such_message();
}

/// The same, for what there is of a message only when it is a detection.
template <class Answer>
reply with_detection(mail_context& c, call const& asked, Answer answer) {
    return with_message(c, asked, [&](message const& m) {
        return m.benign() ? failure(404, 10404, "the message is benign") : answer(m);
    });
}

/// A cursor is a word and a number, `from-20`; clients have no business with that.
struct cursor {
    std::uint64_t first = 0;
    std::uint64_t polls = 0;
};

std::optional<cursor> read_cursor(std::string_view text) {
    cursor result;
    bool const waits = text.starts_with("poll-");
    if (!waits && !text.starts_with("from-")) return std::nullopt;
    auto const number = to_number<std::uint32_t>(text.substr(5));
    if (!number) return std::nullopt;
    (waits ? result.polls : result.first) = *number;
    return result;
}

/// Says that a search goes on, and where to ask for it again. Only who follows the address gets to
/// the end.
reply not_ready(call const& asked, std::uint64_t polls, std::uint64_t per_page) {
    boost::urls::url where(*boost::urls::parse_origin_form(asked.asked.target));
    where.params().set("cursor", "poll-" + std::to_string(polls + 1));
    reply answer = success(json::array(), cursor_info(0, per_page), 202);
    answer.headers.emplace_back("Location", where.buffer());
    return answer;
}

}  // namespace

reply no_such_message() {
    return failure(404, 10404, "there is no message with this id");
}

reply search_messages(mail_context c, call const& asked) {
    problems found;
    parameters const given(asked.query, found);
    message_search wanted = read_search(given, search_form::query, c.now);
    std::uint64_t const per_page = read_per_page(given);
    std::uint64_t const page = read_page(given);
    std::optional<cursor> at;
    if (auto const text = given.text("cursor"); text && !text->empty()) {
        at = read_cursor(*text);
        if (!at) given.refuse("cursor", "has an invalid value");
    }
    if (!found.empty()) return failure(found.list());

    bool const slow = std::erase(wanted.words, slow_word) != 0;
    std::uint64_t const polls = at ? at->polls : 0;
    if (slow && (!at || polls != 0) && polls < slow_polls) {
        return not_ready(asked, polls, per_page);
    }

    std::vector<message const*> matching;
    for (message const& m : c.box.messages) {
        if (matches(wanted, m, c.now)) matching.push_back(&m);
    }
    window shown = page_window(page, per_page);
    if (at) shown.first = static_cast<std::size_t>(at->first);
    json::array result = render_window(matching, shown, render_details);
    json::object info = cursor_info(result.size(), per_page);
    std::size_t const end = shown.first + result.size();
    if (!result.empty() && end < matching.size()) info["next"] = "from-" + std::to_string(end);
    if (shown.first != 0 && shown.first < matching.size()) {
        std::size_t const before = shown.first - std::min(shown.first, shown.count);
        info["previous"] = "from-" + std::to_string(before);
    }
    return success(std::move(result), std::move(info));
}

reply get_message(mail_context c, call const& asked) {
    problems found;
    bool const submitted = parameters(asked.query, found).flag("submission").value_or(false);
    if (!found.empty()) return failure(found.list());
    message const* const m = c.box.find(asked.arguments.front(), submitted);
    return m ? success(render_details(*m)) : no_such_message();
}

reply get_action_log(mail_context c, call const& asked) {
    problems found;
    parameters const given(asked.query, found);
    std::uint64_t const per_page = read_per_page(given);
    std::uint64_t const page = read_page(given);
    if (!found.empty()) return failure(found.list());
    return with_message(c, asked, [&](message const& m) {
        std::vector<message_action const*> all;
        for (message_action const& a : m.actions) all.push_back(&a);
        json::array result = render_window(all, page_window(page, per_page), render_action);
        json::object info = page_info(result.size(), page, per_page, all.size());
        return success(std::move(result), std::move(info));
    });
}

reply get_detections(mail_context c, call const& asked) {
    return with_detection(c, asked, [](message const& m) { return success(render_detections(m)); });
}

reply get_raw(mail_context c, call const& asked) {
    return with_detection(c, asked, [](message const& m) {
        return success(json::object{{"raw", render_raw(m)}});
    });
}

reply get_trace(mail_context c, call const& asked) {
    return with_message(c, asked, [](message const& m) { return success(render_trace(m)); });
}

reply get_preview(mail_context c, call const& asked) {
    return with_detection(c, asked, [](message const&) {
        return success(json::object{{"screenshot", picture}});
    });
}

reply create_preview(mail_context c, call const& asked) {
    problems found;
    json::value const body = parse_object(asked.asked.body, {}, found);
    if (!found.empty()) return failure(found.list());
    json::object const& given = body.get_object();
    bool const is_former =
        c.takes_former_bodies && !given.contains("id") && given.contains("postfix_id");
    std::string const name = is_former ? "postfix_id" : "id";
    json::value const* const value = given.if_contains(name);
    auto const* const id = value ? value->if_string() : nullptr;
    if (!id) {
        found.add(400, name + (value ? " must be a string" : " is required"), '/' + name);
        return failure(found.list());
    }
    message* const m = is_former ? c.box.find_by_postfix_id(*id) : c.box.find(*id);
    if (!m) return no_such_message();
    m->actions.push_back({.operation = "PREVIEW", .when = c.now});
    return success(json::object{{"screenshot", picture}});
}

}  // namespace cloudflare::inline v0::simulator
