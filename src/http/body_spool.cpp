#include "http/body_spool.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/log.hpp"
#include "base/write_all.hpp"

namespace npu::http {
namespace {

constexpr mode_t kOwnerOnly = 0600;

std::string default_folder() {
  const char* given = std::getenv("STATE_DIRECTORY");
  const std::string_view folders = given != nullptr ? given : "";
  if (folders.empty()) return "/var/tmp";
  return std::string(folders.substr(0, folders.find(':')));
}

tl::unexpected<Error> failed(std::string_view what, const std::string& folder, int error) {
  log::warning("cannot {} a request body in {}: {}", what, folder, std::strerror(error));
  return fail(disk_error(error));
}

// Of a file system without O_TMPFILE, as overlayfs has been.
int create_and_unlink(const std::string& folder) {
  std::string path = folder + "/.body-XXXXXX";
  const int file = ::mkostemp(path.data(), O_CLOEXEC);
  if (file >= 0) ::unlink(path.c_str());
  return file;
}

}  // namespace

BodySpool::BodySpool(BodySpoolOptions options) : options_(std::move(options)) {
  if (options_.folder.empty()) options_.folder = default_folder();
  std::signal(SIGXFSZ, SIG_IGN);
}

Result<UniqueFd> BodySpool::create() const {
  UniqueFd file(
      ::open(options_.folder.c_str(), O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, kOwnerOnly));
  if (!file && (errno == EOPNOTSUPP || errno == EISDIR)) {
    file.reset(create_and_unlink(options_.folder));
  }
  if (!file) return failed("make a file for", options_.folder, errno);
  return file;
}

Status BodySpool::write(int file, std::string_view bytes) const {
  const int why = write_all(file, bytes);
  return why == 0 ? Status() : failed("store", options_.folder, why);
}

Status BodyFile::append(const BodySpool& spool, std::string_view bytes) {
  if (bytes.empty()) return {};
  if (!file_) {
    auto file = spool.create();
    if (!file) return fail(file.error());
    file_ = std::move(*file);
    closer_ = spool.closer();
  }
  const Status written = spool.write(file_.get(), bytes);
  if (written) size_ += bytes.size();
  return written;
}

Result<Body> BodyFile::finish() {
  return Body::map(std::move(file_), std::exchange(size_, 0), std::move(closer_));
}

void BodyFile::drop() {
  if (closer_ != nullptr) closer_->close(std::move(file_));
  closer_.reset();
  size_ = 0;
}

}  // namespace npu::http
