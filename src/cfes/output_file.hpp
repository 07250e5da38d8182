#pragma once

#include <memory>
#include <ostream>
#include <streambuf>
#include <string>
#include <vector>

namespace cfes {

/// Writes to a descriptor of its own.
class descriptor_buffer final : public std::streambuf {
public:
    /// Takes the descriptor over.
    explicit descriptor_buffer(int descriptor);
    ~descriptor_buffer() override;
    descriptor_buffer(descriptor_buffer const&) = delete;
    descriptor_buffer& operator=(descriptor_buffer const&) = delete;

    /// Writes the rest; the `errno` of what failed first, 0 when all is written.
    int close();

private:
    int_type overflow(int_type c) override;
    int sync() override;
    bool write_out();

    int descriptor_;
    int error_ = 0;
    std::vector<char> buffer_;
};

/// A file of results. One that is there is replaced as a whole: what stood in it stays until the
/// new text is complete. It keeps its mode, its group and, where the process may set it, its owner;
/// a link to it stays one. A new file is for its owner only. What is not a regular file, as a pipe
/// or a device, is opened as it is, and a descriptor of the process (`/dev/stdout`, `/dev/fd/N`) is
/// written to itself.
class output_file {
public:
    /// @throws usage_error, naming the option, when it cannot be written, or is the input.
    output_file(std::string const& option, std::string const& path, std::string const& input);
    ~output_file();
    output_file(output_file const&) = delete;
    output_file& operator=(output_file const&) = delete;

    std::ostream& stream() { return stream_; }
    /// Whether both replace the same file.
    bool is_same(output_file const& other) const;
    /// False, with a complaint, when it cannot be written.
    bool finish();

private:
    int open(std::string const& path);

    std::string name_;     ///< as it was given
    std::string path_;     ///< what is replaced; empty when it is written as it is
    std::string written_;  ///< beside it, until it takes its place
    std::unique_ptr<descriptor_buffer> buffer_;
    std::ostream stream_{nullptr};
};

}  // namespace cfes
