#include "commands.hpp"

#include "collections/collections.hpp"
#include "output.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <array>
#include <csignal>
#include <cstddef>
#include <exception>
#include <optional>

namespace cfes {

namespace asio = boost::asio;

namespace {

/// Whether a signal does something: `nohup` has SIGHUP ignored.
bool is_heeded(int signal) {
    struct sigaction now {};
    return ::sigaction(signal, nullptr, &now) == 0 && now.sa_handler != SIG_IGN;
}

/// Whether it is what a coroutine throws that was cancelled between two calls.
bool is_cancellation(std::exception_ptr const& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (boost::system::system_error const& why) {
        return why.code() == asio::error::operation_aborted;
    } catch (...) {
        return false;
    }
}

/// The profile that was named, if one was; its form of output is that of the command, unless an
/// option says so.
std::optional<profile> read_named_profile(command_line& line) {
    auto const& id = line.globals.profile;
    if (id.empty()) return std::nullopt;
    auto made = read_profile(id);
    auto* const output = line.app.get_option("--output");
    if (made.output.empty() || output->count() > 0) return made;
    try {
        output->add_result(made.output);
        output->run_callback();
    } catch (CLI::Error const& wrong) {
        throw usage_error(config_path().string() + ": profile '" + id + "': " + wrong.what());
    }
    return made;
}

}  // namespace

CLI::App& add_collection(command_line& line, area where, std::string const& name,
                         std::string const& what) {
    auto& collection = *line.app.add_subcommand(name, what);
    constexpr std::array names{"Settings", "Mail", "Access"};
    collection.group(names[static_cast<std::size_t>(where)]);
    collection.require_subcommand(1);
    return collection;
}

void group_verbs(CLI::App& collection, std::string const& heading) {
    for (auto* const verb : collection.get_subcommands({})) {
        if (verb->get_name() == "list" && verb->get_aliases().empty()) verb->alias("ls");
        // What a new subcommand has from its parent.
        if (verb->get_group() == collection.get_group()) verb->group(heading);
    }
}

void add_collections(command_line& line) {
    for (auto* const add : all_collections) add(line);
}

CLI::App const& chosen_verb(CLI::App const& app) {
    auto const* deepest = &app;
    while (!deepest->get_subcommands().empty()) deepest = deepest->get_subcommands().front();
    return *deepest;
}

run_end run(command_line& line) {
    auto const rows = line.rows.find(&chosen_verb(line.app));
    bool const shows_rows = rows != line.rows.end();
    // A profile has nothing to say to what needs no client and writes in no form.
    if (line.run_offline && !shows_rows) return {.status = line.run_offline()};
    if (line.globals.quiet) use_quiet();
    auto const named = read_named_profile(line);
    // Refuses a column that there is not.
    if (shows_rows) row_writer{line.globals.output, line.globals.rows, rows->second};
    if (line.run_offline) return {.status = line.run_offline()};
    // Everything that can be found wrong is, before anything is sent.
    auto const what = line.prepare();
    asio::io_context context{1};
    session with{context.get_executor(), line.globals, named, line.needs_account};

    if (line.globals.simulate) {
        note("simulated: nothing of this is real, and it is gone with this run");
    }

    asio::cancellation_signal cancel;
    asio::signal_set interrupts{context, SIGINT, SIGTERM};
    if (is_heeded(SIGHUP)) interrupts.add(SIGHUP);
    run_end ended;
    interrupts.async_wait([&](boost::system::error_code ec, int signal) {
        if (ec) return;
        ended.signal = signal;
        // The next one ends the process.
        interrupts.clear();
        cancel.emit(asio::cancellation_type::terminal);
    });

    std::exception_ptr broken;
    auto on_end = [&](std::exception_ptr thrown, int result) {
        broken = thrown;
        if (!thrown) ended.status = with.finish_rehearsal(result);
        // What the client still does, such as a dial that nobody waits for, is not waited for.
        with.end(context.get_executor(), [&context] { context.stop(); });
    };
    asio::co_spawn(context, what(with), asio::bind_cancellation_slot(cancel.slot(), on_end));
    context.run();
    bool const is_signal = broken && is_cancellation(broken) && ended.signal != 0;
    if (broken && !is_signal) std::rethrow_exception(broken);
    return ended;
}

}  // namespace cfes
