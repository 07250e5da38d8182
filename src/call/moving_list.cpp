#include "call/counted_reading.hpp"
#include "call/oldest_first_reading.hpp"
#include "memory/keyed_hash.hpp"

#include <cloudflare/detail/moving_list.hpp>
#include <cloudflare/detail/whole_list.hpp>
#include <cloudflare/pager.hpp>

#include <algorithm>
#include <string>
#include <utility>

// What holds of a list that others change while it is read, and why.
//
// Given: each answer shows the list as it was at one moment between its request and its arrival, or
// a constant time before; a server's view of it never goes back. Identifiers do not come back.
// Nothing is assumed of counts: they may lag, or lack. Wanted: every entry that was there from the
// first request to the last answer (a *lasting* one) was read. `t(X)` is the moment of page X.
//
// `oldest_first_reading` and `counted_reading` say how, and have the arguments: the one where the
// order of the list tells it, the other where it does not.
namespace cloudflare::inline v0::detail {

namespace {

/// How often a server may lower the length of its pages.
constexpr int max_plans = 8;

}  // namespace

class moving_list::rule {
public:
    explicit rule(list_facts const& facts) : facts_{facts}, counted_{facts.is_oldest_first, seen_} {
        start(max_page_size);
    }

    bool is_done() const { return stage_ == stage::done; }
    key_list last() const {
        if (!facts_.is_oldest_first) return {};
        if (!ordered_) return only_page_;
        return ordered_->is_shuffled() ? key_list{} : ordered_->last();
    }
    std::optional<std::int64_t> total_count() const { return total_; }

    std::optional<list_page> next() {
        std::optional<list_page> made;
        if (stage_ == stage::first) {
            made = std::exchange(first_page_, std::nullopt);
        } else if (stage_ == stage::oldest_first) {
            made = ordered_->next();
        } else if (stage_ == stage::counted) {
            made = counted_.next();
        }
        if (made) made->plan = plan_;
        return made;
    }

    std::optional<error> take(list_page const& asked, key_list keys, page_info const& info,
                              std::vector<bool>& known) {
        known.clear();
        for (auto const each : keys) known.push_back(!seen_.insert(each).second);
        if (asked.plan != plan_) return std::nullopt;
        if (auto const lower = lowered_size(asked, keys, info)) {
            if (plan_ == max_plans) {
                return error{errc::malformed_response, "the pages get shorter and shorter"};
            }
            start(*lower);
            return std::nullopt;
        }
        if (asked.first() > max_list_pages * size_) {
            return error{errc::malformed_response, "the list does not end"};
        }
        page_keys got{asked.first(), std::move(keys)};
        if (stage_ == stage::first) return take_first(std::move(got), info);
        if (stage_ == stage::oldest_first) return take_ordered(asked, std::move(got), known);
        if (stage_ != stage::counted) return std::nullopt;
        auto failed = counted_.take(got, known);
        if (counted_.is_done()) stage_ = stage::done;
        return failed;
    }

private:
    enum class stage { first, oldest_first, counted, done };

    void start(std::int64_t size) {
        ++plan_;
        size_ = size;
        ordered_.reset();
        stage_ = stage::first;
        first_page_ = page_with(0, size_);
    }

    /// The length of the server's pages, where it is less than was asked for.
    std::optional<std::int64_t> lowered_size(list_page const& asked, key_list const& keys,
                                             page_info const& info) const {
        auto const count = static_cast<std::int64_t>(keys.size());
        // Of the first page it is no surprise.
        if (stage_ == stage::first || !info.per_page || *info.per_page >= asked.size) {
            return std::nullopt;
        }
        auto const lower = std::max({*info.per_page, count, std::int64_t{1}});
        return lower < std::min(size_, asked.size) ? std::optional{lower} : std::nullopt;
    }

    std::optional<error> take_first(page_keys got, page_info const& info) {
        if (!total_ && facts_.is_counted) total_ = info.total_count;
        auto const full = full_page_size(info, size_, got.count());
        size_ = std::min(size_, std::max({full, got.count(), std::int64_t{1}}));
        if (total_ && (*total_ < 0 || *total_ > max_list_pages * size_)) {
            return error{errc::malformed_response,
                         "/result_info/total_count is " + std::to_string(*total_)};
        }
        if (got.count() < size_) {
            only_page_ = std::move(got.keys);
            stage_ = stage::done;
            return std::nullopt;
        }
        counted_.restart(size_);
        auto const length = total_.value_or(0);
        if (!facts_.is_oldest_first) {
            stage_ = stage::counted;
            return counted_.read_after_first(length);
        }
        ordered_.emplace(std::move(got), size_, length, facts_.concurrency, seen_);
        stage_ = stage::oldest_first;
        return std::nullopt;
    }

    std::optional<error> take_ordered(list_page const& asked, page_keys got,
                                      std::vector<bool> const& known) {
        auto failed = ordered_->take(asked, std::move(got), known);
        if (failed || !ordered_->is_done()) return failed;
        if (!ordered_->is_shuffled()) {
            stage_ = stage::done;
            return std::nullopt;
        }
        stage_ = stage::counted;
        counted_.count_anew();
        return std::nullopt;
    }

    list_facts facts_;
    stage stage_ = stage::first;
    unsigned plan_ = 0;
    /// The most entries on a page.
    std::int64_t size_ = 1;
    std::optional<list_page> first_page_;
    std::optional<std::int64_t> total_;
    key_set seen_;
    key_list only_page_;  ///< of a list that has one
    std::optional<oldest_first_reading> ordered_;
    counted_reading counted_;
};

moving_list::moving_list(list_facts const& facts) : rule_{std::make_unique<rule>(facts)} {}
moving_list::moving_list(moving_list&& other) noexcept = default;
moving_list& moving_list::operator=(moving_list&& other) noexcept = default;
moving_list::~moving_list() = default;

std::size_t moving_list::key_of(std::string_view text) noexcept {
    return keyed_hash(text, 0);
}

bool moving_list::is_done() const noexcept {
    return rule_->is_done();
}

std::optional<list_page> moving_list::next() {
    return rule_->next();
}

std::optional<error> moving_list::take(list_page const& asked, std::vector<std::size_t> keys,
                                       page_info const& info, std::vector<bool>& known) {
    return rule_->take(asked, std::move(keys), info, known);
}

std::vector<std::size_t> moving_list::last() const {
    return rule_->last();
}

std::optional<std::int64_t> moving_list::total_count() const noexcept {
    return rule_->total_count();
}

}  // namespace cloudflare::inline v0::detail
