#pragma once

#include "email_security/sync/arrivals.hpp"
#include "email_security/sync/batch_body.hpp"
#include "email_security/sync/batch_work.hpp"
#include "email_security/sync/change_log.hpp"
#include "email_security/sync/entries.hpp"
#include "email_security/sync/newest_entries.hpp"
#include "email_security/sync/reading.hpp"

#include <cloudflare/detail/moving_list.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cloudflare::inline v0::email_security {

/// One application of a plan: its batches, what came of them, and what is to be settled.
class sync_application final : private batch_work {
public:
    /// The clock must outlive it. `operation` is what the journal says.
    sync_application(sync_target where, std::unique_ptr<feed_view> desired, sync_changes changes,
                     sync_options options, sync_clock const& clock, std::string operation);

    boost::asio::awaitable<void> run();
    sync_report finish();

private:
    boost::asio::awaitable<bool> read_list(cloudflare::detail::any_list_visitor& visitor);
    /// Whose entries are read of what has come to the list.
    enum class part_of_list { all, owners };
    boost::asio::awaitable<bool> read_arrivals(cloudflare::detail::any_list_visitor* also);
    boost::asio::awaitable<bool> read_all_arrivals();
    boost::asio::awaitable<bool> read_owners_arrivals();
    boost::asio::awaitable<result<void>> visit_arrivals(part_of_list which);
    void forget_arrivals();
    bool is_owners_part_shorter() const;
    std::int64_t owners_length() const;
    boost::asio::awaitable<bool> read_repeatedly(
        std::function<boost::asio::awaitable<result<void>>()> read_once);
    struct list_part {
        cloudflare::detail::object_list entries;
        cloudflare::page_info info;
    };
    boost::asio::awaitable<result<list_part>> read_page(cloudflare::detail::list_page which,
                                                        part_of_list of = part_of_list::all);
    std::int64_t expected_length() const;
    boost::asio::awaitable<result<void>> run_to_the_end();
    boost::asio::awaitable<void> run_rounds();
    boost::asio::awaitable<void> send_batches();
    void note_created(work_batch const& done);
    boost::asio::awaitable<void> next_answer();
    boost::asio::awaitable<result<void>> send_batch(work_batch const& which);
    boost::asio::awaitable<result<void>> send(batch_body body, std::vector<identifier>* made) const;
    bool begin_journal();
    void record(result<void> const& written);
    boost::asio::awaitable<void> settle();
    boost::asio::awaitable<bool> read_for(diff& unsettled, work_items const& changes);
    boost::asio::awaitable<bool> is_alone();
    boost::asio::awaitable<void> remove_doubles();
    boost::asio::awaitable<std::optional<error>> remove_all(std::vector<planned_removal> doubles);
    batch_body body_of(std::span<work_item const> items) const;

    std::uint32_t entry_of(work_item const& each) const override;
    edit_purpose purpose_of(work_item const& each) const override;
    rejection describe(work_item const& each) const override;
    std::size_t encoded_size(work_item const& each) const override;

    void report_progress() const;

    sync_target target_;
    std::unique_ptr<feed_view> desired_;
    sync_changes changes_;
    sync_clock const& clock_;
    /// The creates of the plan.
    std::vector<std::uint32_t> wanted_;
    /// These have been: an answer said so, or the list showed them.
    std::vector<bool> created_;
    last_entries last_;
    std::optional<std::int64_t> owned_;  ///< see `sync_changes`
    /// What has come since, as far as it has been read.
    std::optional<arrivals> arrivals_;
    last_entries last_read_;   ///< entries that ended the list then
    std::int64_t length_ = 0;  ///< as the list told last; 0 when it has not
    dateless_codec how_to_read_;
    /// Waits for the next answer to a batch, which cancels it.
    std::optional<boost::asio::steady_timer> answer_;
    /// Whether a create was sent again whose first batch was not there when the list was read, and
    /// may yet be applied.
    bool was_sent_again_ = false;
    /// Whether a search for the owner's mark shows all that is the owner's, as far as is known.
    bool is_searchable_;
    std::string operation_;
    change_log log_;
};

}  // namespace cloudflare::inline v0::email_security
