#pragma once

#include <cloudflare/detail/codec.hpp>
#include <cloudflare/detail/validation.hpp>

#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cloudflare::inline v0::email_security {

/// What a list is sorted by.
enum class list_order { pattern, created_at };
constexpr auto wire_names(list_order) noexcept {
    using namespace std::string_view_literals;
    return std::array{std::pair{list_order::pattern, "pattern"sv},
                      std::pair{list_order::created_at, "created_at"sv}};
}

/// Which end of the order comes first.
enum class direction { ascending, descending };
constexpr auto wire_names(direction) noexcept {
    using namespace std::string_view_literals;
    return std::array{std::pair{direction::ascending, "asc"sv},
                      std::pair{direction::descending, "desc"sv}};
}

/// What the filters of all lists have in common. `Derived` adds its own.
template <class Derived>
class page_filter {
public:
    /// The page to begin with, from 1; default 1.
    Derived& page(std::int64_t value) { return set(page_, value); }
    /// Entries on a page, 1 to 1000. Default: 20 by the API, 100 by the pager.
    Derived& per_page(std::int64_t value) { return set(per_page_, value); }

    std::optional<std::int64_t> page() const noexcept { return page_; }
    std::optional<std::int64_t> per_page() const noexcept { return per_page_; }

    /// Whether the list is read oldest first unless it is to be sorted otherwise; here the API has
    /// one order only, and does not say which.
    bool is_oldest_first() const noexcept { return false; }
    /// Sorts, if the caller does not, as is best for reading all pages: oldest first (0), or by
    /// what tells the entries apart (1).
    Derived& stable_order(int) { return self(); }
    /// Whether fewer entries than all may pass.
    bool is_restricted() const noexcept { return false; }

    /// Checks the limits offline: `errc::invalid_argument`, naming the field.
    result<void> validate() const {
        if (page_) {
            if (auto const valid = check_range("page", *page_, 1, INT32_MAX); !valid) return valid;
        }
        if (per_page_) return check_range("per_page", *per_page_, 1, 1000);
        return {};
    }

protected:
    /// Sets a field, for chaining.
    template <class T, class U>
    Derived& set(std::optional<T>& field, U&& value) {
        field = std::forward<U>(value);
        return self();
    }
    /// The filter itself, as what it is.
    Derived& self() { return static_cast<Derived&>(*this); }

private:
    BOOST_DESCRIBE_CLASS(page_filter, (), (), (), (page_, per_page_))

    std::optional<std::int64_t> page_;
    std::optional<std::int64_t> per_page_;
};

/// What the filters of lists that can be searched and sorted have in common. `Derived` adds its
/// own, and `has_own_filter()`; `Order` has what the API can sort by: what tells the entries apart
/// first, and `created_at`.
template <class Derived, class Order = list_order>
class list_filter : public page_filter<Derived> {
public:
    /// Entries that match this text anywhere; how is up to the API and may change.
    Derived& search(std::string value) { return this->set(search_, std::move(value)); }
    Derived& order(Order value) { return this->set(order_, value); }
    Derived& direction(email_security::direction value) { return this->set(direction_, value); }

    bool is_oldest_first() const noexcept {
        return order_.value_or(Order::created_at) == Order::created_at &&
               direction_.value_or(email_security::direction::ascending) ==
                   email_security::direction::ascending;
    }
    Derived& stable_order(int which) {
        if (!order_) order_ = which == 0 ? Order::created_at : wire_names(Order{})[0].first;
        if (!direction_) direction_ = email_security::direction::ascending;
        return this->self();
    }
    /// Whether fewer entries than all may pass.
    bool is_restricted() const noexcept {
        return search_ || static_cast<Derived const&>(*this).has_own_filter();
    }

private:
    BOOST_DESCRIBE_CLASS(list_filter, (page_filter<Derived>), (), (), (search_, order_, direction_))

    std::optional<std::string> search_;
    std::optional<Order> order_;
    std::optional<email_security::direction> direction_;
};

}  // namespace cloudflare::inline v0::email_security
