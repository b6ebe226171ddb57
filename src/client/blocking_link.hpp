// A connection that the calling thread itself drives.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <variant>

#include <npu/client_types.hpp>

#include "base/clock.hpp"
#include "base/unique_fd.hpp"
#include "client/out_frame.hpp"
#include "client/session.hpp"
#include "wire/frame.hpp"

namespace npu::client {

// Until when, and by whom, a wait may be ended.
struct Limits {
  SteadyTime deadline;
  std::stop_token stop;
};

// Not thread safe.
class BlockingLink {
 public:
  // How an exchange failed. lost: the connection is gone. sent: the manager may have the request.
  struct Failure {
    Error error;
    bool lost = false;
    bool sent = false;
  };
  using OnEvent = std::function<bool(const boost::json::object&)>;

  // Takes a connected, non-blocking socket. memory: for what it receives.
  BlockingLink(UniqueFd socket, const ClientOptions& options, Arena& arena,
               const wire::BufferSource& memory);
  // Retires the regions that the manager may still write to.
  ~BlockingLink();

  // The first exchange; the link is of no use after a failure.
  std::optional<Failure> greet(const Limits& limits);

  Session& session() { return session_; }
  std::uint64_t next_id() { return next_id_++; }
  bool open() const { return static_cast<bool>(socket_); }

  // Sends the frame and waits for the reply with this id. Where the wait ends early, `kept` stays
  // alive until the manager has answered after all.
  std::variant<Incoming, Failure> exchange(OutFrame frame, std::uint64_t id, const Limits& limits,
                                           const OnEvent& on_event = {},
                                           std::shared_ptr<Block> kept = nullptr);

 private:
  enum class Wake { kReady, kDeadline, kStopped };

  Wake wait(short events, const Limits& limits, int interrupt) const;
  // Nothing: the message was not what the exchange waits for.
  using Taken = std::variant<std::monostate, Incoming, Failure>;

  std::variant<Incoming, Failure> drive(OutFrame& frame, std::uint64_t id, const Limits& limits,
                                        const OnEvent& on_event,
                                        const std::shared_ptr<Block>& kept);
  Taken take(wire::Buffer payload, std::uint64_t id, bool sent);
  Failure close(Error error, bool lost, bool sent);
  Failure abandon(ErrorCode why, const OutFrame& frame, std::uint64_t id,
                  std::shared_ptr<Block> kept);
  std::optional<Error> parting_words();

  UniqueFd socket_;
  Arena& arena_;
  Session session_;
  wire::FrameReader reader_;
  std::uint64_t next_id_ = 1;
  std::map<std::uint64_t, std::shared_ptr<Block>> abandoned_;
};

}  // namespace npu::client
