// One client's socket: frames in, frames out, descriptors, and noticing that the client is gone.
//
// Event loop's thread only. Knows framing and flow control, nothing of requests. Reading stops
// while its owner takes no frames, so a client that does not read its replies, or sends more than
// it may, is slowed down by its own socket.
#pragma once

#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/outbox.hpp"
#include "base/unique_fd.hpp"
#include "base/watched_fd.hpp"
#include "manager/clients/loop_turns.hpp"
#include "manager/clients/minimum_rate.hpp"
#include "manager/clients/passed_fd.hpp"
#include "manager/memory/client_quota.hpp"
#include "manager/memory/payload_budget.hpp"
#include "manager/memory/slab_pool.hpp"
#include "wire/frame.hpp"

namespace npu::manager {

// A complete frame with what belongs to it.
struct InFrame {
  wire::Buffer payload;
  RegionPtr slab;              // where the payload lies, if in a slab
  PayloadBudget::Share share;  // held until the frame's bytes are not needed any more
};

// Whose connection it is, and the place that it has among all.
struct Admission {
  ClientQuota::Client client;
  ClientQuota::Hold place;
};

// A descriptor that came along with a message.
struct CountedFd {
  PassedFd fd;
  ClientQuota::Hold hold;
};

class Connection final : private LoopTurns::Taker {
 public:
  // Who has the connection as a part of itself, and whose the frames are.
  class Owner {
   public:
    // Holds the owner, and its connection with it, while the loop has something to tell it.
    virtual std::shared_ptr<void> keep_alive() = 0;
    virtual bool ready_for_frame() const = 0;
    virtual bool idle() const = 0;  // nothing asked for is still to be answered
    virtual void on_frame(InFrame frame) = 0;
    // A frame that cannot be received: kTooLarge, kOverloaded.
    virtual void on_unreceivable(const Error& error) = 0;
    // The connection has closed; called once, by finish_close().
    virtual void on_closed() = 0;
    // Called at the end of every turn of the event loop in which something was handled.
    virtual void on_settled() = 0;
    // Asks for finish_close() or resume() at the end of this turn, when no call is under way.
    virtual void attend_later() = 0;

   protected:
    ~Owner() = default;
  };
  // What all connections have in common.
  struct Shared {
    SlabPool& slabs;
    PayloadBudget& budget;
    LoopTurns& turns;
    const Clock& clock;
  };
  Connection(Owner& owner, WatchedFd socket, Admission admission, std::size_t max_message,
             Shared shared);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start();
  // Goes on taking frames in its turns; to be called when ready_for_frame() may have become true.
  void resume();
  bool is_open() const { return open_; }
  // Frees what an idle connection does not need; closes one that holds up others.
  void tidy(Duration write_timeout, bool memory_wanted);
  const ClientQuota::Client& client() const { return client_; }
  // Since when nothing has been asked, answered or sent; the far future where something is under
  // way.
  SteadyTime idle_since() const;
  std::size_t unsent_bytes() const { return outbox_.pending_bytes(); }
  // True where its client, which has replies to read, has read some lately.
  bool is_being_read() const;
  // True where something that the client has sent is still to be received.
  bool has_unreceived();
  // Closes. why: for the log; lives for ever.
  void close(std::string_view why);

  // Ends what close() began, at the end of a turn.
  void finish_close();

  // Large frames are received into slabs from now on.
  void receive_into_slabs() { into_slabs_ = true; }
  // What came with this frame. Fails as ClientQuota does where it was over what the client may
  // hold.
  std::optional<Result<CountedFd>> take_fd();
  void send(OutMessage message);
  void close_when_sent();
  // Runs what this client has brought about. Where memory is short for it, the client goes.
  template <class Work>
  void guarded(Work&& work) {
    try {
      work();
    } catch (const std::bad_alloc&) {
      close("no memory is left for it");
    }
  }
  std::string_view close_reason() const { return close_reason_; }
  // For work that goes on behind the connection's end: whoever keeps it counts as a connection.
  std::shared_ptr<void> place() const { return place_; }

 private:
  wire::Buffer make_buffer(std::size_t bytes);
  std::unique_ptr<wire::FrameReader> new_reader();
  void arm_read();
  void arm_write();
  void ask_for_turn();
  void take_turn() override;
  bool has_turn();
  void watch_for_hangup();
  void on_readable();
  void on_writable();
  void end_of_stream();
  void pump();
  bool take_frames();
  void keep(PassedFd fd);
  void check_claims();
  void count_unread();

  Owner& owner_;
  ClientQuota::Client client_;
  std::shared_ptr<ClientQuota::Hold> place_;
  ClientQuota::Hold unread_;
  WatchedFd socket_;
  std::size_t max_message_;
  Shared shared_;
  std::unique_ptr<wire::FrameReader> reader_;
  Outbox outbox_;
  std::vector<Result<CountedFd>> fds_;
  // Of frames being received or complete, in order: all but the payload, which the reader has.
  std::vector<InFrame> large_;
  SteadyTime last_used_{};
  std::optional<SteadyTime> last_read_;  // by the client, of what waits
  std::size_t received_ = 0;
  MinimumRate sending_;  // of the client, a large message
  MinimumRate reading_;  // of the client, its replies
  bool into_slabs_ = false;
  bool open_ = true;
  bool closing_ = false;  // no more frames; closes when everything is sent
  bool closed_told_ = false;
  bool eof_ = false;
  bool read_armed_ = false;
  bool write_armed_ = false;
  bool readable_ = false;  // to be read, or written to, in its next turn
  bool writable_ = false;
  bool waits_for_turn_ = false;
  bool pumping_ = false;
  bool waits_for_memory_ = false;
  bool waits_for_closing_ = false;  // of descriptors that its user passed, until the next look
  std::string_view close_reason_;
};

}  // namespace npu::manager
