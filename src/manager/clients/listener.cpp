#include "manager/clients/listener.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/descriptors.hpp"
#include "base/log.hpp"
#include "manager/clients/passed_fd.hpp"

namespace npu::manager {
namespace {

constexpr int kAcceptsPerTurn = 16;
constexpr std::size_t kLeastClosing = 16;
constexpr std::chrono::milliseconds kUntilSomeAreClosed{2};
constexpr std::chrono::milliseconds kUntilItWorks{200};

std::string error_text(int error) { return std::generic_category().message(error); }

// Of accept(2): there is somebody, and nothing to have him with.
bool is_shortage(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

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
                   Events events)
    : socket_(io, socket.release()),
      pause_(io),
      unlink_path_(std::move(unlink_path)),
      events_(std::move(events)),
      most_closing_(std::max(kLeastClosing, descriptor_limit() / 16)) {
  socket_.non_blocking(true);
  spare_.open();
  arm();
}

Listener::~Listener() { close(); }

void Listener::close() {
  if (!socket_.is_open()) return;
  // Those who wait to be accepted are closed with it, with all that they have sent.
  close_listening(UniqueFd(socket_.release()));
  pause_.cancel();
  if (!unlink_path_.empty()) ::unlink(unlink_path_.c_str());
}

void Listener::arm() {
  socket_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                     [this](const boost::system::error_code& error) {
                       if (!error) accept_some();
                     });
}

// True where somebody has gone. Else the newcomer stays in the backlog meanwhile.
bool Listener::out_of_descriptors(int error) {
  if (no_descriptors_.begins(std::chrono::steady_clock::now())) {
    log::warning(
        "cannot accept a client: {} ({} descriptors are allowed); those that are idle for longest "
        "give way, others are turned away",
        error_text(error), descriptor_limit());
  }
  return events_.make_room() || spare_.turn_away(socket_.native_handle(), events_.turn_away);
}

void Listener::accept_some() {
  for (int i = 0; i < kAcceptsPerTurn && socket_.is_open(); ++i) {
    if (connections_closing() >= most_closing_) return accept_later(kUntilSomeAreClosed);
    UniqueFd client(
        ::accept4(socket_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (client) {
      events_.accepted(std::move(client));
      continue;
    }
    const int why = errno;
    if (why == EINTR || why == ECONNABORTED || why == EPERM) continue;
    // One that somebody who shares it has shut down is readable for ever and has nobody.
    const bool works = why == EAGAIN && poll_now(socket_.native_handle(), 0) == 0;
    if (works) break;
    if (!is_shortage(why)) {
      if (failing_.begins(std::chrono::steady_clock::now())) {
        log::error("cannot accept a client: {}",
                   why == EAGAIN ? "the socket was shut down" : error_text(why));
      }
      return accept_later(kUntilItWorks);
    }
    // Without a descriptor accept() fails whether somebody waits or not.
    if (poll_now(socket_.native_handle(), POLLIN) == 0) break;
    if (out_of_descriptors(why)) continue;
    return accept_later(kUntilItWorks);
  }
  if (socket_.is_open()) arm();
}

void Listener::accept_later(std::chrono::milliseconds pause) {
  pause_.expires_after(pause);
  pause_.async_wait([this](const boost::system::error_code& error) {
    if (!error) arm();
  });
}

}  // namespace npu::manager
