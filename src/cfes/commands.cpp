#include "commands.hpp"

#include "collections/collections.hpp"
#include "output.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <exception>

namespace cfes {

namespace asio = boost::asio;

namespace {

/// Whether a signal does something: `nohup` has SIGHUP ignored.
bool is_heeded(int signal) {
    struct sigaction now {};
    return ::sigaction(signal, nullptr, &now) == 0 && now.sa_handler != SIG_IGN;
}

}  // namespace

CLI::App& add_collection(command_line& line, area where, std::string const& name,
                         std::string const& what) {
    auto& collection = *line.app.add_subcommand(name, what);
    collection.group(where == area::settings ? "Settings" : "Mail");
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

int complain_about(cloudflare::error const& why) {
    complain(why);
    return why.code() == cloudflare::errc::invalid_argument && why.attempts() == 0 ? usage : failed;
}

CLI::App const& chosen_verb(CLI::App const& app) {
    auto const* deepest = &app;
    while (!deepest->get_subcommands().empty()) deepest = deepest->get_subcommands().front();
    return *deepest;
}

int run(command_line& line) {
    auto const rows = line.rows.find(&chosen_verb(line.app));
    // Refuses a column that there is not.
    if (rows != line.rows.end()) row_writer{line.globals.output, line.globals.rows, rows->second};
    if (line.run_offline) return line.run_offline();
    // Everything that can be found wrong is, before anything is sent.
    auto const what = line.prepare();
    asio::io_context context{1};
    session with{context.get_executor(), line.globals};

    asio::cancellation_signal cancel;
    asio::signal_set interrupts{context, SIGINT, SIGTERM};
    if (is_heeded(SIGHUP)) interrupts.add(SIGHUP);
    interrupts.async_wait([&](boost::system::error_code ec, int) {
        if (ec) return;
        // The next one ends the process.
        interrupts.clear();
        cancel.emit(asio::cancellation_type::terminal);
    });

    int status = failed;
    auto on_end = [&](std::exception_ptr thrown, int result) {
        // What the client still does, such as a dial that nobody waits for, is not waited for.
        context.stop();
        if (thrown) std::rethrow_exception(thrown);
        status = result;
    };
    asio::co_spawn(context, what(with), asio::bind_cancellation_slot(cancel.slot(), on_end));
    context.run();
    return status;
}

}  // namespace cfes
