#include "services/detect/frigate/zmq_router.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <zmq.hpp>
#include <zmq_addon.hpp>

namespace npu::detect::frigate {
namespace asio = boost::asio;
namespace {

constexpr std::string_view kIpc = "ipc://";
constexpr std::string_view kTcp = "tcp://";
// A REQ socket has one message under way; what a peer of another kind sends ahead waits with it.
constexpr int kMessagesOfAPeer = 2;
// Small; those for a peer that does not read are dropped.
constexpr int kAnswersOfAPeer = 64;
// After so many others have the event loop.
constexpr int kMessagesAtOnce = 16;

class ReceivedMessage final : public ZmqMessage {
 public:
  explicit ReceivedMessage(std::vector<zmq::message_t> parts)
      : peer_(parts.at(0).to_string()), parts_(std::move(parts)) {}

  const std::string& peer() const override { return peer_; }
  std::vector<std::string_view> parts() const override {
    const std::size_t first = parts_.size() > 1 && parts_[1].empty() ? 2 : 1;
    std::vector<std::string_view> views;
    for (std::size_t i = first; i < parts_.size(); ++i) views.push_back(parts_[i].to_string_view());
    return views;
  }

 private:
  std::string peer_;
  std::vector<zmq::message_t> parts_;
};

class Router final : public ZmqRouter {
 public:
  explicit Router(const asio::any_io_executor& executor)
      : socket_(context_, zmq::socket_type::router), events_(executor) {
    socket_.set(zmq::sockopt::linger, 0);
    socket_.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(kMaxPartBytes));
    socket_.set(zmq::sockopt::rcvhwm, kMessagesOfAPeer);
    socket_.set(zmq::sockopt::sndhwm, kAnswersOfAPeer);
  }
  ~Router() override {
    if (events_.is_open()) events_.release();  // the socket's own
  }
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  void bind(const std::string& endpoint) {
    socket_.bind(endpoint);
    events_.assign(socket_.get(zmq::sockopt::fd));
  }

  std::string endpoint() const override { return socket_.get(zmq::sockopt::last_endpoint); }

  asio::awaitable<void> run(
      std::function<void(std::shared_ptr<const ZmqMessage>)> on_message) override {
    for (;;) {
      for (int i = 0; i < kMessagesAtOnce && readable(); ++i) {
        std::vector<zmq::message_t> parts;
        if (!zmq::recv_multipart(socket_, std::back_inserter(parts), zmq::recv_flags::dontwait)) {
          continue;
        }
        if (parts.size() > 1) on_message(std::make_shared<ReceivedMessage>(std::move(parts)));
      }
      if (readable()) {
        co_await asio::post(asio::use_awaitable);
        continue;
      }
      // The descriptor tells of changes only: each look at the events, in send() too, uses one up.
      (void)co_await events_.async_wait(asio::posix::descriptor_base::wait_read,
                                        asio::as_tuple(asio::use_awaitable));
    }
  }

  void send(std::string_view peer, std::string_view part) override {
    put(peer, part);
    // What arrived meanwhile is seen by run().
    if (readable()) events_.cancel();
  }

 private:
  void put(std::string_view peer, std::string_view part) {
    using zmq::send_flags;
    constexpr auto kMore = send_flags::sndmore | send_flags::dontwait;
    try {
      if (!socket_.send(zmq::buffer(peer), kMore)) return;
      (void)socket_.send(zmq::buffer(std::string_view()), kMore);
      (void)socket_.send(zmq::buffer(part), send_flags::dontwait);
    } catch (const zmq::error_t&) {
      return;  // the peer cannot be reached
    }
  }

  bool readable() {
    return (socket_.get(zmq::sockopt::events) & static_cast<int>(ZMQ_POLLIN)) != 0;
  }

  zmq::context_t context_;
  zmq::socket_t socket_;
  asio::posix::stream_descriptor events_;
};

// ZeroMQ removes whatever lies where it binds.
Status check_path(std::string_view path) {
  if (!path.starts_with('/')) {
    return fail(ErrorCode::kInvalidArgument, "the path of an ipc:// endpoint must be absolute");
  }
  struct stat there{};
  if (::lstat(std::string(path).c_str(), &there) == 0 && !S_ISSOCK(there.st_mode)) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} is there and no socket", path));
  }
  return {};
}

ErrorCode code_of(int error) {
  switch (error) {
    case EACCES: return ErrorCode::kPermission;
    case EINVAL:
    case EPROTONOSUPPORT:
    case ENODEV: return ErrorCode::kInvalidArgument;
    default: return ErrorCode::kUnavailable;
  }
}

}  // namespace

Result<std::unique_ptr<ZmqRouter>> ZmqRouter::bind(const asio::any_io_executor& executor,
                                                   const std::string& endpoint) {
  if (endpoint.starts_with(kIpc)) {
    if (auto ok = check_path(std::string_view(endpoint).substr(kIpc.size())); !ok) {
      return fail(ok.error());
    }
  } else if (!endpoint.starts_with(kTcp)) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("the endpoint must be ipc:///path or tcp://address:port, it is {}", endpoint));
  }
  try {
    auto router = std::make_unique<Router>(executor);
    router->bind(endpoint);
    return router;
  } catch (const zmq::error_t& error) {
    return fail(code_of(error.num()), fmt::format("cannot bind {}: {}", endpoint, error.what()));
  }
}

}  // namespace npu::detect::frigate
