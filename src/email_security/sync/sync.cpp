#include <cloudflare/detail/pattern_index.hpp>
#include <cloudflare/detail/sync/batches.hpp>
#include <cloudflare/detail/sync/options.hpp>
#include <cloudflare/detail/validation.hpp>

#include <boost/algorithm/string/split.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace cloudflare::email_security {

namespace asio = boost::asio;

namespace {

constexpr std::string_view mark_begin = "[owner:";
constexpr std::size_t max_owner_size = 64;

bool is_owner_name(std::string_view text) {
    auto const fits = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '.' || c == '_' || c == '-';
    };
    return !text.empty() && text.size() <= max_owner_size && std::ranges::all_of(text, fits);
}

struct parted_comments {
    std::string text;
    std::vector<std::string> owners;
};

/// Tells marks from text. A blank that stood before a mark goes with it.
parted_comments part(std::string_view comments) {
    parted_comments parts;
    std::size_t kept = 0;
    for (std::size_t at = 0; (at = comments.find(mark_begin, at)) != std::string_view::npos;) {
        auto const name = at + mark_begin.size();
        auto const end = comments.find(']', name);
        if (end == std::string_view::npos) break;
        auto const owner = comments.substr(name, end - name);
        if (!is_owner_name(owner)) {
            at = name;
            continue;
        }
        parts.owners.emplace_back(owner);
        parts.text += comments.substr(kept, at - kept);
        if (parts.text.ends_with(' ')) parts.text.pop_back();
        at = kept = end + 1;
    }
    parts.text += comments.substr(kept);
    return parts;
}

std::string join(parted_comments const& parts) {
    auto joined = parts.text;
    for (auto const& owner : parts.owners) {
        if (!joined.empty()) joined += ' ';
        joined.append(mark_begin).append(owner).append("]");
    }
    return joined;
}

wire::field const* find_named(std::span<wire::field const> fields, std::string_view name) {
    for (auto const& each : fields) {
        if (!each.is_deprecated && each.name == name) return &each;
    }
    return nullptr;
}

/// The elements of a list, of which the order does not matter.
std::vector<std::string> in_order(std::string const& list) {
    std::vector<std::string> elements;
    boost::algorithm::split(elements, list, [](char c) { return c == ','; });
    std::ranges::sort(elements);
    return elements;
}

/// Members are only read through the address.
void const* address(wire::field const& which, void const* object) {
    return which.address(const_cast<void*>(object));
}

}  // namespace

std::string with_owner(std::string_view comments, std::string_view owner) {
    auto parts = part(comments);
    if (std::ranges::find(parts.owners, owner) != parts.owners.end()) return std::string{comments};
    parts.owners.emplace_back(owner);
    return join(parts);
}

std::string with_text(std::string_view comments, std::string_view wanted) {
    auto parts = part(comments);
    parts.text = text_of(wanted);
    return join(parts);
}

std::string text_of(std::string_view comments) {
    return part(comments).text;
}

bool is_owned_by(std::string_view comments, std::string_view owner) {
    auto const owners = part(comments).owners;
    return !owners.empty() &&
           std::ranges::all_of(owners, [owner](std::string const& each) { return each == owner; });
}

std::uint32_t differing_fields(std::span<wire::field const> item_fields, void const* item,
                               std::uint32_t given, std::span<wire::field const> model_fields,
                               void const* model) {
    std::uint32_t differing = 0;
    for (std::size_t i = 0; i != item_fields.size() && i < 32; ++i) {
        auto const& wanted = item_fields[i];
        if (is_key_field(wanted.name) || (given & (1U << i)) == 0) continue;
        auto const* const there = find_named(model_fields, wanted.name);
        if (!there) continue;
        auto const now = wire::to_text(*there->how, address(*there, model));
        auto const then = wire::to_text(*wanted.how, address(wanted, item));
        // Where null is a value, what is absent is null.
        bool const is_told =
            there->how->is_present(address(*there, model)) || wanted.how->can_be_null();
        bool const differs = wanted.name == "comments" ? text_of(now) != text_of(then)
                             : wanted.how->is_list()   ? in_order(now) != in_order(then)
                                                       : is_told && now != then;
        if (differs) differing |= 1U << i;
    }
    return differing;
}

void copy_some_fields(std::uint32_t which, std::span<wire::field const> from, void const* source,
                      std::span<wire::field const> to, void* target) {
    for (std::size_t i = 0; i != from.size() && i < 32; ++i) {
        if ((which & (1U << i)) != 0) copy_fields(from.subspan(i, 1), source, to, target);
    }
}

result<void> sync_options::validate() const {
    if (!owner_.empty() && !is_owner_name(owner_)) {
        return invalid_field("owner", "must be 1 to 64 letters, digits, '.', '_' or '-'");
    }
    if (prune_ && owner_.empty()) {
        return invalid_field("prune", "needs an owner: only what is the owner's is deleted");
    }
    if (auto const valid = check_range("max_delete_percent", max_delete_percent_, 0, 100); !valid) {
        return valid;
    }
    if (auto const valid = check_range("max_rejected_percent", max_rejected_percent_, 0, 100);
        !valid) {
        return valid;
    }
    if (min_entries_ < 0) return invalid_field("min_entries", "must not be negative");
    if (max_delete_.value_or(0) < 0) return invalid_field("max_delete", "must not be negative");
    if (max_create_.value_or(0) < 0) return invalid_field("max_create", "must not be negative");
    if (batch_size_ < 1 || batch_size_ > 1000) {
        return invalid_field("batch_size", "must be from 1 to 1000");
    }
    if (concurrency_ < 1) return invalid_field("concurrency", "must be at least 1");
    return {};
}

sync_report unplanned(sync_report report, error why) {
    report.left = std::exchange(report.created, 0) + std::exchange(report.updated, 0) +
                  std::exchange(report.deleted, 0);
    report.failure = std::move(why);
    return report;
}

bool is_cancellation(boost::system::system_error const& thrown) {
    return thrown.code() == asio::error::operation_aborted;
}

asio::awaitable<void> wait_for(std::chrono::milliseconds time) {
    asio::steady_timer timer{co_await asio::this_coro::executor, time};
    co_await timer.async_wait(asio::use_awaitable);
}

sync_clock::sync_clock(client const& of) : client_{of}, before_{of.metrics()} {}

sync_clock::sync_clock(client const& of, sync_report const& before)
    : client_{of},
      before_{of.metrics()},
      requests_before_{before.requests},
      retries_before_{before.retries},
      throttled_before_{before.throttled},
      elapsed_before_{before.elapsed_ms} {}

std::int64_t sync_clock::requests() const {
    return requests_before_ +
           static_cast<std::int64_t>(client_.metrics().requests - before_.requests);
}

void sync_clock::stop(sync_report& report) const {
    using std::chrono::duration_cast;
    using std::chrono::milliseconds;
    auto const now = client_.metrics();
    report.requests = requests();
    report.retries = retries_before_ + static_cast<std::int64_t>(now.retries - before_.retries);
    report.throttled =
        throttled_before_ + static_cast<std::int64_t>(now.throttled - before_.throttled);
    auto const here = duration_cast<milliseconds>(std::chrono::steady_clock::now() - start_);
    report.elapsed_ms = (elapsed_before_ + here).count();
}

}  // namespace cloudflare::email_security
