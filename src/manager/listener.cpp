#include "manager/listener.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/log.hpp"

namespace npu::manager {
namespace {

constexpr int kAcceptsPerTurn = 16;

std::string error_text(int error) { return std::generic_category().message(error); }

Status make_folder(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (folder.empty() || std::filesystem::is_directory(folder, error)) return {};
  if (!std::filesystem::create_directories(folder, error)) {
    return fail(ErrorCode::kPermission,
                fmt::format("cannot make the folder {}: {}", folder.string(), error.message()));
  }
  ::chmod(folder.c_str(), 0755);
  return {};
}

}  // namespace

Result<SocketLock> SocketLock::take(const std::string& path) {
  if (auto made = make_folder(path); !made) return fail(made.error());
  const std::string name = path + ".lock";
  UniqueFd fd(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) {
    return fail(ErrorCode::kPermission, fmt::format("cannot open {}: {}", name, error_text(errno)));
  }
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0 || unix_connect(path)) {
    return fail(ErrorCode::kBusy,
                fmt::format("another device manager is already serving {}", path));
  }
  return SocketLock(std::move(fd));
}

Result<UniqueFd> activated_socket() {
  const int count = ::sd_listen_fds(1);
  if (count <= 0) return UniqueFd();
  const int fd = SD_LISTEN_FDS_START;
  if (count != 1 || ::sd_is_socket(fd, AF_UNIX, SOCK_STREAM, 1) <= 0) {
    return fail(ErrorCode::kInvalidArgument,
                "socket activation must pass exactly one listening Unix stream socket");
  }
  return UniqueFd(fd);
}

Listener::Listener(boost::asio::io_context& io, UniqueFd socket, std::string unlink_path,
                   Accepted accepted)
    : socket_(io, socket.release()),
      pause_(io),
      unlink_path_(std::move(unlink_path)),
      accepted_(std::move(accepted)) {
  socket_.non_blocking(true);
  arm();
}

Listener::~Listener() { close(); }

void Listener::close() {
  if (!socket_.is_open()) return;
  boost::system::error_code ignored;
  socket_.close(ignored);
  pause_.cancel();
  if (!unlink_path_.empty()) ::unlink(unlink_path_.c_str());
}

void Listener::arm() {
  socket_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                     [this](const boost::system::error_code& error) {
                       if (!error) accept_some();
                     });
}

void Listener::accept_some() {
  for (int i = 0; i < kAcceptsPerTurn && socket_.is_open(); ++i) {
    UniqueFd client(
        ::accept4(socket_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (client) {
      accepted_(std::move(client));
      continue;
    }
    if (errno == EINTR || errno == ECONNABORTED) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) break;
    // Out of descriptors or memory: the client stays in the backlog meanwhile.
    log::error("cannot accept a client: {}", error_text(errno));
    pause_.expires_after(std::chrono::milliseconds(200));
    pause_.async_wait([this](const boost::system::error_code& error) {
      if (!error) arm();
    });
    return;
  }
  if (socket_.is_open()) arm();
}

}  // namespace npu::manager
