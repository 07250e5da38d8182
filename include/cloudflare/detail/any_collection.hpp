#pragma once

#include <cloudflare/client.hpp>
#include <cloudflare/detail/account.hpp>
#include <cloudflare/detail/answer_match.hpp>
#include <cloudflare/detail/export.hpp>
#include <cloudflare/detail/object.hpp>
#include <cloudflare/detail/whole_list.hpp>
#include <cloudflare/page.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// Collections of the API for code that is compiled once for all of them.
namespace cloudflare::inline v0::detail {

/// What such code needs to know of a collection's traits.
struct collection_type {
    std::string_view name;
    operation get;
    operation list;
    operation edit;
    operation remove;
    operation replace;  ///< no path: there is none
    operation batch;    ///< no path: there is none
    object_type const* model;
    object_type const* new_item;
    object_type const* patch;
    object_type const* filter;
    /// What is wrong with the answer to a batch; null: there is none. The arguments are of the
    /// types of the request and of its result.
    std::optional<error> (*check_batch)(void const* asked, void* answered);
    /// Whether a filter lets less than all pass.
    bool (*is_restricted)(void const* filter);
    /// Whether a list by this filter is read oldest first.
    bool (*is_oldest_first)(void const* filter);
    /// Makes a filter that of one page, in an order of `list_page` unless it has its own; of a
    /// negative `order`, in the filter's.
    void (*set_page)(void* filter, int order, std::int64_t number, std::int64_t size);
};

template <class Traits>
std::optional<error> check_any_batch(void const* asked, void* answered) {
    using result = batch_result_of<Traits>;
    return check_batch<Traits>(*static_cast<batch_request<Traits> const*>(asked),
                               *static_cast<result*>(answered));
}

template <class Traits>
collection_type const& collection_type_of() noexcept {
    using filter = typename Traits::filter;
    static collection_type const type = [] {
        collection_type made{};
        made.name = Traits::name;
        made.get = {http_method::get, Traits::item_path};
        made.list = {http_method::get, Traits::path};
        made.edit = {http_method::patch, Traits::item_path};
        made.remove = {http_method::delete_, Traits::item_path};
        if constexpr (requires { typename Traits::replacement; }) {
            made.replace = {http_method::put, Traits::item_path};
        }
        if constexpr (requires { Traits::batch_path; }) {
            made.batch = {http_method::post, Traits::batch_path};
            made.check_batch = &check_any_batch<Traits>;
        }
        made.model = &object_type_of<typename Traits::model>();
        made.new_item = &object_type_of<typename Traits::new_item>();
        made.patch = &object_type_of<typename Traits::patch>();
        made.filter = &object_type_of<filter>();
        made.is_restricted = [](void const* at) {
            return static_cast<filter const*>(at)->is_restricted();
        };
        made.is_oldest_first = [](void const* at) {
            return static_cast<filter const*>(at)->is_oldest_first();
        };
        made.set_page = [](void* at, int order, std::int64_t number, std::int64_t size) {
            auto& which = static_cast<filter*>(at)->page(number).per_page(size);
            if (order >= 0) which.stable_order(order);
        };
        return made;
    }();
    return type;
}

/// As `collection`, whatever its traits are. Copies are cheap.
class CLOUDFLARE_EXPORT any_collection {
public:
    any_collection(cloudflare::client client, cloudflare::account account,
                   collection_type const& type)
        : client_{std::move(client)}, account_{std::move(account)}, type_{&type} {}

    cloudflare::client const& client() const noexcept { return client_; }
    cloudflare::account const& account() const noexcept { return account_; }
    std::string const& account_id() const noexcept { return account_.id(); }
    collection_type const& type() const noexcept { return *type_; }

    /// Carries out an operation on the collection or on an entry of it, with a body, which must
    /// outlive the call, or without.
    boost::asio::awaitable<result<any_object>> call(operation const& what,
                                                    std::optional<identifier> const& id,
                                                    any_object const* body,
                                                    object_type const& answer,
                                                    call_options options = {}) const;
    /// One page of the entries that pass a filter; what the references are to must outlive it.
    boost::asio::awaitable<result<void>> read_page(any_object const& filter, object_list& into,
                                                   page_info& info,
                                                   call_options const& options) const;
    /// As `collection::visit_all`; the visitor must outlive the call. `how` reads an entry, by
    /// default all of it.
    boost::asio::awaitable<result<void>> visit_all(any_list_visitor& visitor, any_object filter,
                                                   call_options options, std::size_t concurrency,
                                                   wire::codec const* how = nullptr) const;
    /// As above, with a visitor of the call's own.
    boost::asio::awaitable<result<void>> visit_all(std::unique_ptr<any_list_visitor> visitor,
                                                   any_object filter, call_options options,
                                                   std::size_t concurrency) const;
    /// As `collection::list`, from a page on and with pages of a size, into the visitor, which must
    /// outlive the call.
    boost::asio::awaitable<result<void>> visit_pages(any_list_visitor& visitor, any_object filter,
                                                     std::int64_t first, std::int64_t size,
                                                     call_options options = {}) const;
    /// Sends a batch, whose body is valid and stands in `body` as `how` writes it; the answer goes
    /// where it is reported, and is compared with the body. All must outlive the call.
    boost::asio::awaitable<result<void>> send_batch(wire::slot body, wire::slot answer,
                                                    answer_check& check,
                                                    call_options options) const;

private:
    cloudflare::client client_;
    cloudflare::account account_;
    collection_type const* type_;
};

}  // namespace cloudflare::inline v0::detail
