#pragma once

#include <string>

namespace cloudflare {

/// An empty text, with the memory of one that is not needed any more if there is one: a call's
/// target, body and header fields are as long as those of the call before.
std::string spare_text();

/// Gives a text's memory to the next on this thread, unless it is too much to keep.
void keep_spare(std::string&& used) noexcept;

}  // namespace cloudflare
