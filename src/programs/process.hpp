#pragma once

namespace programs {

/// What each program does before anything else, so that nothing of it depends on how it was begun:
///
/// - Each of the descriptors 0 to 2 that is closed is opened: nothing that the program opens later
///   becomes the place of its output or its complaints. Reading and writing them fails as before.
/// - A write to a pipe that nobody reads any more fails (`EPIPE`), and does not end the process.
///
/// Ends the process with status 1 when a descriptor cannot be opened.
void prepare_process() noexcept;

/// Ends the process by a signal that it has caught: whoever waits for it sees that, and a shell
/// then ends what it was running it for, such as a loop.
[[noreturn]] void die_by(int signal) noexcept;

}  // namespace programs
