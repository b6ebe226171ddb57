// The calls of BlockingDeviceClient: turns, connecting, repeating.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <variant>

#include <npu/client_types.hpp>

#include "client/allocate.hpp"
#include "client/arena.hpp"
#include "client/blocking_link.hpp"
#include "client/reply.hpp"
#include "client/request.hpp"

namespace npu::client {

// Thread safe.
class BlockingCore {
 public:
  explicit BlockingCore(ClientOptions options);

  Arena& arena() { return arena_; }
  Result<ServerInfo> connect(const CallOptions& options);
  Result<Reply> run(const Request& request, const BlockingLink::OnEvent& on_event = {});
  void close();

 private:
  using Failure = BlockingLink::Failure;

  // Whoever holds it is alone with link_ and sizes_.
  class Turn {
   public:
    explicit Turn(BlockingCore& core) : core_(&core) {}
    Turn(Turn&& other) noexcept : core_(std::exchange(other.core_, nullptr)) {}
    ~Turn();

   private:
    BlockingCore* core_;
  };

  Limits limits_of(const CallOptions& options) const;
  Result<Turn> take_turn(const Limits& limits);
  Status ensure_connected(const Limits& limits);
  // The request's reply and the room that was reserved for its result.
  struct Answer {
    Incoming reply;
    std::shared_ptr<Block> output;
  };
  std::variant<Answer, Failure> attempt(const Request& request, std::size_t output_bytes,
                                        const Limits& limits,
                                        const BlockingLink::OnEvent& on_event);
  Result<Reply> finish(const Request& request, Answer answer);

  const ClientOptions options_;
  const std::string socket_path_;
  Arena arena_;
  const wire::BufferSource memory_ = reused_memory();
  std::mutex mutex_;
  std::condition_variable_any turned_;
  bool taken_ = false;
  std::unique_ptr<BlockingLink> link_;
  OutputSizes sizes_;
};

}  // namespace npu::client
