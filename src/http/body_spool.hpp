// Where request bodies lie that are too large for memory: files without names in one folder, which
// are gone when their request is, whatever becomes of the process.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <npu/result.hpp>

#include "base/unique_fd.hpp"
#include "http/body.hpp"
#include "http/file_closer.hpp"

namespace npu::http {

struct BodySpoolOptions {
  std::string folder;  // "": the service's state folder where systemd gave one, else /var/tmp
  std::size_t over = std::size_t{1} << 20;  // bytes of a body that may stay in memory
};

// Thread safe.
class BodySpool {
 public:
  // A write beyond a limit of file size then fails in place of ending the process (SIGXFSZ).
  explicit BodySpool(BodySpoolOptions options);

  std::size_t over() const { return options_.over; }
  const std::string& folder() const { return options_.folder; }
  // Who closes its files. Outlives this where a body does.
  const std::shared_ptr<FileCloser>& closer() const { return closer_; }
  // Both block. kDoesNotFit: the disk is full; kUnavailable: it does not work; both are logged.
  Result<UniqueFd> create() const;
  Status write(int file, std::string_view bytes) const;

 private:
  BodySpoolOptions options_;
  std::shared_ptr<FileCloser> closer_ = std::make_shared<FileCloser>();
};

// One body on its way into a file.
class BodyFile {
 public:
  BodyFile() = default;
  ~BodyFile() { drop(); }
  BodyFile(const BodyFile&) = delete;
  BodyFile& operator=(const BodyFile&) = delete;

  // Makes the file if there is none yet. Blocks.
  Status append(const BodySpool& spool, std::string_view bytes);
  std::size_t size() const { return size_; }
  // The body; this is empty again.
  Result<Body> finish();
  void drop();

 private:
  UniqueFd file_;
  std::shared_ptr<FileCloser> closer_;
  std::size_t size_ = 0;
};

}  // namespace npu::http
