// One connection's side of the protocol, without any I/O: what was granted, which regions are
// registered, and the translation between requests, replies and frames. Shared by the blocking and
// the asynchronous client.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/json.hpp>

#include <npu/client_types.hpp>

#include "base/clock.hpp"
#include "client/arena.hpp"
#include "client/out_frame.hpp"
#include "client/request.hpp"
#include "wire/frame.hpp"

namespace npu::client {

// The number of the hello among a connection's requests.
inline constexpr std::uint64_t kGreeting = 0;

// A request with its tensors where this connection wants them.
struct Prepared {
  std::vector<InferInput::TensorField> tensors;
  std::shared_ptr<Block> output;  // null: the result comes back in the reply
};

struct Incoming {
  enum class Kind {
    kReply,
    kEvent,
    kNotice,  // what the manager says without having been asked
    kOrphan,  // else without a request_id: a complaint about the connection
  };
  Kind kind = Kind::kReply;
  std::uint64_t id = 0;
  boost::json::object body;
  wire::Buffer payload;  // what tail points into
  std::span<std::byte> tail;
};

class Session {
 public:
  // memory: for received messages and what is decoded from them.
  explicit Session(const ClientOptions& options, wire::BufferSource memory = wire::heap_buffer);

  // ---- the first exchange ----
  // The frame that opens the connection, or nullopt where the options say version 1.
  // events: which notices to ask for.
  std::optional<OutFrame> hello(std::initializer_list<std::string_view> events = {}) const;
  // Takes the reply. A manager that does not know hello is one of version 1. Fails with what the
  // manager answered.
  Status accept_hello(const boost::json::object& reply);
  const ServerInfo& server() const { return server_; }

  // ---- regions ----
  // Copies tensors into shared memory where that was granted, and reserves room for the result.
  // output_bytes: expected size of the result, 0 for none.
  Prepared prepare(const Request& request, Arena& arena, std::size_t output_bytes) const;
  // A region that the request needs and that the manager has not been told of.
  std::shared_ptr<Region> unregistered(const Prepared& prepared) const;
  OutFrame register_region(std::uint64_t id, const Region& region) const;
  // The reply to that. A refused region is not asked for again: its tensors are sent.
  void region_answered(const Region& region, const boost::json::object& reply);

  // ---- requests and replies ----
  // deadline: is told to the manager as the time that is left.
  // Fails with kTooLarge over the limit of either side.
  Result<OutFrame> encode(const Request& request, const Prepared& prepared, std::uint64_t id,
                          SteadyTime now, SteadyTime deadline) const;
  OutFrame cancel(std::uint64_t id, std::uint64_t target) const;

  Result<Incoming> decode(wire::Buffer payload) const;
  // The result of an infer. output: the block that was reserved for it. kMalformed where it is not
  // what the protocol says.
  Result<InferResult> result_of(Incoming reply, const std::shared_ptr<Block>& output) const;

 private:
  std::optional<std::int64_t> number_of(const Region& region) const;
  // The frame, not sealed yet, of a request whose tensors at tail places travel as base64.
  std::string base64_frame(const boost::json::object& body,
                           const std::vector<ClientTensor>& tensors) const;
  boost::json::object place(const ClientTensor& tensor, std::vector<ClientTensor>& tail,
                            std::size_t& tail_bytes) const;

  const ClientOptions options_;
  const wire::BufferSource memory_;
  ServerInfo server_;
  wire::Layout layout_ = wire::Layout::kJson;  // of frames at this moment, in both directions
  // By Region::id; nullopt: refused.
  std::unordered_map<std::uint64_t, std::optional<std::int64_t>> regions_;
};

// Bytes that a reservation for these tensors takes.
std::size_t reserved_bytes(const std::vector<ClientTensor>& tensors);

}  // namespace npu::client
