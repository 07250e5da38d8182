#pragma once

#include <cloudflare/transport.hpp>

#include <initializer_list>
#include <memory>
#include <string>

/// Memory for the next call on this thread: its texts are as long as those of the call before.
namespace cloudflare::inline v0 {

/// An empty text, with the memory of one that is not needed any more if there is one.
std::string spare_text();
/// Keeps the memory of those that are not too large.
void keep_spare(std::initializer_list<std::string*> used) noexcept;

/// The same for an answer with all its texts.
std::unique_ptr<response> spare_response();
void keep_spare(std::unique_ptr<response> used) noexcept;

}  // namespace cloudflare::inline v0
