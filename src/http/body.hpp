// The body of a request: in memory, or in a file without a name that is mapped to be read.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <npu/result.hpp>

#include "base/unique_fd.hpp"

namespace npu::http {

class FileCloser;

// Move-only. A view of it is valid until it is moved, assigned to or destroyed.
class Body {
 public:
  Body() = default;
  Body(std::string text) : text_(std::move(text)) {}  // NOLINT(google-explicit-constructor)
  // The first `size` bytes of a file that nobody else can shorten. Fails with kOverloaded where
  // there is no address space for it.
  //   closer   gets the file at the end; nullptr: it is closed where the body ends
  static Result<Body> map(UniqueFd file, std::size_t size,
                          std::shared_ptr<FileCloser> closer = nullptr);
  Body(Body&& other) noexcept { *this = std::move(other); }
  Body& operator=(Body&& other) noexcept;
  ~Body() { give_back(); }

  std::string_view view() const;
  operator std::string_view() const { return view(); }  // NOLINT(google-explicit-constructor)
  std::size_t size() const { return view().size(); }
  bool empty() const { return view().empty(); }
  // For what reads files rather than memory: a descriptor that the body keeps, -1 where it is in
  // memory. What view() shows begins at its offset 0.
  int file() const { return file_.get(); }

  // Writes over its bytes from `at` on, which its views show then: for who has read them and puts
  // something shorter there. Blocks where it is in a file, and may fail there: kDoesNotFit (a file
  // system that copies what is written to), kUnavailable. kInvalidArgument beyond its end.
  Status overwrite(std::size_t at, std::string_view bytes);

 private:
  void give_back() noexcept;

  std::string text_;
  UniqueFd file_;
  std::shared_ptr<FileCloser> closer_;
  const char* mapped_ = nullptr;
  std::size_t mapped_bytes_ = 0;
};

// What its client is told where a body cannot be written, by errno.
Error disk_error(int error);

}  // namespace npu::http
