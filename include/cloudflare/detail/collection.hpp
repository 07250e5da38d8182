#pragma once

#include <cloudflare/client.hpp>
#include <cloudflare/detail/account.hpp>
#include <cloudflare/detail/answer_match.hpp>
#include <cloudflare/detail/any_collection.hpp>
#include <cloudflare/detail/codec.hpp>
#include <cloudflare/detail/entry_match.hpp>
#include <cloudflare/detail/invoke.hpp>
#include <cloudflare/detail/late_value.hpp>
#include <cloudflare/detail/moving_list.hpp>
#include <cloudflare/detail/named_operation.hpp>
#include <cloudflare/detail/validation.hpp>
#include <cloudflare/detail/whole_list.hpp>
#include <cloudflare/pager.hpp>
#include <cloudflare/result.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/describe/class.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace cloudflare::inline v0 {

/// A collection of which several entries can be changed in one request.
template <class Traits>
concept has_batch = requires {
    Traits::batch_path;
};

/// Such a collection whose batch can only delete.
template <class Traits>
concept has_batch_of_deletes = has_batch<Traits> && requires {
    requires Traits::batch_only_deletes;
};

/// A collection of which an entry can be replaced by PUT.
template <class Traits>
concept has_replace = requires {
    typename Traits::replacement;
};

/// What PUT, in a batch or not, replaces an entry with: a whole new item unless the API wants
/// something else.
template <class Traits>
struct replacement_of {
    /// A whole new item.
    using type = typename Traits::new_item;
};
/// What it says itself.
template <has_replace Traits>
struct replacement_of<Traits> {
    /// What its `Traits` say.
    using type = typename Traits::replacement;
};

/// A body with the identifier of what it changes, as in a batch.
template <class Body>
struct identified {
    identifier id;  ///< of what is changed
    Body body;      ///< what it is to be
};

template <class Body>
struct wire::codec_of<identified<Body>> final : codec {
    slot on_object(void* at) const override { return {this, at}; }
    slot member(void* at, std::string_view name, std::size_t& hint) const override {
        auto& item = *static_cast<identified<Body>*>(at);
        if (name == "id") return {&codec_for<identifier>(), &item.id};
        return codec_for<Body>().member(&item.body, name, hint);
    }
    void write(void const* at, sink& out) const override {
        auto const& item = *static_cast<identified<Body> const*>(at);
        out.begin_object();
        out.key("id");
        codec_for<identifier>().write(&item.id, out);
        write_fields(fields_of<Body>(), &item.body, out);
        out.end_object();
    }
};

/// Changes that the API applies together or not at all, in the order deletes, edits, replacements,
/// creates; at most `max_items` of each kind.
template <class Traits>
class batch_request {
public:
    /// The most changes of a kind.
    static constexpr std::size_t max_items = 1000;

    /// What is created.
    using new_item = typename Traits::new_item;
    /// What is changed of an entry.
    using patch = typename Traits::patch;
    /// What replaces a whole entry.
    using replacement = typename replacement_of<Traits>::type;

    batch_request() noexcept {}

    /// DELETE: takes an entry away.
    batch_request& remove(identifier id) {
        deletes_.emplace_back().id = std::move(id);
        return *this;
    }
    /// PATCH: changes the given fields.
    batch_request& edit(identifier id, patch changes) {
        auto& item = patches_.emplace_back();
        item.id = std::move(id);
        item.body = std::move(changes);
        return *this;
    }
    /// PUT: replaces the whole item.
    batch_request& replace(identifier id, replacement value) {
        puts_.push_back({std::move(id), std::move(value)});
        return *this;
    }
    /// POST: creates an entry.
    batch_request& create(new_item value) {
        posts_.push_back(std::move(value));
        return *this;
    }

    std::vector<deleted> const& deletes() const noexcept { return deletes_; }
    std::vector<identified<patch>> const& patches() const noexcept { return patches_; }
    std::vector<identified<replacement>> const& puts() const noexcept { return puts_; }
    std::vector<new_item> const& posts() const noexcept { return posts_; }

    /// Checks every item, and the number of them, offline.
    result<void> validate() const {
        if (auto const fault =
                check_batch_sizes(deletes_.size(), patches_.size(), puts_.size(), posts_.size())) {
            return *fault;
        }
        if (auto const fault = check_each("/deletes", deletes_, &check_item)) return *fault;
        if (auto const fault = check_each("/patches", patches_, &check_identified<patch>)) {
            return *fault;
        }
        if (auto const fault = check_each("/puts", puts_, &check_identified<replacement>)) {
            return *fault;
        }
        if (auto const fault = check_each("/posts", posts_, &check_new)) return *fault;
        return {};
    }

private:
    BOOST_DESCRIBE_CLASS(batch_request, (), (), (), (deletes_, patches_, puts_, posts_))

    static result<void> check_item(deleted const& item) { return check_identifier(item.id); }
    template <class Body>
    static result<void> check_identified(identified<Body> const& item) {
        if (auto const valid = check_identifier(item.id); !valid) return valid;
        return item.body.validate();
    }
    static result<void> check_new(new_item const& item) { return item.validate(); }

    template <class Items, class Check>
    static std::optional<error> check_each(std::string_view kind, Items const& items, Check check) {
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (auto const valid = check(items[i]); !valid) {
                return within(valid.error(), kind, i);
            }
        }
        return std::nullopt;
    }

    std::vector<deleted> deletes_;
    std::vector<identified<patch>> patches_;
    std::vector<identified<replacement>> puts_;
    std::vector<new_item> posts_;
};

/// Deletes that the API carries out together or not at all; at most `max_items`.
template <has_batch_of_deletes Traits>
class batch_request<Traits> {
public:
    /// The most deletes.
    static constexpr std::size_t max_items = 1000;

    batch_request() noexcept {}

    /// DELETE: takes an entry away.
    batch_request& remove(identifier id) {
        deletes_.emplace_back().id = std::move(id);
        return *this;
    }

    std::vector<deleted> const& deletes() const noexcept { return deletes_; }

    /// Checks every item, and the number of them, offline.
    result<void> validate() const {
        if (auto const fault = check_batch_sizes(deletes_.size(), 0, 0, 0)) return *fault;
        for (std::size_t i = 0; i < deletes_.size(); ++i) {
            if (auto const valid = check_identifier(deletes_[i].id); !valid) {
                return within(valid.error(), "/deletes", i);
            }
        }
        return {};
    }

private:
    BOOST_DESCRIBE_CLASS(batch_request, (), (), (), (deletes_))

    std::vector<deleted> deletes_;
};

/// What a batch did, each kind in the order of the request.
template <class Model>
struct batch_result {
    std::vector<deleted> deletes;  ///< what was deleted
    std::vector<Model> patches;    ///< entries as they are after their edits
    std::vector<Model> puts;       ///< entries as they are after they were replaced
    std::vector<Model> posts;      ///< entries that were created

    BOOST_DESCRIBE_CLASS(batch_result, (), (deletes, patches, puts, posts), (), ())
};

/// What a batch of deletes did, in the order of the request.
struct batch_of_deletes_result {
    std::vector<deleted> deletes;  ///< what was deleted
};
BOOST_DESCRIBE_STRUCT(batch_of_deletes_result, (), (deletes))

template <class Traits>
struct detail::batch_result_for {
    using type = std::conditional_t<has_batch_of_deletes<Traits>, batch_of_deletes_result,
                                    batch_result<typename Traits::model>>;
};

/// The operations that `Traits` describes; `replace` and `batch` only where the API has them.
template <class Traits>
struct collection_operations {
    /// `POST path`.
    static constexpr named_operation create{
        {http_method::post, Traits::path}, Traits::name, "create"};
    /// `GET item_path`.
    static constexpr named_operation get{
        {http_method::get, Traits::item_path}, Traits::name, "get"};
    /// `GET path`.
    static constexpr named_operation list{{http_method::get, Traits::path}, Traits::name, "list"};
    /// `PATCH item_path`.
    static constexpr named_operation edit{
        {http_method::patch, Traits::item_path}, Traits::name, "edit"};
    /// `DELETE item_path`.
    static constexpr named_operation remove{
        {http_method::delete_, Traits::item_path}, Traits::name, "remove"};
    /// `PUT item_path`.
    static constexpr named_operation replace{
        {http_method::put, Traits::item_path}, Traits::name, "replace"};
    /// `POST batch_path`.
    static constexpr auto batch() requires has_batch<Traits> {
        return named_operation{{http_method::post, Traits::batch_path}, Traits::name, "batch"};
    }

    /// All that the API has.
    static constexpr auto all() {
        return join(std::array{create, get, list, edit, remove}, replaces(), batches());
    }

private:
    static constexpr auto replaces() {
        if constexpr (has_replace<Traits>) {
            return std::array{replace};
        } else {
            return std::array<named_operation, 0>{};
        }
    }
    static constexpr auto batches() {
        if constexpr (has_batch<Traits>) {
            return std::array{batch()};
        } else {
            return std::array<named_operation, 0>{};
        }
    }
};

/// The operations of a collection of the API: those that `Traits` describes.
///
/// `Traits` has the types `model`, `new_item`, `patch` and `filter`, described by Boost.Describe;
/// its `name`, and the path templates `path` and `item_path`. Where the API has them, it also has
/// `batch_path` (with `batch_only_deletes = true` when a batch can do nothing else) and
/// `replacement`, the body of a PUT. `candidates` makes the narrowest filters that pass what a
/// create left behind, `compare` tells what an entry is to a new item, and `conflict` why the one
/// keeps the other from being created.
///
/// Common to all operations:
///
/// Errors: `errc::invalid_argument`, with `outcome::not_sent`, names the field whose limit is
/// exceeded, before anything is sent; otherwise whatever `client` documents. API errors are in
/// `error::errors()`.
///
/// Cancellation, thread-safety: as `client`. Arguments are taken by value and live as long as the
/// call.
template <class Traits>
class collection {
public:
    /// What it is made of.
    using traits = Traits;
    /// An entry as the API gives it.
    using model = typename Traits::model;
    /// What to create.
    using new_item = typename Traits::new_item;
    /// What to change of an entry.
    using patch = typename Traits::patch;
    /// Which entries to list.
    using filter = typename Traits::filter;
    /// Changes in one request.
    using batch_request = cloudflare::batch_request<Traits>;
    /// What they did.
    using batch_result = detail::batch_result_of<Traits>;
    /// What replaces a whole entry.
    using replacement = typename replacement_of<Traits>::type;
    /// Its operations, with their methods and paths.
    using operations = collection_operations<Traits>;

    /// The account is checked by every operation: 1 to 32 characters.
    collection(cloudflare::client client, std::string account_id)
        : client_{std::move(client)}, account_{std::move(account_id)} {}

    /// Creates an entry. When the answer is lost, the entry is looked up by its natural key; before
    /// that, `retry_options::backoff`'s cap is waited for if the server may still be at work on it.
    /// When it is there as wanted, it is the result; when another entry of that key is there, the
    /// call fails with `errc::conflict`, which tells of it; else it is created again. The look-up
    /// is part of the call. `call_options::settle_unknown` turns it off.
    ///
    /// `POST path`; permission: Cloud Email Security Write.
    /// Errors: also `errc::conflict` when the look-up finds another entry of the same natural key;
    /// `error::detail()` tells which one.
    boost::asio::awaitable<result<model>> create(new_item value, call_options options = {}) const {
        return detail::start_call(creation{*this, std::move(value)}, std::move(options));
    }

    /// Reads one entry.
    ///
    /// `GET item_path`; permission: Cloud Email Security Read.
    boost::asio::awaitable<result<model>> get(identifier id, call_options options = {}) const {
        return invoke<model>(client_, prepare(operations::get, id), std::move(options));
    }

    /// Pages of the entries that pass the filter, one request a page, made as they are asked for.
    ///
    /// `GET path`; permission: Cloud Email Security Read.
    pager<model> list(filter which = {}, call_options options = {}) const {
        auto read = [self = *this, options = std::move(options)](filter one) {
            return self.list_page(std::move(one), options);
        };
        return pages_of<model>(std::move(which), std::move(read));
    }

    /// One page of the entries that pass the filter.
    ///
    /// `GET path`; permission: Cloud Email Security Read.
    boost::asio::awaitable<result<page<model>>> list_page(filter which,
                                                          call_options options = {}) const {
        auto message = prepare(operations::list, {});
        set_query(message, which);
        return invoke_page<model>(client_, std::move(message), std::move(options));
    }

    /// All entries that pass the filter, whatever its `page` and `per_page` say; sorted by the
    /// filter's order, else in any order that does not change. Pages of 1000 are fetched, at most
    /// `concurrency` at a time where the filter does not restrict the list and its length is
    /// therefore known. Others may change the list meanwhile: whatever was there all the time is
    /// among the entries, and none is there twice. With the oldest first that costs a few requests
    /// more; in another order the list is read several times.
    ///
    /// `GET path`; permission: Cloud Email Security Read.
    /// Errors: also `errc::conflict`, when a list in another order than the oldest first changed
    /// too much while it was read. A concurrency of 0 is an invalid argument.
    boost::asio::awaitable<result<std::vector<model>>> list_all(filter which = {},
                                                                call_options options = {},
                                                                std::size_t concurrency = 4) const {
        return collect_all(erased(), detail::make_any(which), std::move(options), concurrency);
    }

    /// As `list_all`, page by page into the visitor, which must outlive the call: for lists that
    /// are better not held in memory. An error may come after pages were taken.
    boost::asio::awaitable<result<void>> visit_all(list_visitor<model>& visitor, filter which = {},
                                                   call_options options = {},
                                                   std::size_t concurrency = 4) const {
        return erased().visit_all(std::make_unique<detail::typed_visitor<model>>(visitor),
                                  detail::make_any(which), std::move(options), concurrency);
    }

    /// Changes the given fields of an entry.
    ///
    /// `PATCH item_path`; permission: Cloud Email Security Write.
    boost::asio::awaitable<result<model>> edit(identifier id, patch changes,
                                               call_options options = {}) const {
        auto message = prepare(operations::edit, id);
        set_body(message, changes);
        return invoke_write<model>(client_, std::move(message), std::move(id), std::move(options));
    }

    /// Deletes an entry (`delete` is a keyword). An entry that is not there any more after an
    /// attempt of unknown outcome counts as deleted.
    ///
    /// `DELETE item_path`; permission: Cloud Email Security Write.
    boost::asio::awaitable<result<deleted>> remove(identifier id, call_options options = {}) const {
        auto message = prepare(operations::remove, id);
        return invoke_remove(client_, std::move(message), std::move(id), std::move(options));
    }

    /// Replaces all that can be changed of an entry: what the replacement does not set is reset to
    /// its default, and what is optional is taken away. `edit` leaves it as it is.
    ///
    /// `PUT item_path`; permission: Cloud Email Security Write.
    boost::asio::awaitable<result<model>> replace(identifier id, replacement value,
                                                  call_options options = {}) const requires
        has_replace<Traits> {
        auto message = prepare(operations::replace, id);
        set_body(message, value);
        return invoke_write<model>(client_, std::move(message), std::move(id), std::move(options));
    }

    /// Applies many changes in one request, together or not at all. A batch whose answer is lost
    /// fails with `outcome::unknown`: read the list to settle it. So does one whose answer does not
    /// tell of each of the changes (`errc::malformed_response`), or tells of others
    /// (`errc::conflict`).
    ///
    /// `POST batch_path`; permission: Cloud Email Security Write.
    boost::asio::awaitable<result<batch_result>> batch(
        batch_request changes, call_options options = {}) const requires has_batch<Traits> {
        return detail::start_call(batch_call{*this, std::move(changes)}, std::move(options));
    }

    cloudflare::client const& client() const noexcept { return client_; }
    cloudflare::account const& account() const noexcept { return account_; }
    std::string const& account_id() const noexcept { return account_.id(); }

    /// For code that is compiled once for all collections.
    detail::any_collection erased() const {
        return {client_, account_, detail::collection_type_of<Traits>()};
    }

private:
    result<request> prepare(named_operation const& which,
                            std::optional<identifier> const& id) const {
        return make_request(which.what, account_, id);
    }

    /// A create that may wait for the quota: holds what its request is made of, and nothing of the
    /// answer yet. When the answer is lost, it finds what was left behind.
    class creation final : public detail::pending_request, public lookup, public answer_check {
    public:
        using value_type = model;

        creation(collection where, new_item value)
            : where_{std::move(where)}, value_{std::move(value)} {}

        cloudflare::client const& client() const noexcept { return where_.client_; }
        result<void> check() const {
            if (auto const* const fault = where_.account_.fault()) return *fault;
            return value_.validate();
        }
        operation what() const override { return operations::create.what; }
        std::string_view account() const override { return where_.account_.id(); }
        result<request> make_request() override {
            auto message = where_.prepare(operations::create, {});
            if (message) wire::append_json(wire::codec_for<new_item>(), &value_, message->body);
            return message;
        }

        reply where_to() override {
            reply into;
            into.result = {&wire::codec_for<detail::late_value<model>>(), &created_};
            into.lookup = this;
            into.check = this;
            return into;
        }
        model take() { return created_.take(); }

        std::optional<error> check_answer() override {
            auto const* const made = created_.get();
            if (!made) return check_entry({}, {});
            if (auto fault = check_entry(made->id, {})) return fault;
            return detail::check_created<Traits>(*made, value_);
        }

        /// Finds what was left behind.
        detail::task<result<looked_up>> look_up(detail::same_call& within) override {
            looked_up found;
            for (auto& which : Traits::candidates(value_)) {
                // Others may change the list meanwhile, and hide what was left behind.
                detail::moving_list list{detail::facts_of_list(which, 1)};
                while (auto const asked = list.next()) {
                    which.page(asked->number).per_page(asked->size);
                    auto ordered = which;
                    ordered.stable_order(asked->order);
                    auto message = where_.prepare(operations::list, {});
                    set_query(message, ordered);
                    if (!message) co_return message.error();
                    detail::page_request<model> reading{client(), std::move(message)};
                    auto const got = co_await within.send(reading);
                    if (!got) co_return got.error();
                    auto page = reading.take();
                    std::vector<std::size_t> keys;
                    for (auto const& item : page.items) {
                        keys.push_back(detail::moving_list::key_of(item_key(item)));
                    }
                    std::vector<bool> known;
                    if (auto fault = list.take(*asked, std::move(keys), page.info, known)) {
                        co_return std::move(*fault);
                    }
                    for (auto& item : page.items) take(item, found);
                    if (found.what == entry_match::same) co_return found;
                }
            }
            co_return found;
        }

    private:
        /// An entry that is there. Of several that are as wanted, any is; of those that differ, the
        /// one that was seen last tells.
        void take(model& item, looked_up& found) {
            auto const match = Traits::compare(item, value_);
            if (match == entry_match::other || found.what == entry_match::same) return;
            found.what = match;
            if (match == entry_match::same) {
                created_.emplace() = std::move(item);
            } else {
                found.conflict = Traits::conflict(item, value_);
            }
        }

        collection where_;
        new_item value_;
        detail::late_value<model> created_;
    };

    /// A batch, which is compared with its answer.
    class batch_call final : public detail::pending_request, public answer_check {
    public:
        using value_type = batch_result;

        batch_call(collection where, batch_request changes)
            : where_{std::move(where)}, changes_{std::move(changes)} {}

        cloudflare::client const& client() const noexcept { return where_.client_; }
        result<void> check() const {
            if (auto const* const fault = where_.account_.fault()) return *fault;
            return changes_.validate();
        }
        operation what() const override { return operations::batch().what; }
        std::string_view account() const override { return where_.account_.id(); }
        result<request> make_request() override {
            auto message = where_.prepare(operations::batch(), {});
            if (message) {
                wire::append_json(wire::codec_for<batch_request>(), &changes_, message->body);
            }
            return message;
        }

        reply where_to() override {
            reply into;
            into.result = {&wire::codec_for<batch_result>(), &done_};
            into.check = this;
            return into;
        }
        batch_result take() { return std::move(done_); }

        std::optional<error> check_answer() override {
            return detail::check_batch<Traits>(changes_, done_);
        }

    private:
        collection where_;
        batch_request changes_;
        batch_result done_;
    };

    static boost::asio::awaitable<result<std::vector<model>>> collect_all(
        detail::any_collection where, detail::any_object which, call_options options,
        std::size_t concurrency) {
        detail::list_keeper keeper;
        auto reading = where.visit_all(keeper, std::move(which), std::move(options), concurrency);
        auto const read = co_await std::move(reading);
        if (!read) co_return read.error();
        co_return keeper.release_as<model>();
    }

    cloudflare::client client_;
    cloudflare::account account_;
};

}  // namespace cloudflare::inline v0
