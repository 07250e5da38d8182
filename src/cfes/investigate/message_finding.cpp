#include "investigate/message_finding.hpp"

#include "tally.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string_view>
#include <utility>

namespace cfes {

namespace {

using clock = std::chrono::steady_clock;

/// Between two questions whether a search that takes longer has come to its end.
constexpr auto poll_interval = std::chrono::seconds{1};

}  // namespace

asio::awaitable<cf::result<std::optional<es::message_page>>> next_page(session const& with,
                                                                       es::message_search& pages) {
    auto const deadline = clock::now() + with.timeout();
    asio::steady_timer timer{co_await asio::this_coro::executor};
    for (;;) {
        auto next = co_await pages.next();
        if (!next || !*next || !(*next)->is_pending) co_return std::move(next);
        if (clock::now() + poll_interval > deadline) {
            co_return cf::error{cf::errc::timed_out, "the search is still going on"};
        }
        timer.expires_after(poll_interval);
        boost::system::error_code ec;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        if (ec) co_return cf::error{cf::errc::cancelled, {}};
    }
}

asio::awaitable<cf::result<std::vector<es::message>>> find_messages(session const& with,
                                                                    es::message_filter which) {
    which.per_page(cf::max_page_size);
    es::investigate const where{with.client(), with.account_id()};
    auto pages = where.search(std::move(which));
    std::vector<es::message> found;
    for (;;) {
        auto reading = next_page(with, pages);
        auto next = co_await std::move(reading);
        if (!next) co_return next.error();
        if (!*next) break;
        auto& items = (*next)->items;
        found.insert(found.end(), std::make_move_iterator(items.begin()),
                     std::make_move_iterator(items.end()));
    }
    co_return std::move(found);
}

std::string describe(es::message const& one) {
    auto text = one.id.text();
    if (one.from) text += "  from " + *one.from;
    if (one.subject) text += "  '" + *one.subject + '\'';
    return text;
}

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Whether it is an id in the API's own form, `POSTFIX_ID-2026-11-27T05:37:58-12345678`.
bool is_investigate_id(std::string_view text) {
    constexpr std::string_view form = "-0000-00-00T00:00:00-";
    auto const last = text.find_last_not_of("0123456789");
    if (last == std::string_view::npos || last + 1 == text.size()) return false;
    if (last + 1 < form.size() + 1) return false;
    auto const middle = text.substr(last + 1 - form.size(), form.size());
    return std::ranges::equal(middle, form,
                              [](char c, char f) { return f == '0' ? is_digit(c) : c == f; });
}

/// A text that was shortened in the middle for a narrow terminal: what is left of it.
struct shortened {
    std::string begin;
    std::string end;

    bool fits(std::string_view text) const {
        return text.size() > begin.size() + end.size() && text.starts_with(begin) &&
               text.ends_with(end);
    }
};

std::optional<shortened> read_shortened(std::string const& text) {
    for (std::string_view const mark : {"…", "..."}) {
        auto const at = text.find(mark);
        if (at == std::string::npos || at == 0) continue;
        return shortened{text.substr(0, at), text.substr(at + mark.size())};
    }
    return std::nullopt;
}

/// Without what encloses a Message-ID.
std::string_view bare(std::string_view text) {
    if (text.starts_with('<') && text.ends_with('>')) return text.substr(1, text.size() - 2);
    return text;
}

bool is_named(es::message const& one, std::string const& text) {
    auto const is_it = [&text](std::optional<std::string> const& field) { return field == text; };
    if (one.message_id && bare(*one.message_id) == bare(text)) return true;
    return one.id.text() == text || one.postfix_id == text || is_it(one.postfix_id_outbound) ||
           is_it(one.alert_id);
}

/// The only one of those that were found.
cf::result<es::message> only_message(std::vector<es::message> found) {
    auto const by_id = [](es::message const& one) { return one.id; };
    std::ranges::sort(found, {}, by_id);
    auto const same = std::ranges::unique(found, {}, by_id);
    found.erase(same.begin(), same.end());
    if (found.size() == 1) return std::move(found.front());
    constexpr std::size_t most_named = 5;
    std::string ids;
    for (std::size_t i = 0; i != std::min(found.size(), most_named); ++i) {
        ids += (ids.empty() ? "" : ", ") + found[i].id.text();
    }
    if (found.size() > most_named) ids += ", …";
    return cf::error{cf::errc::conflict,
                     std::to_string(found.size()) + " messages have this id: give one of " + ids};
}

using maybe_message = cf::result<std::optional<es::message>>;

/// What a search finds of those that have the name; empty when it finds none.
template <class IsNamed>
asio::awaitable<maybe_message> search_for(session const& with, es::message_filter which,
                                          IsNamed is_it) {
    which.detections_only(false);
    auto finding = find_messages(with, std::move(which));
    auto found = co_await std::move(finding);
    if (!found) co_return found.error();
    std::erase_if(*found, [&is_it](es::message const& each) { return !is_it(each); });
    if (found->empty()) co_return std::optional<es::message>{};
    auto one = only_message(std::move(*found));
    if (!one) co_return one.error();
    co_return std::optional{std::move(*one)};
}

/// By all that the API's search can look for.
asio::awaitable<maybe_message> search_by_name(session const& with, std::string text) {
    std::vector<es::message_filter> searches;
    auto const cut = read_shortened(text);
    if (cut) {
        searches.push_back(es::message_filter{}.query(cut->begin));
    } else if (text.find('@') != std::string::npos || text.starts_with('<')) {
        searches.push_back(es::message_filter{}.message_id('<' + std::string{bare(text)} + '>'));
        searches.push_back(es::message_filter{}.message_id(std::string{bare(text)}));
    } else {
        searches.push_back(es::message_filter{}.alert_id(text));
        searches.push_back(es::message_filter{}.query(text));
    }
    auto const is_it = [cut, text](es::message const& one) {
        return cut ? cut->fits(one.id.text()) : is_named(one, text);
    };
    for (auto& each : searches) {
        auto searching = search_for(with, std::move(each), is_it);
        auto found = co_await std::move(searching);
        if (!found || *found) co_return std::move(found);
    }
    co_return std::optional<es::message>{};
}

asio::awaitable<cf::result<es::message>> read_message(session const& with, cf::identifier id,
                                                      message_store in) {
    es::investigate const from{with.client(), with.account_id()};
    bool const is_submitted = in == message_store::submitted;
    auto reading = is_submitted ? from.get_submitted(std::move(id)) : from.get(std::move(id));
    co_return co_await std::move(reading);
}

/// Whether the text can be asked for as an id: a Message-ID cannot.
bool may_be_id(std::string const& text) {
    return text.find_first_of("@<>/\\ ") == std::string::npos && !read_shortened(text) &&
           cf::check_identifier(cf::identifier{text});
}

/// Finds a message by another name than the API's own.
asio::awaitable<cf::result<es::message>> find_by_name(session const& with, std::string text,
                                                      message_store in) {
    cf::error missing{cf::errc::not_found, "no message of the last 30 days has this id"};
    if (may_be_id(text)) {
        auto reading = read_message(with, cf::identifier{text}, in);
        auto got = co_await std::move(reading);
        if (got) co_return std::move(got);
        auto const code = got.error().code();
        // What is no id to the API is refused by some and not found by others.
        bool const is_unknown = code == cf::errc::not_found || code == cf::errc::request_rejected;
        if (!is_unknown) co_return std::move(got);
        if (code == cf::errc::not_found) missing = got.error();
    }
    auto searching = search_by_name(with, text);
    auto found = co_await std::move(searching);
    if (!found) co_return found.error();
    if (!*found) co_return std::move(missing);
    co_return std::move(**found);
}

}  // namespace

asio::awaitable<cf::result<cf::identifier>> find_message_id(session const& with, std::string text,
                                                            message_store in) {
    if (is_investigate_id(text)) co_return cf::identifier{std::move(text)};
    auto finding = find_by_name(with, std::move(text), in);
    auto found = co_await std::move(finding);
    if (!found) co_return found.error();
    co_return std::move(found->id);
}

asio::awaitable<cf::result<es::message>> find_message(session const& with, std::string text) {
    auto const in = message_store::scanned;
    bool const is_id = is_investigate_id(text);
    auto finding =
        is_id ? read_message(with, cf::identifier{text}, in) : find_by_name(with, text, in);
    co_return co_await std::move(finding);
}

int complain_about_id(session const& with, cf::error const& why) {
    bool const is_missing = why.code() == cf::errc::not_found;
    return complain_about(with, why, is_missing ? forms_of_ids : "");
}

std::shared_ptr<std::string> add_message(CLI::App& verb) {
    return add_id(verb, "The message: its id, postfix_id, alert_id or Message-ID");
}

std::string to_message(std::string const& text) {
    if (text == "-") throw usage_error("this takes one id, and none from stdin");
    return read_names({text}).all.front();
}

asio::awaitable<found_ids> find_message_ids(session const& with, given_names names) {
    found_ids made;
    tally ended{with, false};
    bool is_missing = false;
    std::size_t left = names.all.size();
    for (auto const& each : names.all) {
        --left;
        auto finding = find_message_id(with, each);
        auto const id = co_await std::move(finding);
        if (id) {
            bool const is_known = std::ranges::find(made.ids, *id) != made.ids.end();
            if (!is_known) made.ids.push_back(*id);
            continue;
        }
        if (names.is_one) {
            made.status = complain_about_id(with, id.error());
            co_return made;
        }
        is_missing = is_missing || id.error().code() == cf::errc::not_found;
        ended.fail(each, id.error());
        if (!ended.may_go_on()) break;
    }
    made.status = ended.status();
    if (made.status == done) co_return made;
    ended.leave(left);
    if (is_missing) complain(forms_of_ids);
    complain("nothing was done with the others");
    co_return made;
}

asio::awaitable<cf::result<std::string>> find_alert_id(session const& with, std::string text) {
    bool const is_other = is_investigate_id(text) || !may_be_id(text);
    // An alert's id has parts; what has none may be a postfix_id.
    bool const may_be_other = text.find('-') == std::string::npos;
    if (!is_other && !may_be_other) co_return std::move(text);
    auto finding = find_message(with, text);
    auto const found = co_await std::move(finding);
    if (!found) {
        bool const is_unknown = !is_other && found.error().code() == cf::errc::not_found;
        if (is_unknown) co_return std::move(text);
        co_return found.error();
    }
    if (found->alert_id) co_return *found->alert_id;
    co_return cf::error{cf::errc::conflict,
                        "nothing was detected in the message: submissions report-missed is for it"};
}

}  // namespace cfes
