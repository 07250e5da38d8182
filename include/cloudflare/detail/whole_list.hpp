#pragma once

#include <cloudflare/detail/export.hpp>
#include <cloudflare/detail/object.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

/// Reading a list from its first to its last entry, also while others change it.
namespace cloudflare::inline v0 {

/// The most that the API gives on one page.
inline constexpr std::int64_t max_page_size = 1000;

/// Takes a whole list page by page, so that nobody has to hold all of it.
template <class T>
class list_visitor {
public:
    /// A reading begins; what was taken before does not count.
    virtual void restart() = 0;
    /// About how many entries the list has, before its first page; not said of one that is
    /// filtered.
    virtual void expect(std::size_t) {}
    /// Entries of a page; none comes twice. Pages may come in any order; `position` is where the
    /// first of the entries stood when the page was read.
    virtual void take(std::size_t position, std::vector<T> entries) = 0;

protected:
    ~list_visitor() = default;
};

namespace detail {

/// As `list_visitor`, whatever the entries are.
class any_list_visitor {
public:
    any_list_visitor() = default;
    virtual ~any_list_visitor() = default;
    any_list_visitor(any_list_visitor const&) = delete;
    any_list_visitor& operator=(any_list_visitor const&) = delete;

    virtual void restart() = 0;
    virtual void expect(std::size_t) {}
    virtual void take(std::size_t position, object_list entries) = 0;
    /// Once the list was read: `moving_list::last`.
    virtual void end(std::vector<std::size_t>) {}
};

/// Gives a list on to a visitor that knows what the entries are.
template <class T>
class typed_visitor final : public any_list_visitor {
public:
    /// The visitor must outlive it.
    explicit typed_visitor(list_visitor<T>& to) : to_{to} {}

    void restart() override { to_.restart(); }
    void expect(std::size_t count) override { to_.expect(count); }
    void take(std::size_t position, object_list entries) override {
        std::vector<T> all;
        entries.move_to(all);
        to_.take(position, std::move(all));
    }

private:
    list_visitor<T>& to_;
};

/// Keeps the entries of a list.
class CLOUDFLARE_EXPORT list_keeper final : public any_list_visitor {
public:
    void restart() override { pages_.clear(); }
    void take(std::size_t position, object_list entries) override {
        pages_.emplace_back(position, std::move(entries));
    }

    std::size_t size() const noexcept;
    /// The pages in the order of the list. The keeper is empty then.
    std::vector<object_list> release();
    /// All entries, which are of type `T`, in the order of the list. The keeper is empty then.
    template <class T>
    std::vector<T> release_as() {
        std::vector<T> all;
        for (auto& each : release()) each.move_to(all);
        return all;
    }

private:
    std::vector<std::pair<std::size_t, object_list>> pages_;
};

}  // namespace detail

}  // namespace cloudflare::inline v0
