#pragma once

#include <cstdint>
#include <istream>
#include <memory>
#include <optional>
#include <streambuf>
#include <string>
#include <vector>

namespace cfes {

/// Passes a stream on, and makes the SHA-256 of all that comes through.
class hashing_buffer final : public std::streambuf {
public:
    /// The stream must outlive it.
    explicit hashing_buffer(std::istream& from);
    ~hashing_buffer() override;
    hashing_buffer(hashing_buffer const&) = delete;
    hashing_buffer& operator=(hashing_buffer const&) = delete;

    /// Of the whole stream, also of what nobody has read, in lower-case hex. Ends it. Empty when it
    /// has more bytes than that: some files never end.
    std::optional<std::string> finish(std::uint64_t most);

private:
    int_type underflow() override;

    struct digest;
    std::istream& from_;
    std::unique_ptr<digest> digest_;
    std::vector<char> buffer_;
    std::uint64_t size_ = 0;
};

/// @throws usage_error unless the texts are the same SHA-256, whose digits may be of either case.
void check_sha256(std::string const& found, std::string const& expected);

}  // namespace cfes
